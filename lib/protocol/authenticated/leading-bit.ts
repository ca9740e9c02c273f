import type { Capabilities } from "../../preprocessing/producer";
import type { AuthenticatedVector } from "../../sharing/authenticated";
import { andsOfLeadingOne, leadingOne } from "../../sharing/bit-circuits";
import { type BitVector, concatBits, xorBits } from "../../sharing/bits";
import type { Demand } from "../demand";
import { type LeadingBitSizes, placesOf } from "../leading-bit-places";
import { andBits } from "./and-bits";
import { byNumber, CHUNK, differenceDemands, differenceOf } from "./bits";
import { inChunks, runInChunks } from "./chunks";
import { gatesOf, requireComparison, TO_INTEGERS, toIntegers } from "./compare";
import type { AuthenticatedProtocol } from "./context";

const WORD_BITS = 64;

/**
 * Mark the highest bit of x, by places: see `placesOf`. Exact where −2^width ≤ x < 2^width.
 *
 * 1. Get the bits of x in F_2, as in `bits`.
 * 2. Mark the highest by ORs of authenticated bits.
 * 3. Turn the marks into integers.
 *
 * Security: active, provisional until the check.
 */
export const leadingBit = {
  check: (_: LeadingBitSizes, can: Capabilities) => requireComparison(can),
  demand: (sizes: LeadingBitSizes): Demand =>
    inChunks(sizes.length, CHUNK, (length) => {
      const { count, ored } = placesOf(sizes);
      return [
        ...differenceDemands(length, WORD_BITS),
        ...andsOfLeadingOne(ored).map((ands) => andBits.demand({ length: ands * length })),
        TO_INTEGERS.demand({ length: count * length }),
      ];
    }),
  run: (ctx, inputs, sizes) => {
    const { width, signed } = sizes;
    const { count } = placesOf(sizes);
    return runInChunks(ctx, inputs, sizes.length, CHUNK, async (part) => {
      const places = await differenceOf(ctx, part!, WORD_BITS);
      const sign = places[WORD_BITS - 1]!;
      const low = places.slice(0, width);
      const bits: BitVector[] = signed ? [sign, ...low.map((bit) => xorBits(bit, sign))] : [...low, sign];
      const marks = await leadingOne(gatesOf(ctx), bits);
      const all = signed ? [...marks, sign] : marks;
      return byNumber(await toIntegers(ctx, concatBits(all)), count);
    });
  },
} satisfies AuthenticatedProtocol<LeadingBitSizes, [x: AuthenticatedVector]>;
