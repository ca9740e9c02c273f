import type { Capabilities } from "../../preprocessing/producer";
import { ring128, scope } from "../../ring";
import { type AuthenticatedVector, concatShares, mapShares } from "../../sharing/authenticated";
import { andsOfDifference, difference } from "../../sharing/bit-circuits";
import { type BitVector, concatBits } from "../../sharing/bits";
import type { Demand } from "../demand";
import type { Length } from "../protocol";
import { andBits } from "./and-bits";
import { inChunks, runInChunks } from "./chunks";
import { gatesOf, openUnderBits, requireComparison, TO_INTEGERS, toIntegers, UNDER_BITS } from "./compare";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/** How many numbers are split at once, so that their bits take bounded memory. */
export const CHUNK = 1 << 10;
const WORD_BITS = 64;

/** How many of the low bits are wanted. */
export type Width = Length & { readonly width: number };

/**
 * Compute the low bits of x mod 2^64, as shares of the integers 0 and 1: `width` of them for each number, the lowest first.
 * Exact for every x.
 *
 * 1. Get x as the difference of two numbers whose bits are authenticated: steps 1 to 3 of `compare`.
 * 2. Subtract them in F_2 by ANDs of authenticated bits.
 * 3. Turn every bit of the difference into an integer, as `compare` does with its result.
 *
 * Security: active, provisional until the check.
 */
export const bits = {
  check: (_: Width, can: Capabilities) => requireComparison(can),
  demand: ({ length, width }: Width): Demand =>
    inChunks(length, CHUNK, (count) => [
      ...differenceDemands(count, width),
      TO_INTEGERS.demand({ length: width * count }),
    ]),
  run: (ctx, inputs, { length, width }) =>
    runInChunks(ctx, inputs, length, CHUNK, async (part) => {
      const places = await differenceOf(ctx, part!, width);
      return byNumber(await toIntegers(ctx, concatBits(places)), width);
    }),
} satisfies AuthenticatedProtocol<Width, [x: AuthenticatedVector]>;

/**
 * Compute x AND y of signed 64-bit integers, bit by bit.
 *
 * 1. Get the bits of both in F_2, as in `bits`.
 * 2. Multiply them.
 * 3. Turn the products into integers, and add these up, each times its power of two.
 *
 * Security: active, provisional until the check.
 */
export const bitwiseAnd = {
  check: (_: Length, can: Capabilities) => requireComparison(can),
  demand: ({ length }: Length): Demand =>
    inChunks(length, CHUNK, (count) => [
      ...differenceDemands(2 * count, WORD_BITS),
      andBits.demand({ length: WORD_BITS * count }),
      TO_INTEGERS.demand({ length: WORD_BITS * count }),
    ]),
  run: (ctx, inputs, { length }) =>
    runInChunks(ctx, inputs, length, CHUNK, async (...parts) => {
      const count = parts[0]!.value.length;
      const both = scope(() => concatShares(parts));
      const places = await differenceOf(ctx, both, WORD_BITS);
      const [left, right] = [0, 1].map((side) =>
        concatBits(places.map((place) => half(place, side as 0 | 1))),
      ) as [BitVector, BitVector];
      const products = await andBits.run(ctx, [left, right], { length: WORD_BITS * count });
      const integers = await toIntegers(ctx, products);
      return scope(() => mapShares(integers, (vector) => ring128.compose(vector, WORD_BITS)));
    }),
} satisfies AuthenticatedProtocol<Length, [x: AuthenticatedVector, y: AuthenticatedVector]>;

/** The low bits of x in F_2, place by place. */
export async function differenceOf(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  width: number,
): Promise<BitVector[]> {
  const { y, r } = await openUnderBits(ctx, x);
  return difference(gatesOf(ctx), y.slice(0, width), r.slice(0, width));
}

export function differenceDemands(length: number, width: number): Demand[] {
  return [
    UNDER_BITS.demand({ length }),
    ...andsOfDifference(width).map((ands) => andBits.demand({ length: ands * length })),
  ];
}

/** Sort the bits of numbers, which lie place by place, number by number. */
export function byNumber(bits: AuthenticatedVector, width: number): AuthenticatedVector {
  const count = bits.value.length / width;
  return scope(() => mapShares(bits, (vector) => ring128.strided(vector, [count, width], [1, count], 0)));
}

/** The first or the second half of bits. */
function half({ own, keys }: BitVector, side: 0 | 1): BitVector {
  const size = own.length / 2;
  const part = (blocks: Uint8Array) => blocks.slice(side * size, (side + 1) * size);
  return { own: part(own), keys: part(keys) };
}
