import { ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addShares,
  concatShares,
  mapShares,
  sliceShares,
} from "../../sharing/authenticated";
import { addDemands, type Demand } from "../demand";
import type { Length } from "../protocol";
import type { Width } from "./bits";
import { inChunks, runInChunks } from "./chunks";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import {
  type Digit,
  joinRuns,
  multiplyAll,
  type Neighbours,
  ofDigit,
  openDigits,
  openingDemand,
  productDemand,
  type Run,
  runOf,
} from "./digits";
import { multiply, multiplyShares } from "./multiply";

/** How many numbers are split at once, so that their bits take bounded memory. */
const CHUNK = 1 << 10;
const WORD_BITS = 64;

/**
 * Compute the low bits of x mod 2^64, as shares of the integers 0 and 1: `width` of them for each number, the lowest first.
 * Exact for every x.
 *
 * 1. Open x under masks, in digits: see digits.ts.
 * 2. Find the borrow into every digit, by a tree of prefixes (Sklansky, IRE Trans. Electron. Comput. 1960).
 * 3. Every bit is linear in a digit without a borrow; what the borrow changes is a product.
 *
 * Security: active, provisional until the check, provided the dealer follows the protocol.
 */
export const bits = {
  demand: ({ length, width }: Width): Demand =>
    inChunks(length, CHUNK, (count) => [
      openingDemand({ length: count }),
      ...prefixLevels(digitsOf(width) - 1).map((pairs) =>
        productDemand(
          pairs.reduce((sum, [, , isLowest]) => sum + (isLowest ? 1 : 2), 0),
          count,
        ),
      ),
      ...(width > 2 ? [productDemand(width - 2, count)] : []),
    ]),
  run: (ctx, inputs, { length, width }) =>
    runInChunks(ctx, inputs, length, CHUNK, async (part) => {
      const all = await bitsOf(ctx, part!, width);
      const count = part!.value.length;
      return scope(() =>
        mapShares(concatShares(all), (vector) => ring128.strided(vector, [count, width], [1, count], 0)),
      );
    }),
} satisfies AuthenticatedProtocol<Width, [x: AuthenticatedVector]>;

/** Compute x AND y of signed 64-bit integers, bit by bit: the products of their bits, added up. */
export const bitwiseAnd = {
  demand: ({ length }: Length): Demand =>
    addDemands(
      bits.demand({ length: 2 * length, width: WORD_BITS }),
      multiply.demand({ length: WORD_BITS * length }),
    ),
  async run(ctx, [x, y], { length }): Promise<AuthenticatedVector> {
    const both = scope(() => concatShares([x, y]));
    const all = await bits.run(ctx, [both], { length: 2 * length, width: WORD_BITS });
    const [left, right] = [0, 1].map((side) =>
      scope(() => sliceShares(all, side * WORD_BITS * length, (side + 1) * WORD_BITS * length)),
    ) as [AuthenticatedVector, AuthenticatedVector];
    const products = await multiplyShares(ctx, left, right);
    await ctx.checkIfMany();
    return scope(() =>
      mapShares(products, (vector) =>
        ring128.compose(ring128.strided(vector, [WORD_BITS, length], [1, WORD_BITS], 0), WORD_BITS),
      ),
    );
  },
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector, y: AuthenticatedVector]>;

/** The digits that a width takes. */
function digitsOf(width: number): number {
  return Math.ceil(width / 2);
}

/** Bit after bit, the lowest first. */
async function bitsOf(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  width: number,
): Promise<AuthenticatedVector[]> {
  const digits = (await openDigits(ctx, x)).slice(0, digitsOf(width));
  const borrows = await borrowsOf(ctx, digits.slice(0, -1));
  const places = Array.from({ length: width }, (_, i) => ({ digit: i >> 1, place: i & 1 }));
  const bitOf = (place: number, borrow: number) => (c: number, r: number) => ((c - r - borrow) >> place) & 1;
  const plain = places.map(({ digit, place }) =>
    scope(() => ofDigit(ctx.key, digits[digit]!, bitOf(place, 0))),
  );
  const changed = places.slice(2).map(({ digit, place }) => {
    const change = scope(() =>
      ofDigit(ctx.key, digits[digit]!, (c, r) => bitOf(place, 1)(c, r) - bitOf(place, 0)(c, r)),
    );
    return [change, borrows[digit - 1]!] as const;
  });
  // There is no borrow into the lowest digit.
  if (changed.length === 0) return plain;
  const changes = await multiplyAll(ctx, changed);
  return plain.map((bit, i) => (i < 2 ? bit : scope(() => addShares(bit, changes[i - 2]!))));
}

/** Whether the digits from the lowest to each one borrow from the next. */
async function borrowsOf(
  ctx: AuthenticatedContext,
  digits: readonly Digit[],
): Promise<AuthenticatedVector[]> {
  const runs: Run[] = digits.map((digit, i) => {
    const { less, equal } = runOf(ctx.key, digit);
    return i === 0 ? { less } : { less, equal: equal! };
  });
  for (const pairs of prefixLevels(digits.length)) {
    const joined = await joinRuns(
      ctx,
      pairs.map(([high, low]): Neighbours => [runs[high]!, runs[low]!]),
    );
    for (const [i, [high]] of pairs.entries()) runs[high] = joined[i]!;
  }
  return runs.map(({ less }) => less);
}

/** The pairs that each level joins: a digit, the end of the run below its own, and whether that run is the lowest. */
function prefixLevels(count: number): (readonly [high: number, low: number, isLowest: boolean])[][] {
  const levels: (readonly [number, number, boolean])[][] = [];
  for (let size = 1; size < count; size *= 2) {
    const highs = Array.from({ length: count }, (_, i) => i).filter((i) => (i & size) !== 0);
    levels.push(
      highs.map((high) => {
        const start = high - (high % size);
        return [high, start - 1, start === size] as const;
      }),
    );
  }
  return levels;
}
