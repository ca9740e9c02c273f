import { expect, test } from "vitest";
import { ownShare } from "../../../test/support/own-share";
import { withPair } from "../../../test/support/pair";
import "../../autograd/input";
import { SharedVariable } from "../../autograd/shared-variable";
import "../methods";
import { ring64 } from "../../ring";
import type { DistributedInterface } from "../../session/distributed-interface";
import { longTensor } from "../../tensor/long-tensor";
import { where } from "../top-level";

const EDGES = [0n, 1n, -1n, 2n ** 62n, -(2n ** 62n), 2n ** 63n - 1n, -(2n ** 63n), 0x0123456789abcdefn];

const secret = (iface: DistributedInterface, values: readonly bigint[]) =>
  new SharedVariable(ownShare(iface.party === 0 ? [...values] : values.map(() => 0n)), iface);

const exact = async (x: SharedVariable) => (await x.reveal({ integers: true }))!.toArray();

test("bitwise operations are exact for all 64-bit integers, with a secret and with a public operand", async () => {
  const other = [...EDGES.slice(1), EDGES[0]!];
  const [found] = await withPair(
    async (iface) => {
      const [x, y] = [secret(iface, EDGES), secret(iface, other)];
      const c = longTensor(ring64.fromBigInts(other), [other.length], 0);
      const all = [
        ...[x.bitwiseAnd(y), x.bitwiseOr(y), x.bitwiseXor(y)],
        ...[x.bitwiseAnd(c), x.bitwiseOr(c), x.bitwiseXor(c), x.bitwiseNot()],
      ];
      return Promise.all(all.map(exact));
    },
    { security: "semi-honest" },
  );
  const of = (f: (a: bigint, b: bigint) => bigint) => EDGES.map((a, i) => f(a, other[i]!));
  const [and, or, xor] = [of((a, b) => a & b), of((a, b) => a | b), of((a, b) => a ^ b)];
  expect(found).toEqual([and, or, xor, and, or, xor, of((a) => ~a)]);
});

test("a right shift rounds down wherever a truncation may round up", async () => {
  const numbers = [0n, 1n, -1n, 7n, -7n, 8n, -8n, 9n, 2n ** 62n - 1n, 1n - 2n ** 62n];
  const shifts = [1, 3, 61];
  const [found] = await withPair(
    async (iface) => {
      const x = secret(iface, numbers);
      return Promise.all(shifts.map((count) => exact(x.bitwiseRightShift(count))));
    },
    { security: "semi-honest" },
  );
  expect(found).toEqual(shifts.map((count) => numbers.map((number) => number >> BigInt(count))));
});

test("operations on integers refuse fixed point, and public elements that are not truth values", async () => {
  await withPair(async (iface) => {
    const [x, whole] = [await iface.input(0, () => [1, 2], { shape: [2] }), secret(iface, [0n, 1n])];
    expect(() => x.bits()).toThrow(
      new TypeError(
        "bits: x must be integers, got a fixed-point value; comparisons such as x.gt(0) and argmax give integers, and " +
          "input with { integers: true }",
      ),
    );
    expect(() => whole.bits(65)).toThrow("bits: a count of bits must be a whole number from 1 to 64, got 65");
    expect(() => whole.bitwiseAnd(0.5)).toThrow(
      "bitwiseAnd: other must be integers, got a fixed-point value",
    );
    expect(() => whole.logicalAnd([2])).toThrow(
      "logicalAnd: the condition must hold only 0 and 1, got 2 at [0]",
    );
    expect(() => whole.oneHot(0)).toThrow("oneHot: classes must be a whole number from 1 to 2^24, got 0");
    expect(() => where(x, whole, whole)).toThrow("where: condition must be integers");
  });
});
