import { scope } from "../../ring";
import { type AuthenticatedVector, addShares, subShares } from "../../sharing/authenticated";
import { andsOfLeadingOne, orsOfLeadingOne } from "../../sharing/bit-circuits";
import type { Demand } from "../demand";
import { type LeadingBitSizes, placesOf } from "../leading-bit-places";
import { bitsDemands, bitsOf, byNumber, CHUNK } from "./bits-digits";
import { inChunks, runInChunks } from "./chunks";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import { multiplyAll, productDemand } from "./digits";

const WORD_BITS = 64;

/**
 * Mark the highest bit of x, by places: see `placesOf`. Exact where |x| ≤ 2^width.
 *
 * 1. Get the bits of x, as `bits` does.
 * 2. Mark the highest by ORs of bits: a + b − a·b.
 *
 * Security: active, provisional until the check, provided the dealer follows the protocol.
 */
export const leadingBit = {
  demand: (sizes: LeadingBitSizes): Demand =>
    inChunks(sizes.length, CHUNK, (length) => [
      ...bitsDemands(length, WORD_BITS),
      ...(sizes.signed ? [productDemand(sizes.width, length)] : []),
      ...andsOfLeadingOne(placesOf(sizes).ored).map((ors) => productDemand(ors, length)),
    ]),
  run: (ctx, inputs, { length, width, signed }) =>
    runInChunks(ctx, inputs, length, CHUNK, async (part) => {
      const places = await bitsOf(ctx, part!, WORD_BITS);
      const sign = places[WORD_BITS - 1]!;
      const low = places.slice(0, width);
      if (!signed) return byNumber(await markHighest(ctx, [...low, sign]));
      const turned = await xorAll(ctx, low, sign);
      return byNumber([...(await markHighest(ctx, [sign, ...turned])), sign]);
    }),
} satisfies AuthenticatedProtocol<LeadingBitSizes, [x: AuthenticatedVector]>;

/** x ⊕ y = x + y − 2·x·y of bits, for many x. */
async function xorAll(
  ctx: AuthenticatedContext,
  all: readonly AuthenticatedVector[],
  y: AuthenticatedVector,
) {
  const both = await multiplyAll(
    ctx,
    all.map((x) => [x, y] as const),
  );
  return all.map((x, i) => scope(() => subShares(addShares(x, y), addShares(both[i]!, both[i]!))));
}

/** Mark the highest bit that is set, lowest first. */
async function markHighest(
  ctx: AuthenticatedContext,
  bits: readonly AuthenticatedVector[],
): Promise<AuthenticatedVector[]> {
  // From the top, so that a place's neighbours below are those of higher index.
  const any = [...bits].reverse();
  for (const joined of orsOfLeadingOne(bits.length)) {
    const both = await multiplyAll(
      ctx,
      joined.map(([place, above]) => [any[place]!, any[above]!] as const),
    );
    const ors = joined.map(([place, above], i) =>
      scope(() => subShares(addShares(any[place]!, any[above]!), both[i]!)),
    );
    joined.forEach(([place], i) => {
      any[place] = ors[i]!;
    });
  }
  return any.map((bit, i) => (i === 0 ? bit : scope(() => subShares(bit, any[i - 1]!)))).reverse();
}
