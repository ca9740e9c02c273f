import type { OperationLink } from "../../channel/operation-link";
import { MASK_BITS } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import type { BatchSizes, ProductionCost } from "../producer";
import { makeBits } from "./bits";
import type { OtState } from "./ot-state";
import { makeInputMasks, makeRandoms } from "./randoms";
import { makeSquares } from "./squares";
import { makeTriples } from "./triples";

/** How items of one kind are made with malicious security from oblivious transfer. */
export interface KindMaker extends BatchSizes, ProductionCost {
  make(link: OperationLink, state: OtState, count: number): Promise<RawVector[]>;
}

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
  mask: {
    least: 4,
    most: 16,
    bytes: 913_000,
    rounds: 22,
    micros: 5800,
    make: async (link, state, count) => [await makeBits(link, state, count * MASK_BITS)],
  },
} as const satisfies Record<string, KindMaker>;

/** The maker of a kind. */
export function makerOf(kind: string): KindMaker {
  const maker = (makers as Record<string, KindMaker>)[kind];
  if (!maker) throw new TypeError(`"${kind}" is not made from oblivious transfer with malicious security`);
  return maker;
}
