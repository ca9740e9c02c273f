import type { OperationLink } from "../channel/operation-link";
import { makeBits } from "./bits";
import type { Machine } from "./machine";
import { makeInputMasks, makeRandoms } from "./randoms";
import type { RawVector } from "./raw";
import { makeSquares } from "./squares";
import { makeTriples } from "./triples";

/** Kinds of correlated randomness, in the order in which a reservation plans them. */
export const KINDS = ["triple", "square", "input0", "input1", "random", "mask"] as const;
export type Kind = (typeof KINDS)[number];

/** How items of one kind are made. */
export interface Recipe {
  /** Vectors of one item, and elements of each. */
  readonly fields: number;
  readonly width: number;
  /** Items made at once, from the first batch to the largest. */
  readonly least: number;
  readonly most: number;
  make(link: OperationLink, machine: Machine, count: number): Promise<RawVector[]>;
}

/** Bits of a truncation mask. */
export const MASK_BITS = 64;

export const recipes: Record<Kind, Recipe> = {
  triple: {
    fields: 3,
    width: 1,
    least: 32,
    most: 2048,
    make: async (link, machine, count) => {
      const { a, b, c } = await makeTriples(link, machine, count);
      return [a, b, c];
    },
  },
  square: {
    fields: 2,
    width: 1,
    least: 16,
    most: 1024,
    make: async (link, machine, count) => {
      const { r, square } = await makeSquares(link, machine, count);
      return [r, square];
    },
  },
  input0: {
    fields: 1,
    width: 1,
    least: 64,
    most: 4096,
    make: async (link, machine, count) => [await makeInputMasks(link, machine, 0, count)],
  },
  input1: {
    fields: 1,
    width: 1,
    least: 64,
    most: 4096,
    make: async (link, machine, count) => [await makeInputMasks(link, machine, 1, count)],
  },
  random: {
    fields: 1,
    width: 1,
    least: 64,
    most: 4096,
    make: async (link, machine, count) => [await makeRandoms(link, machine, count)],
  },
  mask: {
    fields: 1,
    width: MASK_BITS,
    least: 4,
    most: 16,
    make: async (link, machine, count) => [await makeBits(link, machine, count * MASK_BITS)],
  },
};
