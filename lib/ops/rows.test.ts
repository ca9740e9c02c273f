import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { createPair } from "../../test/support/pair";
import { ops, SharedVariable } from "..";
import type { DistributedInterface } from "../session/distributed-interface";
import { FloatTensor } from "../tensor/float-tensor";

/** Run at both parties; return the results. */
async function withPair<T>(run: (iface: DistributedInterface) => Promise<T>): Promise<T[]> {
  const pair = createPair();
  try {
    return await Promise.all(pair.map(run));
  } finally {
    await Promise.all(pair.map((iface) => iface.close()));
  }
}

const share = (iface: DistributedInterface, values: unknown) =>
  iface.input(0, iface.party === 0 ? (values as number[]) : undefined);

describe("a SharedVariable", () => {
  it("iterates over its rows", async () => {
    const results = await withPair(async (iface) => {
      const x = await share(iface, [
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      const [a, b] = x;
      const rows = [...x];
      const sum = rows.reduce((left, right) => left.add(right));
      let count = 0;
      for (const row of x) count += row.shape[0]!;
      expect([rows.length, count, a!.shape]).toEqual([3, 6, [2]]);
      return Promise.all([a!, b!, sum].map(async (each) => (await each.reveal()).toArray()));
    });
    expect(results[0]).toEqual([
      [1, 2],
      [3, 4],
      [9, 12],
    ]);
    expect(results[1]).toEqual(results[0]);
  });

  it("of one number has no rows", async () => {
    await withPair(async (iface) => {
      const x = await share(iface, 7);
      expect(() => [...x]).toThrow(TypeError);
      expect(() => [...x]).toThrow("a SharedVariable of one number has no rows to iterate over");
    });
  });

  it("is not indexed like an array, and has no length", async () => {
    await withPair(async (iface) => {
      const x = (await share(iface, [[1, 2]])) as Any;
      for (const wrong of [() => x[0], () => x[0][1], () => x["0"], () => x[-1], () => x[99]]) {
        expect(wrong).toThrow(TypeError);
        expect(wrong).toThrow(/^x\[-?\d+\] is not how to index a SharedVariable; write x\.at\(-?\d+\)/);
      }
      const assign = () => {
        x[0] = 1;
      };
      expect(assign).toThrow(TypeError);
      expect(assign).toThrow("x[0] = … cannot change a SharedVariable");
      expect(() => x[0]).toThrow("write x.at(0), or x.slice([from, to]) for a range");
      expect([x.length, x.then, x.nothing, "length" in x, 0 in x]).toEqual([
        undefined,
        undefined,
        undefined,
        false,
        false,
      ]);
    });
  });

  it("is awaited, spread, shown, tested and compared as before", async () => {
    await withPair(async (iface) => {
      const x = await share(iface, [[1, 2]]);
      expect(await x).toBe(x);
      expect([x instanceof SharedVariable, x instanceof Object]).toEqual([true, true]);
      expect(inspect(x)).toBe(`SharedVariable(1×2, party ${iface.party})`);
      expect(`${x}`).toBe(inspect(x));
      expect(JSON.parse(JSON.stringify(x))).toEqual({
        type: "SharedVariable",
        shape: [1, 2],
        fracBits: 16,
        party: iface.party,
      });
      expect(Object.keys({ ...x })).toContain("iface");
      expect(Object.hasOwn(x, "iface")).toBe(true);
      expect(Object.prototype.toString.call(x)).toBe("[object Object]");
      expect(Array.isArray(x)).toBe(false);
    });
  });

  it("has the sizes of its axes, from either end", async () => {
    await withPair(async (iface) => {
      const x = await share(iface, [[1, 2, 3]]);
      expect([x.size(), x.size(0), x.size(-1), x.size(-2)]).toEqual([[1, 3], 1, 3, 1]);
      expect(() => x.size(2)).toThrow(RangeError);
      expect(() => x.size(2)).toThrow("size: axis 2 is out of range for shape [1,3]; use -2 to 1");
    });
  });

  it("has methods that are found as fast as those of another class", async () => {
    await withPair(async (iface) => {
      const x = await share(iface, [[1, 2]]);
      class Plain {
        readonly tensor = x.tensor;
        get shape() {
          return this.tensor.shape;
        }
        detach() {
          return this;
        }
      }
      const plain = new Plain();
      const time = (each: { readonly shape: readonly number[]; detach(): unknown }) => {
        const start = process.hrtime.bigint();
        let found = 0;
        for (let i = 0; i < 300_000; i++) {
          if (each.detach !== undefined) found += each.shape.length;
        }
        expect(found).toBe(600_000);
        return Number(process.hrtime.bigint() - start);
      };
      const best = (each: Plain | SharedVariable) => Math.min(...Array.from({ length: 7 }, () => time(each)));
      best(plain);
      best(x);
      // A lookup that reached the trap would be a hundred times slower.
      expect(best(x)).toBeLessThan(10 * best(plain));
    });
  });

  it("has types that refuse an index, and rows of its own type", () => {
    const check = (x: SharedVariable) => {
      expectTypeOf(x[0]!).toEqualTypeOf<never>();
      expectTypeOf([...x]).toEqualTypeOf<SharedVariable[]>();
      // @ts-expect-error it has no length
      x.length;
      // @ts-expect-error it is not a list
      x[0] = x;
    };
    expect(check).toBeTypeOf("function");
  });
});

describe("plain tensors", () => {
  it("have the operations of the registry", () => {
    const x = new FloatTensor([[1, -2]]);
    expect(x.square().toArray()).toEqual([[1, 4]]);
    expect(x.pow(3).toArray()).toEqual([[1, -8]]);
    expect(x.sigmoid().shape).toEqual([1, 2]);
    for (const [name, op] of Object.entries(ops)) {
      const isMethod = name in SharedVariable.prototype;
      expect([name, name in FloatTensor.prototype, op.name]).toEqual([name, isMethod, name]);
    }
  });

  it("refuse a secret on their right, and surplus arguments", async () => {
    await withPair(async (iface) => {
      const secret = (await share(iface, [[1], [2]])) as Any;
      const w = new FloatTensor([[1, 2]]) as Any;
      expect(() => w.matmul(secret)).toThrow(TypeError);
      expect(() => w.matmul(secret)).toThrow(
        "a FloatTensor cannot take a secret on its right; write ops.matmul(w, x)",
      );
      expect(() => w.add(secret)).toThrow("write ops.add(w, x)");
      expect(() => w.where([1, 0], secret)).toThrow("write ops.where(w, x)");
      expect(() => w.where(secret, 0)).toThrow("write ops.where(w, x)");
      expect(() => w.squeeze(0, 1)).toThrow("squeeze takes axis; to drop several axes call it for each");
      expect(() => w.flip(0, 1)).toThrow("flip takes axes; for two axes write flip([0, 1])");
      expect(() => w.pow(secret)).toThrow("write ops.pow(w, x)");
    });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Any = any;
