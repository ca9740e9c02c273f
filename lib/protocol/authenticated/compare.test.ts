import { expect, test } from "vitest";
import { createLinkPair, endLink, type Tap } from "../../../test/support/links";
import { dealSessions, seedOf } from "../../../test/support/machines";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import { ring64 } from "../../ring";
import { andsOf, equality, signOfDifference } from "../../sharing/bit-circuits";
import { addDemands } from "../demand";
import { checkDemand, openCheckedDemand } from "./check-demand";
import { type AuthenticatedComparison, compare, select } from "./compare";
import { enter } from "./enter";
import { reveal } from "./reveal";

/** Compare numbers that are shared at random, and reveal the results. */
async function run(
  seed: number,
  numbers: readonly bigint[],
  comparison: AuthenticatedComparison,
  { tap, honest }: { tap?: Tap; honest?: 0 | 1 } = {},
) {
  const sessions = await dealSessions(seed);
  const sent = [0, 0];
  const links = createLinkPair((message) => {
    tap?.(message);
    sent[message.from]! += message.payload.length;
  });
  const { length } = numbers;
  const random = new BigUint64Array(createPrg(seedOf(seed)).draw!(8 * length).slice().buffer);
  const shares = [[...random], numbers.map((number, i) => BigInt.asUintN(64, number - random[i]!))];
  const demand = addDemands(
    enter.demand({ length }),
    compare.demand({ length, comparison }),
    reveal.demand({ length }),
  );
  const compute = async (party: 0 | 1) => {
    const operation = sessions[party].issue(demand);
    await sessions[party].prefetched();
    return operation.run(links[party], async (ctx) => {
      const x = await enter.run(ctx, [ring64.fromBigInts(shares[party]!)], { length });
      return ring64.toBigInts(await ctx.reveal(await compare.run(ctx, [x], { length, comparison })));
    });
  };
  const running = ([0, 1] as const).map((party) => compute(party).catch((error: Error) => error));
  if (honest !== undefined) {
    await running[honest];
    for (const link of links) endLink(link);
  }
  const [result, other] = await Promise.all(running);
  return { result, other, sent, demand };
}

const top = 1n << 63n;
const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  1n << 16n,
  -(1n << 16n),
  1n << 62n,
  -(1n << 62n),
  top - 1n,
  1n - top,
  -top,
];
const negative = (numbers: readonly bigint[]) => numbers.map((number) => (number < 0n ? 1n : 0n));

test("numbers at the edges and at random are compared exactly", async () => {
  const random = new BigInt64Array(createPrg(seedOf(77)).draw!(8 * 100).slice().buffer);
  // Of every magnitude.
  const numbers = [...EDGES, ...[...random].map((number, i) => number >> BigInt(i % 64))];
  const { result, other } = await run(41, numbers, "negative");
  expect(result).toEqual(negative(numbers));
  expect(other).toEqual(result);
  const zeros = [...EDGES, ...numbers.slice(40, 60), 0n];
  expect((await run(42, zeros, "zero")).result).toEqual(zeros.map((number) => (number === 0n ? 1n : 0n)));
});

test("the demand gives the bytes, and what a circuit takes in each round", async () => {
  for (const comparison of ["negative", "zero"] as const) {
    const { result, sent, demand } = await run(43, [5n, -5n, 0n], comparison);
    expect(result).toEqual(comparison === "negative" ? [0n, 1n, 0n] : [0n, 0n, 1n]);
    // The reveal is in the demand; the check of everything before it is not.
    expect(demand.bytes).toBeGreaterThan(openCheckedDemand(3).bytes);
    const bytes = demand.bytes + checkDemand(demand.openings!, demand.bits!).bytes;
    expect(sent).toEqual([bytes, bytes]);
    const ands = await andsOf(comparison === "negative" ? signOfDifference : equality, 64);
    expect(compare.demand({ length: 3, comparison })).toMatchObject({
      rounds: 2 + ands.length + 1,
      items: { maskbits: 3, dabit: 3, andtriple: 3 * ands.reduce((sum, each) => sum + each, 0) },
    });
  }
  expect(compare.demand({ length: 0, comparison: "zero" }).items).toEqual({});
});

test("a selection gives the results, and their products with another number", async () => {
  const sessions = await dealSessions(45);
  const links = createLinkPair();
  const length = 3;
  const sizes = { length, comparison: "negative" } as const;
  const demand = addDemands(
    enter.demand({ length }),
    enter.demand({ length }),
    select.demand(sizes),
    reveal.demand({ length: 2 * length }),
  );
  const run = (party: 0 | 1) =>
    sessions[party].issue(demand).run(links[party], async (ctx) => {
      const share = (...numbers: bigint[]) => ring64.fromBigInts(party === 0 ? numbers : [0n, 0n, 0n]);
      const x = await enter.run(ctx, [share(-1n, 4n, -9n)], { length });
      const y = await enter.run(ctx, [share(10n, 20n, -30n)], { length });
      return ring64.toSignedBigInts(await ctx.reveal(await select.run(ctx, [x, y], sizes)));
    });
  expect(await Promise.all([run(0), run(1)])).toEqual(Array(2).fill([1n, 0n, 1n, 10n, 0n, -30n]));
});

test.each([
  ["masked number", 0, 0x01],
  ["masked number", 7, 0x80],
  ["masked bits", 0, 0x01],
  ["masked bits", 7, 0x80],
  ["opens masked bits", 0, 0x01],
] as const)("a changed message (%s, byte %d) stops the reveal", async (what, at, flip) => {
  const from = what === "masked bits" ? 0 : 1;
  const tap: Tap = (message) => {
    if (message.what === what && message.from === from) message.payload[at]! ^= flip;
  };
  const honest = from === 1 ? 0 : 1;
  const { result, other } = await run(44, [-3n, 9n], "negative", { tap, honest });
  const error = honest === 0 ? result : other;
  expect(error).toBeInstanceOf(CheckError);
  expect((error as CheckError).check).toBe("mac");
});
