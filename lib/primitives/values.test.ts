import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { ownShare } from "../../test/support/own-share";
import { createPair, fast, withPair } from "../../test/support/pair";
import { SharedVariable } from "../autograd/shared-variable";
import { Variable } from "../autograd/variable";
import { CheckError, DesyncError } from "../errors";
import { use } from "../protocol/step";
import * as steps from "../protocol/steps/enter";
import { multiply } from "../protocol/steps/multiply";
import { ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { Lockstep } from "../session/lockstep/lockstep";
import { share } from "../sharing/share";
import { encode } from "../tensor/fixed-point";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { swapShares } from "./swap-shares";

const dealer = createDealer();
const modes = modesWith(dealer);
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

type Values = Record<"x" | "y" | "z" | "X" | "Y" | "Z", SharedVariable>;
type Program = (values: Values) => unknown;

const secrets = { x: [3], y: [5], z: [7], X: [[3]], Y: [[5]], Z: [[7]] };

/** Two programs that differ only in one operand, and the name of each in the error. */
const programs: Record<string, readonly [Program, Program, RegExp]> = {
  "x·y here, x·z there": [(v) => v.x.mul(v.y), (v) => v.x.mul(v.z), /mul x#0·x#[12] .*mul x#0·x#[12] /],
  "y − z here, z − y there": [
    (v) => v.y.sub(v.z).reveal(),
    (v) => v.z.sub(v.y).reveal(),
    /sub x#(1·x#2|2·x#1) .*sub x#(1·x#2|2·x#1) /,
  ],
  "matrices X·Y here, X·Z there": [
    (v) => v.X.matmul(v.Y),
    (v) => v.X.matmul(v.Z),
    /matmul x#3·x#[45] .*matmul x#3·x#[45] /,
  ],
  "reveal y here, z there": [(v) => v.y.reveal(), (v) => v.z.reveal(), /reveal x#[12] .*reveal x#[12] /],
  "reveal to party 0 here, to party 1 there": [
    (v) => v.y.reveal({ to: 0 }),
    (v) => v.y.reveal({ to: 1 }),
    /reveal x#1 .* to party [01] .*reveal x#1 .* to party [01]/,
  ],
  "y entered here, z there": [(v) => v.y.add(v.y).reveal(), (v) => v.z.add(v.z).reveal(), /x#[12].*x#[12]/],
  "swapShares of y + z here, of z + y there": [
    (v) => swapShares(v.y.add(v.z).data, v.y.iface),
    (v) => swapShares(v.z.add(v.y).data, v.y.iface),
    /add x#(1·x#2|2·x#1) .*add x#(1·x#2|2·x#1) /,
  ],
  "y·y, once more and with another operand": [
    (v) => v.x.mul(v.x).mul(v.y),
    (v) => v.x.mul(v.x).mul(v.z),
    /mul x#6·x#[12] .*mul x#6·x#[12] /,
  ],
};

/** Shares as if each had been swapped before. All have entered, so that only later operations are compared. */
function enter(pair: readonly DistributedInterface[], together: boolean): [Values, Values] {
  const values = [{}, {}] as [Values, Values];
  for (const [name, numbers] of Object.entries(secrets)) {
    const shares = share(encode(numbers));
    pair.forEach((iface, party) => {
      values[party]![name as keyof Values] = new SharedVariable(shares[party]!, iface);
    });
  }
  if (together) for (const { x, y, z, X, Y, Z } of values) [x.add(y).add(z), X.add(Y).add(Z)];
  return values;
}

describe.each(modes)(
  "two honest notebooks that differ in one operand, $security with $preprocessing",
  (mode) => {
    test("get an error with both operations and their operands, and neither is accused", async () => {
      // A set-up of oblivious transfers takes seconds, so use only the first programs there.
      const some = Object.entries(programs).slice(0, mode.runs > 3 ? undefined : 4);
      for (const [name, [first, second, message]] of some) {
        const pair = createPair(mode);
        const values = enter(pair, false);
        await Promise.allSettled(pair.map((iface) => iface.settled()));
        const errors = await Promise.all(
          pair.map(async (iface, party) => {
            // Some notice at once, others when the next message arrives.
            const run = async () => {
              await (party === 0 ? first : second)(values[party]!);
              await values[party]!.x.reveal();
              await iface.settled();
            };
            return run().then(
              () => undefined,
              (error: unknown) => error,
            );
          }),
        );
        for (const error of errors) {
          expect(error, name).toBeInstanceOf(DesyncError);
          expect(error, name).not.toBeInstanceOf(CheckError);
          expect((error as Error).message, name).toMatch(message);
        }
        expect(
          pair.map((iface) => iface.open),
          name,
        ).toEqual([true, true]);
        await Promise.all(pair.map((iface) => iface.close()));
      }
    });

    test("and continue after a resync", async () => {
      const pair = createPair(mode);
      const values = enter(pair, true);
      await Promise.all(pair.map((iface) => iface.settled()));
      values[0].x.mul(values[0].y);
      values[1].x.mul(values[1].z);
      for (const iface of pair) await expect(iface.settled()).rejects.toThrow(DesyncError);
      await Promise.all(pair.map((iface) => iface.resync()));
      const again = enter(pair, false);
      const products = await Promise.all(again.map(({ x, y }) => x.mul(y).reveal()));
      expect(products.map((value) => value.toArray())).toEqual([[15], [15]]);
      await Promise.all(pair.map((iface) => iface.close()));
    });

    test("each wrap makes a new value, even of the same tensor: one wrapped twice here, two there", async () => {
      const results = await withPair(async (iface) => {
        const zeros = LongTensor.zeros(1, 1);
        const own = (value: number) =>
          iface.party === 0
            ? zeros
            : longTensor(ring64.fromBigInts([BigInt(value)]), [1, 1], 0, { isShare: true });
        const [x, y] = [3, 5].map((value) => new SharedVariable(ownShare(own(value)), iface)) as [
          SharedVariable,
          SharedVariable,
        ];
        const products = [x.matmul(y), y.matmul(x), x.matmul(x), x.mul(y)];
        return Promise.all(
          products.map(async (product) => ((await product.reveal()).toArray() as number[][])[0]![0]),
        );
      }, mode);
      expect(results).toEqual([
        [15, 15, 9, 15],
        [15, 15, 9, 15],
      ]);
    });
  },
);

describe("the digest of an operation", () => {
  const operand = { shape: [2], fracBits: 16, value: { number: 3 } };
  const description = { kind: "sum", operands: [operand], result: { shape: [], fracBits: 16 }, options: "o" };
  const digest = (changed: object) =>
    Buffer.from(new Lockstep().issue({ ...description, ...changed }, undefined).digest).toString("hex");

  test.each<[string, object]>([
    ["kind", { kind: "mean" }],
    ["operand", { operands: [{ ...operand, value: { number: 4 } }] }],
    ["shape", { operands: [{ ...operand, shape: [3] }] }],
    ["scale", { operands: [{ ...operand, fracBits: 8 }] }],
    ["gradient", { operands: [{ ...operand, requiresGrad: true }] }],
    ["target shape", { result: { shape: [1], fracBits: 16 } }],
    ["target scale", { result: { shape: [], fracBits: 0 } }],
    ["options", { options: "p" }],
    ["constants", { constants: Uint8Array.of(1) }],
    ["number of operands", { operands: [operand, operand] }],
  ])("tells apart another %s", (_, changed) => {
    expect(digest(changed)).not.toBe(digest({}));
    expect(digest({})).toBe(digest({}));
  });

  test("depends on the library's version", () => {
    // Changing the version, or the operations' messages, changes this on purpose.
    expect(digest({})).toMatchInlineSnapshot(`"3e2e44d5bf8bb17658817d75ecc5b8f7"`);
  });
});

describe("a scale out of range", () => {
  test("is refused at the call, and both sessions continue", async () => {
    await withPair(
      async (iface) => {
        const wide = new SharedVariable(longTensor(ring64.zeros(1), [1], 62, { isShare: true }), iface);
        const fine = new SharedVariable(longTensor(ring64.zeros(1), [1], 31, { isShare: true }), iface);
        const matrix = new SharedVariable(longTensor(ring64.zeros(1), [1, 1], 62, { isShare: true }), iface);
        const constant = longTensor(ring64.fromBigInts([1n]), [1], 62);
        const impossible = longTensor(ring64.zeros(1), [1], 63, { isShare: true });
        expect(() => wide.mul(wide)).toThrow(/62 and 62 fractional bits has 108 bits more/);
        expect(() => wide.mul(fine)).toThrow(RangeError);
        expect(() => fine.mul(constant)).toThrow(RangeError);
        expect(() => matrix.matmul(matrix)).toThrow(RangeError);
        expect(() => new SharedVariable(impossible, iface)).toThrow(
          /fractional bits must be an integer from 0 to 62, got 63/,
        );
        expect(() => fine.add(longTensor(ring64.zeros(1), [1], 70))).toThrow(RangeError);
        // 62 bits can be cut off.
        const x = new SharedVariable(longTensor(ring64.zeros(1), [1], 62, { isShare: true }), iface);
        const sixteen = new SharedVariable(new Variable(ownShare(LongTensor.zeros(1))), iface);
        expect(
          (
            await x
              .mul(encode([1]))
              .mul(sixteen)
              .reveal()
          ).toArray(),
        ).toEqual([0]);
      },
      { security: "malicious" },
    );
  });

  test("a mistake before the first message ends only the operation", async () => {
    const results = await withPair(
      async (iface) => {
        const bad = iface.run({
          description: { kind: "mistake", operands: [] },
          uses: { product: use(multiply, { length: 2 }) },
          body: async () => {
            throw new RangeError("there is no such scale");
          },
        });
        await expect(bad.promise).rejects.toThrow("no such scale");
        await iface.settled().catch(() => undefined);
        const x = new SharedVariable(
          ownShare(iface.party === 0 ? new LongTensor([3]) : LongTensor.zeros(1)),
          iface,
        );
        return (await x.mul(x).reveal()).toArray();
      },
      { security: "malicious" },
    );
    expect(results).toEqual([[9], [9]]);
  });

  test("a mistake after the first message ends the session", async () => {
    const results = await withPair(
      async (iface) => {
        const bad = iface.run({
          description: { kind: "mistake", operands: [] },
          uses: { enter: use(steps.enter, { length: 1 }) },
          async body({ ring }, { enter }) {
            await enter(ring.zeros(1));
            throw new RangeError("too late");
          },
        });
        await expect(bad.promise).rejects.toThrow("too late");
        const x = () =>
          new SharedVariable(ownShare(LongTensor.zeros(1)), iface).mul(
            new SharedVariable(ownShare(LongTensor.zeros(1)), iface),
          );
        return Promise.resolve().then(x).then(String, String);
      },
      { security: "malicious" },
    );
    expect(results).toEqual(["RangeError: too late", "RangeError: too late"]);
  });
});

test("values are numbered from 0 again after a resync", async () => {
  const pair = createPair(fast);
  for (const iface of pair)
    for (let i = 0; i <= iface.party; i++) new SharedVariable(ownShare(LongTensor.zeros(1)), iface);
  await Promise.all(pair.map((iface) => iface.resync()));
  const values = await Promise.all(
    pair.map((iface) => {
      const x = new SharedVariable(
        ownShare(iface.party === 0 ? new LongTensor([2]) : LongTensor.zeros(1)),
        iface,
      );
      return x.mul(x).reveal();
    }),
  );
  expect(values.map((value) => value.toArray())).toEqual([[4], [4]]);
  await Promise.all(pair.map((iface) => iface.close()));
});
