import { scope } from "../../ring";
import { type AuthenticatedVector, concatShares } from "../../sharing/authenticated";
import { addDemands, type Demand } from "../demand";
import type { Length } from "../protocol";
import { inChunks, runInChunks } from "./chunks";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import {
  CHUNK,
  type Digit,
  joinRuns,
  multiplyAll,
  ofDigit,
  openDigits,
  openingDemand,
  productDemand,
  type Run,
  runOf,
} from "./digits";
import { multiply, multiplyShares } from "./multiply";

type Sizes = Length & { readonly comparison: "negative" | "zero" };

/** Products of each round of the tree over 32 digits. */
const PRODUCTS = { negative: [31, 15, 7, 3, 1], zero: [16, 8, 4, 2, 1] } as const;

/**
 * Compare x, as a signed 64-bit integer, with zero: shares of the integer 1 where it is below zero, or where it is zero, and
 * of 0 elsewhere. Exact for every x.
 *
 * 1. Open x under masks, in digits: see digits.ts.
 * 2. Join the digits in a tree. The top bit of c − r is that of both top digits and of the borrow from below: in the highest
 *    digit, take it for "less" where the digit decides it alone, and what the borrow changes for "equal".
 *
 * Rounds: 6. Security: active, provisional until the check, provided the dealer follows the protocol.
 */
export const compare = {
  demand: ({ length, comparison }: Sizes): Demand =>
    inChunks(length, CHUNK, (count) => [
      openingDemand({ length: count }),
      ...PRODUCTS[comparison].map((pairs) => productDemand(pairs, count)),
    ]),
  run: (ctx, inputs, { length, comparison }) =>
    runInChunks(ctx, inputs, length, CHUNK, async (part) => {
      const digits = (await openDigits(ctx, part!)).reverse();
      return comparison === "zero" ? joinEqual(ctx, digits) : joinSigns(ctx, digits);
    }),
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector]>;

/** Compare x with zero and multiply y by the result: shares of the results, then of the products. */
export const select = {
  demand: (sizes: Sizes): Demand =>
    addDemands(compare.demand(sizes), multiply.demand({ length: sizes.length })),
  async run(ctx, [x, y], sizes): Promise<AuthenticatedVector> {
    const results = await compare.run(ctx, [x], sizes);
    const products = await multiplyShares(ctx, results, y);
    await ctx.checkIfMany();
    return scope(() => concatShares([results, products]));
  },
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector, y: AuthenticatedVector]>;

/** @param digits - the highest first */
async function joinSigns(ctx: AuthenticatedContext, digits: readonly Digit[]): Promise<AuthenticatedVector> {
  const { key } = ctx;
  const last = digits.length - 1;
  let runs = digits.map((digit, i): Run => {
    if (i > 0) {
      const { less, equal } = runOf(key, digit);
      return i < last ? { less, equal: equal! } : { less };
    }
    return scope(() => ({
      less: ofDigit(key, digit, (c, r) => sign(c, r) ^ Number((c & 1) < (r & 1))),
      equal: ofDigit(key, digit, (c, r) => ((c & 1) === (r & 1) ? 1 - 2 * sign(c, r) : 0)),
    }));
  });
  while (runs.length > 1) runs = await joinRuns(ctx, neighboursOf(runs));
  return runs[0]!.less;
}

/** The top bit of the difference of two highest digits without a borrow into it. */
function sign(c: number, r: number): number {
  return (c >> 1) ^ (r >> 1);
}

async function joinEqual(ctx: AuthenticatedContext, digits: readonly Digit[]): Promise<AuthenticatedVector> {
  let equal = digits.map((digit) => scope(() => ofDigit(ctx.key, digit, (c, r) => Number(c === r))));
  while (equal.length > 1) equal = await multiplyAll(ctx, neighboursOf(equal));
  return equal[0]!;
}

function neighboursOf<T>(list: readonly T[]): (readonly [T, T])[] {
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!] as const);
}
