import { ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addShares,
  concatShares,
  mapShares,
  subShares,
} from "../../sharing/authenticated";
import { andsOfLeadingOne, orsOfLeadingOne } from "../../sharing/bit-circuits";
import type { Demand } from "../demand";
import { type LeadingBitSizes, placesOf } from "../leading-bit-places";
import { bits } from "./bits-digits";
import { inChunks, runInChunks } from "./chunks";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import { multiplyAll, productDemand } from "./digits";

/** How many numbers are handled at once, so that their bits take bounded memory. */
const CHUNK = 1 << 10;
const WORD_BITS = 64;

/**
 * Mark the highest bit of x, by places: see `placesOf`. Exact where −2^width ≤ x < 2^width.
 *
 * 1. Get the bits of x as integers: see bits-digits.ts.
 * 2. Mark the highest by ORs, a + b − ab; before that, complement a number below zero, b + s − 2bs.
 *
 * Security: active, provisional until the check, provided the dealer follows the protocol.
 */
export const leadingBit = {
  demand: (sizes: LeadingBitSizes): Demand =>
    inChunks(sizes.length, CHUNK, (count) => [
      bits.demand({ length: count, width: WORD_BITS }),
      ...(sizes.signed ? [productDemand(sizes.width, count)] : []),
      ...andsOfLeadingOne(placesOf(sizes).ored).map((ands) => productDemand(ands, count)),
    ]),
  run: (ctx, inputs, sizes) =>
    runInChunks(ctx, inputs, sizes.length, CHUNK, async (part) => {
      const length = part!.value.length;
      const { count } = placesOf(sizes);
      const all = await marksOf(ctx, part!, { ...sizes, length });
      return scope(() =>
        mapShares(concatShares(all), (vector) => ring128.strided(vector, [length, count], [1, length], 0)),
      );
    }),
} satisfies AuthenticatedProtocol<LeadingBitSizes, [x: AuthenticatedVector]>;

async function marksOf(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  { length, width, signed }: LeadingBitSizes,
): Promise<AuthenticatedVector[]> {
  const all = await bits.run(ctx, [x], { length, width: WORD_BITS });
  const bitAt = (place: number) =>
    scope(() => mapShares(all, (vector) => ring128.strided(vector, [length], [WORD_BITS], place)));
  const sign = bitAt(WORD_BITS - 1);
  const low = Array.from({ length: width }, (_, place) => bitAt(place));
  const places = signed ? [sign, ...(await complemented(ctx, low, sign))] : [...low, sign];
  const any = [...places].reverse();
  for (const joined of orsOfLeadingOne(places.length)) {
    const products = await multiplyAll(
      ctx,
      joined.map(([place, above]) => [any[place]!, any[above]!] as const),
    );
    joined.forEach(([place, above], i) => {
      // Within a level no pair reads what another wrote.
      const both = products[i]!;
      any[place] = scope(() => subShares(addShares(any[place]!, any[above]!), both));
    });
  }
  const marks = any.map((each, i) => (i === 0 ? each : scope(() => subShares(each, any[i - 1]!)))).reverse();
  return signed ? [...marks, sign] : marks;
}

/** b ⊕ s for every bit b. */
async function complemented(
  ctx: AuthenticatedContext,
  low: readonly AuthenticatedVector[],
  sign: AuthenticatedVector,
): Promise<AuthenticatedVector[]> {
  const products = await multiplyAll(
    ctx,
    low.map((bit) => [bit, sign] as const),
  );
  return low.map((bit, i) =>
    scope(() => subShares(addShares(bit, sign), addShares(products[i]!, products[i]!))),
  );
}
