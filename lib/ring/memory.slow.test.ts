import { describe, expect, test } from "vitest";
import { BigIntRing, keep, type RingVector, ring64, scope, vectorsOf } from ".";
import { collectGarbage } from "./wasm/collect";
import { Engine } from "./wasm/engine";
import { Storage } from "./wasm/storage";
import { WasmRing } from "./wasm/wasm-ring";

const MIB = 2 ** 20;

/** Make a ring with its own memory, so that a test can count the bytes in use. */
function separate(): { ring: WasmRing; engine: Engine } {
  const engine = new Engine(true);
  const storage = new Storage(engine);
  return { ring: new WasmRing(64, () => storage), engine };
}

const isDisposed = (x: RingVector): boolean => {
  try {
    x.ring.toBytes(x);
    return false;
  } catch (error) {
    expect((error as Error).message).toMatch(/disposed of/);
    return true;
  }
};

describe("scope", () => {
  test("frees every vector made in it except those it returns", () => {
    const before = ring64.full(2, 7n);
    let temporary: RingVector | undefined;
    const kept = scope(() => {
      temporary = ring64.add(before, before);
      return ring64.add(temporary, before);
    });
    expect(isDisposed(temporary!)).toBe(true);
    expect(ring64.toBigInts(kept)).toEqual([21n, 21n]);
    expect(isDisposed(before)).toBe(false);
  });

  test("finds returned vectors in arrays, maps, plain objects and objects with [vectorsOf]", () => {
    class Pair {
      readonly parts = [ring64.zeros(1), ring64.zeros(1)];
      [vectorsOf](): Iterable<RingVector> {
        return this.parts;
      }
    }
    const found = scope(() => {
      const x = ring64.zeros(1);
      const circle: { x: RingVector; self?: unknown } = { x };
      circle.self = circle;
      return {
        list: [ring64.zeros(1), [x]],
        map: new Map([["a", ring64.zeros(1)]]),
        own: new Pair(),
        circle,
      };
    });
    const all = [found.list[0], found.map.get("a"), found.circle.x, ...found.own.parts] as RingVector[];
    expect(all.map(isDisposed)).toEqual([false, false, false, false, false]);
  });

  test("passes vectors returned by an inner scope to the outer one", () => {
    let inner: RingVector | undefined;
    scope(() => {
      inner = scope(() => ring64.zeros(3));
      expect(isDisposed(inner)).toBe(false);
    });
    expect(isDisposed(inner!)).toBe(true);
  });

  test("frees all its vectors when it throws, and leaves the outer scope unchanged", () => {
    let lost: RingVector | undefined;
    scope(() => {
      const outer = ring64.zeros(1);
      expect(() =>
        scope(() => {
          lost = ring64.zeros(1);
          throw new Error("on purpose");
        }),
      ).toThrow("on purpose");
      expect([isDisposed(lost!), isDisposed(outer)]).toEqual([true, false]);
    });
  });

  test("keep() takes a vector out of every scope", () => {
    const kept: RingVector[] = [];
    scope(() => scope(() => void kept.push(keep(ring64.full(1, 5n)))));
    expect(ring64.toBigInts(kept[0]!)).toEqual([5n]);
  });

  test("rejects an asynchronous function, and works with every ring", () => {
    expect(() => scope(async () => ring64.zeros(1))).toThrow(TypeError);
    const ring = new BigIntRing(9);
    expect(ring.toBigInts(scope(() => ring.neg(ring.full(1, 1n))))).toEqual([511n]);
  });
});

describe("memory", () => {
  test("dispose() and scopes free all of it", () => {
    const { ring, engine } = separate();
    const x = ring.full(MIB / 8, 3n);
    const { used } = engine;
    for (let i = 0; i < 2000; i++) {
      ring.mul(x, x).dispose();
      scope(() => void ring.add(ring.mul(x, x), x));
    }
    expect(engine.used).toBe(used);
    expect(engine.capacity).toBeLessThan(8 * MIB);
  });

  test("garbage is collected within one turn of the event loop", () => {
    const { ring, engine } = separate();
    const x = ring.full(MIB / 8, 3n);
    for (let i = 0; i < 3000; i++) ring.add(x, x);
    expect(engine.capacity).toBeLessThan(700 * MIB);
  });

  test("finalizers free vectors that nobody disposed", async () => {
    const { ring, engine } = separate();
    const x = ring.zeros(1);
    const { used } = engine;
    for (let i = 0; i < 1000; i++) ring.full(8, 1n);
    for (let i = 0; i < 50 && engine.used > used; i++) {
      collectGarbage(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(engine.used).toBe(used);
    expect(ring.toBigInts(x)).toEqual([0n]);
  });

  test("holds 2 GB at once; a vector that does not fit throws and leaves the others intact", () => {
    const { ring, engine } = separate();
    const length = (32 * MIB) / 8;
    const live = Array.from({ length: 64 }, (_, i) => ring.full(length, BigInt(i)));
    expect(engine.used).toBeGreaterThanOrEqual(2048 * MIB);
    const { used } = engine;
    expect(() => ring.zeros((2048 * MIB) / 8)).toThrow(RangeError);
    expect(() => ring.zeros((2048 * MIB) / 8)).toThrow(
      /vector of 268435456 elements mod 2\^64 \(2048 MiB\) does not fit: \d+ MiB of at most 4096 MiB/,
    );
    expect(() => ring.zeros(2 ** 50)).toThrow(RangeError);
    // The operands fit but the result does not: 2^14 × 1 by 1 × 2^14 takes 2 GiB.
    const line = ring.full(2 ** 14, 1n);
    expect(() => ring.matmul(line, line, 2 ** 14, 1, 2 ** 14)).toThrow(RangeError);
    line.dispose();
    expect(engine.used).toBe(used);
    live.forEach((x, i) => {
      for (const place of [0, length - 1]) {
        const one = ring.slice(x, place, place + 1);
        expect(ring.toBigInts(one)).toEqual([BigInt(i)]);
        one.dispose();
      }
    });
    for (const x of live) x.dispose();
    // Freed neighbours are merged again, so one block of the whole size fits.
    ring.zeros((1920 * MIB) / 8).dispose();
  });
});
