import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomSeed } from "../../crypto/prg";
import { type Ring, type RingVector, ring64, ring128 } from "../../ring";
import { type Kind, partsOf } from "../kinds";
import { AUTHENTICATED, type Layout, PLAIN, type RawVector } from "../raw";
import { alphaOf, type Batch, correctionBytes, deal, expand } from "./deal";

const modes: [string, Layout, Ring][] = [
  ["without MACs", PLAIN, ring64],
  ["with MACs", AUTHENTICATED, ring128],
];

describe.each(modes)("what is dealt %s", (_, layout, ring) => {
  const vector = (bytes: Uint8Array) => ring.fromBytes(bytes, bytes.length / layout.value);
  const add = (x: Uint8Array, y: Uint8Array) => ring.add(vector(x), vector(y));

  /** Both parties' items, and what they share: each field, its MAC seen to be right. */
  function make(seeds: [Uint8Array, Uint8Array], batch: Batch) {
    const corrections = deal(batch, { layout, seeds });
    expect(corrections).toHaveLength(correctionBytes(batch, layout));
    const parts: [RawVector[], RawVector[]] = [
      expand(batch, layout, 0, seeds[0]),
      expand(batch, layout, 1, seeds[1], corrections),
    ];
    const alpha = alphaOf(seeds[0], layout) + alphaOf(seeds[1], layout);
    const opened = parts[0].map((mine, i) => {
      const value = add(mine.values, parts[1][i]!.values);
      if (layout.mac > 0)
        expect(ring.equals(ring.mulScalar(value, alpha), add(mine.macs, parts[1][i]!.macs))).toBe(true);
      return value;
    });
    return { parts, opened, corrections };
  }
  const seeds = (): [Uint8Array, Uint8Array] => [randomSeed(), randomSeed()];
  const low = (x: RingVector) => ring.toBigInts(x).map((value) => BigInt.asUintN(64, value));

  test("multiplies, squares and cuts, for any count and any start", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(1 << 20),
        fc.integer({ min: 1, max: 62 }),
        (count, start, f) => {
          const pair = seeds();
          const [a, b, c] = make(pair, { kind: "triple", count, start }).opened as RingVector[];
          expect(ring.equals(ring.mul(a!, b!), c!)).toBe(true);
          const [x, square] = make(pair, { kind: "square", count, start }).opened as RingVector[];
          expect(ring.equals(ring.mul(x!, x!), square!)).toBe(true);
          const [r, shifted, msb] = make(pair, { kind: `truncation ${f}`, count, start }).opened.map(low);
          expect(shifted).toEqual(r!.map((value) => value >> BigInt(f)));
          expect(msb).toEqual(r!.map((value) => value >> 63n));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("masks matrices once, whatever they are multiplied by", () => {
    const pair = seeds();
    const [x] = make(pair, { kind: "matrix 0 15", count: 1, start: 0 }).opened;
    const [y] = make(pair, { kind: "matrix 1 35", count: 1, start: 0 }).opened;
    const [z] = make(pair, { kind: "product 0 1 3 5 7 2", count: 1, start: 0 }).opened;
    expect(ring.equals(ring.matmul(x!, y!, 3, 5, 7), z!)).toBe(true);
    const [square] = make(pair, { kind: "product 0 0 3 5 3 3", count: 1, start: 0 }).opened;
    expect(ring.equals(ring.matmul(x!, x!, 3, 5, 3), square!)).toBe(true);
    const again = make(pair, { kind: "product 0 1 3 5 7 9", count: 1, start: 0 });
    expect(ring.equals(again.opened[0]!, z!)).toBe(true);
  });

  test("gives an input mask to one party alone", () => {
    for (const owner of [0, 1] as const) {
      const { parts } = make(seeds(), { kind: `input${owner}`, count: 9, start: 4 });
      expect(parts[1 - owner]![0]!.values.every((byte) => byte === 0)).toBe(true);
      expect(parts[owner][0]!.values.some((byte) => byte !== 0)).toBe(true);
    }
  });

  test("is the same when it is asked for again, and another for every other question", () => {
    const pair = seeds();
    const batch: Batch = { kind: "triple", count: 20, start: 40 };
    const first = make(pair, batch);
    expect(make(pair, batch)).toEqual(first);
    const others: Batch[] = [
      { ...batch, start: 60 },
      { ...batch, count: 19 },
      { ...batch, kind: "square" },
    ];
    const bytes = (items: readonly RawVector[]) =>
      Buffer.from(items[0]!.values.subarray(0, 8)).toString("hex");
    const seen = [batch, ...others].flatMap((asked) => make(pair, asked).parts.map(bytes));
    expect(new Set(seen).size).toBe(8);
  });

  test("tells party 1 nothing by its corrections: they are as uniform as what party 0 draws", () => {
    const { corrections } = make(seeds(), { kind: "triple", count: 20_000, start: 0 });
    const ones = corrections.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    const bits = corrections.length * 8;
    // Six standard deviations.
    expect(Math.abs(ones - bits / 2)).toBeLessThan(3 * Math.sqrt(bits));
  });

  test("is of dealt kinds only", () => {
    for (const kind of ["mask", "wrap"] as Kind[]) {
      expect(() => deal({ kind, count: 1, start: 0 }, { layout, seeds: seeds() })).toThrow("is not dealt");
    }
    for (const kind of ["nothing", "constructor"] as string[] as Kind[])
      expect(() => partsOf(kind)).toThrow(TypeError);
  });
});
