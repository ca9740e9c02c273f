import { expect, test } from "vitest";
import type { Tap } from "../../../test/support/links";
import { dealSessions, seedOf } from "../../../test/support/machines";
import { type Cheat, runShared, type SharedStep } from "../../../test/support/shared-step";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { AuthenticatedVector } from "../../sharing/authenticated";
import { bits, bitwiseAnd } from "./bits";
import type { AuthenticatedContext } from "./context";

const run = async (seed: number, inputs: readonly (readonly bigint[])[], step: SharedStep, cheat?: Cheat) =>
  runShared(seed, await dealSessions(seed), inputs, step, cheat);

const split = (numbers: readonly bigint[], width: number) => {
  const sizes = { length: numbers.length, width };
  return {
    demand: bits.demand(sizes),
    results: width * numbers.length,
    step: (ctx: AuthenticatedContext, [x]: readonly AuthenticatedVector[]) => bits.run(ctx, [x!], sizes),
  };
};

const EDGES = [0n, 1n, -1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n, 0x5555555555555555n];

test.each([1, 2, 7, 64])(
  "the %d low bits of numbers are right, for the bytes of the demand",
  async (width) => {
    const random = createPrg(seedOf(12));
    const numbers = [...EDGES, new DataView(drawBytes(random, 8).slice().buffer).getBigInt64(0, true)];
    const { result, other, sent, bytes } = await run(51, [numbers], split(numbers, width));
    const expected = numbers.flatMap((number) =>
      Array.from({ length: width }, (_, i) => (number >> BigInt(i)) & 1n),
    );
    expect(result).toEqual(expected);
    expect(other).toEqual(expected);
    expect(sent).toEqual([bytes, bytes]);
  },
);

test("the AND of numbers goes bit by bit, for the bytes of the demand", async () => {
  const [x, y] = [EDGES, [5n, -1n, 12n, -(2n ** 62n), -(2n ** 63n), -2n, 0x0ff0n]];
  const sizes = { length: x.length };
  const { result, other, sent, bytes } = await run(52, [x, y], {
    demand: bitwiseAnd.demand(sizes),
    results: x.length,
    step: (ctx, [a, b]) => bitwiseAnd.run(ctx, [a!, b!], sizes),
  });
  expect(result).toEqual(x.map((number, i) => number & y[i]!));
  expect(other).toEqual(result);
  expect(sent).toEqual([bytes, bytes]);
});

test.each([
  ["masked number", 1, 0, 0x01],
  ["masked number", 1, 7, 0x80],
  ["masked bits", 0, 0, 0x01],
  ["masked bits", 0, 7, 0x80],
  ["opens masked bits", 0, 0, 0x01],
  ["opens masked bits", 1, 0, 0x02],
] as const)("a changed message (%s of party %d, byte %d) stops the reveal", async (what, from, at, flip) => {
  const tap: Tap = (message) => {
    if (message.what === what && message.from === from) message.payload[at]! ^= flip;
  };
  const honest = from === 1 ? 0 : 1;
  const { result, other } = await run(53, [[-3n, 9n]], split([-3n, 9n], 4), { tap, honest });
  const error = honest === 0 ? result : other;
  expect(error).toBeInstanceOf(CheckError);
  expect((error as CheckError).check).toBe("mac");
});

test("nothing is needed for no numbers", () => {
  expect(bits.demand({ length: 0, width: 64 }).items).toEqual({});
});
