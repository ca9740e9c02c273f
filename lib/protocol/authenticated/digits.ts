/**
 * Numbers in digits of 2 bits, under a dealer's masks.
 *
 * c = x + r is opened mod 2^64, so that x = c − r is a function of the public c and of r. The dealer has shared r digit by
 * digit, one-hot: so every function of a digit of c and of the same digit of r is linear in shares. What goes from digit to
 * digit is the borrow of the subtraction: whether the digits of c below are less than those of r, as numbers.
 *
 * Security: active, provisional until the check, provided the dealer follows the protocol. c is uniform. A wrong share of c
 * gives the shares that belong to another x, and is caught by the check of c's MAC.
 *
 * Source: masked opening and comparison of a public number with a shared one: Damgård et al., TCC 2006; one-hot digits with
 * MACs from a dealer: ours.
 */
import { DIGIT_VALUES, DIGITS } from "../../preprocessing/kinds/digits";
import { burn, toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  concatShares,
  type MacKey,
  mulPublic,
  sliceShares,
} from "../../sharing/authenticated";
import { openShares } from "../../sharing/opening";
import type { Demand } from "../demand";
import type { Length } from "../protocol";
import type { AuthenticatedContext } from "./context";
import { multiply, multiplyShares } from "./multiply";

const BITS = 64;
const WORD = 8;
/** Values of a digit. */
const VALUES = 4;

/** How many numbers are split at once, so that their digits take bounded memory. */
export const CHUNK = 1 << 12;

/** A digit of c, public, and of r, one-hot, of several numbers. */
export interface Digit {
  /** For each value, 1 where the digit of c has it. */
  readonly c: readonly RingVector[];
  /** Shares of 1 where the digit of r is 1, 2, and 3. */
  readonly r: readonly AuthenticatedVector[];
}

/** What `openDigits` takes. */
export function openingDemand({ length }: Length): Demand {
  return { items: { digits: length }, rounds: 1, bytes: WORD * length, openings: length };
}

/** Open x under masks; return all digits, the lowest first. Rounds: 1. */
export async function openDigits(ctx: AuthenticatedContext, x: AuthenticatedVector): Promise<Digit[]> {
  const { length } = x.value;
  const items = await ctx.items.take("digits", length);
  const masked = scope(() => addShares(x, toShares(items[0]!)));
  const [c] = (await openShares(ctx.link, ctx.log, [masked], "opens masked number")) as [RingVector];
  const bits = scope(() => ring128.decompose(c, BITS));
  const digits = Array.from({ length: DIGITS }, (_, digit): Digit => {
    const is = scope(() => {
      const [low, high] = [0, 1].map((i) => {
        const at = (2 * digit + i) * length;
        return ring128.slice(bits, at, at + length);
      }) as [RingVector, RingVector];
      const three = ring128.mul(low, high);
      const [one, two] = [ring128.sub(low, three), ring128.sub(high, three)];
      const zero = ring128.addScalar(ring128.neg(ring128.add(low, two)), 1n);
      return [zero, one, two, three];
    });
    const fields = items.slice(1 + DIGIT_VALUES * digit, 1 + DIGIT_VALUES * (digit + 1));
    return { c: is, r: fields.map(toShares) };
  });
  for (const field of items) burn(field);
  return digits;
}

/** A function of a digit of c and the same digit of r, in small whole numbers: shares of its values. No message. */
export function ofDigit(
  key: MacKey,
  { c, r }: Digit,
  f: (c: number, r: number) => number,
): AuthenticatedVector {
  /** Where c has a value, the number that belongs to it. */
  const chosen = (numbers: readonly number[]) =>
    c
      .map((is, value) => ring128.mulScalar(is, BigInt(numbers[value]!)))
      .reduce((sum, part) => ring128.add(sum, part));
  const values = Array.from({ length: VALUES }, (_, value) => value);
  const constant = chosen(values.map((value) => f(value, 0)));
  const rest = r.map((is, i) => mulPublic(is, chosen(values.map((value) => f(value, i + 1) - f(value, 0)))));
  return addPublic(key, rest.reduce(addShares), constant);
}

/** A run of digits: whether c is less than r in it, and whether they are equal. */
export interface Run {
  readonly less: AuthenticatedVector;
  /** Left out where nothing below matters. */
  readonly equal?: AuthenticatedVector;
}

/** A run of one digit. */
export function runOf(key: MacKey, digit: Digit): Run {
  return scope(() => ({
    less: ofDigit(key, digit, (c, r) => Number(c < r)),
    equal: ofDigit(key, digit, (c, r) => Number(c === r)),
  }));
}

/** A higher run and the lower one that follows it. */
export type Neighbours = readonly [high: Run, low: Run];

/** Join neighbouring runs, all at once: less ⊕ equal·less′, and equal·equal′ where the lower run has it. Rounds: 1. */
export async function joinRuns(ctx: AuthenticatedContext, pairs: readonly Neighbours[]): Promise<Run[]> {
  const factors = pairs.flatMap(([high, low]) => [
    [high.equal!, low.less] as const,
    ...(low.equal ? [[high.equal!, low.equal] as const] : []),
  ]);
  const products = await multiplyAll(ctx, factors);
  return pairs.map(([high, low]) => {
    const carried = products.shift()!;
    const less = scope(() => addShares(high.less, carried));
    return low.equal ? { less, equal: products.shift()! } : { less };
  });
}

/** Multiply pairs of vectors of the same length. Rounds: 1. */
export async function multiplyAll(
  ctx: AuthenticatedContext,
  pairs: readonly (readonly [AuthenticatedVector, AuthenticatedVector])[],
): Promise<AuthenticatedVector[]> {
  const [left, right] = [0, 1].map((side) =>
    scope(() => concatShares(pairs.map((pair) => pair[side as 0 | 1]))),
  ) as [AuthenticatedVector, AuthenticatedVector];
  const products = await multiplyShares(ctx, left, right);
  const { length } = pairs[0]![0].value;
  return pairs.map((_, i) => scope(() => sliceShares(products, i * length, (i + 1) * length)));
}

/** What `multiplyAll` takes for so many pairs of vectors of a length. */
export function productDemand(pairs: number, length: number): Demand {
  return multiply.demand({ length: pairs * length });
}
