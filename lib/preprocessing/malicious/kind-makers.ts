import type { OperationLink } from "../../channel/operation-link";
import type { KindName } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import type { BatchSizes, ProductionCost } from "../producer";
import { makeAndTriples } from "./binary/and-triples";
import { FEWEST_ANDS } from "./binary/buckets";
import { makeDaBits } from "./binary/joint-dabits";
import { makeMaskBits } from "./binary/mask-bits";
import type { OtState } from "./ot-state";
import { makePrivateBits } from "./private-bits";
import { makeInputMasks, makeRandoms } from "./randoms";
import { makeSquares } from "./squares";
import { makeTriples } from "./triples";

/** Makes the items of one kind by oblivious transfer, with malicious security, and knows its cost. */
export interface KindMaker extends BatchSizes, ProductionCost {
  make(link: OperationLink, state: OtState, count: number): Promise<RawVector[]>;
}

/** The makers of all kinds that this production makes, by name. */
export const makers = {
  triple: {
    least: 32,
    most: 2048,
    bytes: 13_500,
    rounds: 14,
    micros: 90,
    make: async (link, state, count) => {
      const { a, b, c } = await makeTriples(link, state, count);
      return [a, b, c];
    },
  },
  square: {
    least: 16,
    most: 1024,
    bytes: 14_300,
    rounds: 21,
    micros: 95,
    make: async (link, state, count) => {
      const { r, square } = await makeSquares(link, state, count);
      return [r, square];
    },
  },
  input0: {
    least: 64,
    most: 4096,
    bytes: 385,
    rounds: 2,
    micros: 3,
    make: async (link, state, count) => [await makeInputMasks(link, state, 0, count)],
  },
  input1: {
    least: 64,
    most: 4096,
    bytes: 385,
    rounds: 2,
    micros: 3,
    make: async (link, state, count) => [await makeInputMasks(link, state, 1, count)],
  },
  random: {
    least: 64,
    most: 4096,
    bytes: 770,
    rounds: 3,
    micros: 5.5,
    make: async (link, state, count) => [await makeRandoms(link, state, count)],
  },
  bits: {
    least: 16,
    most: 512,
    bytes: 56_900,
    rounds: 22,
    micros: 370,
    make: makePrivateBits,
  },
  andtriple: {
    least: FEWEST_ANDS,
    most: 65_536,
    bytes: 112,
    rounds: 14,
    micros: 2,
    make: makeAndTriples,
  },
  dabit: {
    least: 64,
    most: 1024,
    bytes: 14_400,
    rounds: 46,
    micros: 140,
    make: makeDaBits,
  },
  maskbits: {
    least: 16,
    most: 512,
    bytes: 49_700,
    rounds: 14,
    micros: 360,
    make: makeMaskBits,
  },
} as const satisfies { readonly [name in KindName]?: KindMaker };

/**
 * Return the maker of a kind.
 *
 * @throws {TypeError} this production does not make the kind
 */
export function makerOf(kind: string): KindMaker {
  if (!Object.hasOwn(makers, kind))
    throw new TypeError(
      `"${kind}" is not made by oblivious transfer with malicious security; made are ${Object.keys(makers).join(", ")}`,
    );
  return makers[kind as keyof typeof makers];
}
