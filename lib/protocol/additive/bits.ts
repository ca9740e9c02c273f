import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, scope } from "../../ring";
import { addDemands } from "../demand";
import type { Length } from "../protocol";
import { and, bitsOf, fromBinary, toBinary, type Width } from "./binary";
import { requireComparison } from "./capable";
import type { AdditiveProtocol } from "./context";

const BITS = 64;

/**
 * Compute the low bits of x mod 2^64, as shares of the integers 0 and 1: `width` of them for each number, the lowest first.
 * Exact for every x.
 */
export const bits = {
  check: (_: Width, can: Capabilities) => void requireComparison(can),
  demand: (sizes: Width, setting: { readonly can: Capabilities }) =>
    addDemands(toBinary.demand(sizes), bitsOf.demand(sizes, setting)),
  async run(ctx, [x], sizes): Promise<RingVector> {
    const binary = await toBinary.run(ctx, [x], sizes);
    const result = await bitsOf.run(ctx, [binary], sizes);
    binary.words.dispose();
    return result;
  },
} satisfies AdditiveProtocol<Width, [x: RingVector]>;

/** Compute x AND y of signed 64-bit integers, bit by bit. */
export const bitwiseAnd = {
  check: (_: Length, can: Capabilities) => void requireComparison(can),
  demand: ({ length }: Length, setting: { readonly can: Capabilities }) =>
    addDemands(
      toBinary.demand({ length: 2 * length, width: BITS }),
      and.demand({ length }),
      fromBinary.demand({ length }, setting),
    ),
  async run(ctx, [x, y], { length }): Promise<RingVector> {
    const { ring } = ctx;
    const both = ring.concat([x, y]);
    const { words } = await toBinary.run(ctx, [both], { length: 2 * length, width: BITS });
    const [left, right] = scope(() => [
      ring.slice(words, 0, length),
      ring.slice(words, length, 2 * length),
    ]) as [RingVector, RingVector];
    const product = await and.run(ctx, [{ words: left }, { words: right }]);
    for (const vector of [both, words, left, right]) vector.dispose();
    const result = await fromBinary.run(ctx, [product], { length });
    product.words.dispose();
    return result;
  },
} satisfies AdditiveProtocol<Length, [x: RingVector, y: RingVector]>;
