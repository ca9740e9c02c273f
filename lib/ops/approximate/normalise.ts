import { combine } from "../../primitives/add";
import { rearrange } from "../../primitives/layout";
import { leadingBit } from "../../primitives/leading-bit";
import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { weigh, weighPlaces } from "../../primitives/weigh";
import { compose, sameElements } from "../../tensor/layout";
import type { Shape } from "../../tensor/shape";
import { rangeLayout } from "../../tensor/slices";
import { INNER } from "./inner";

/**
 * A secret as ±m · 2^(i − f), with the mantissa m from 1 to 2 and f fractional bits.
 *
 * The place i of the highest bit stays secret: it is one of the marks, integers 0 and 1, and what follows from it is a sum of
 * marks times public numbers, which costs nothing.
 */
export interface Normalised {
  /** 2m − 3, from −1 to 1, at 26 fractional bits, off by two units; 0 where there is no mark. */
  readonly unit: SharedTensor;
  /** See `placesOf`. */
  readonly marks: SharedTensor;
  /** −1 or 1, an integer; undefined where numbers below zero have no mark. */
  readonly sign: SharedTensor | undefined;
}

/**
 * Find the highest bit of |x|, and bring x between 1 and 2 by it.
 *
 * x times its normaliser is at most 2^width in units of the last place, and no product is larger.
 *
 * @param width - the bits that |x| has at most, in units of its last place
 * @param signed - whether numbers below zero are normalised too; otherwise they have no mark, as zero has none
 */
export function normalise(x: SharedTensor, width: number, signed: boolean): Normalised {
  const marks = leadingBit(x, { width, signed });
  const isNegative = signed ? signOf(marks, x.shape) : undefined;
  const sign = isNegative && weigh([isNegative], { weights: [-2], constant: 1, fracBits: 0 }, 0);
  const parts = { marks, sign };
  const normaliser = weighMarks(parts, (place) => 2 ** (x.fracBits - place), width - 1 - x.fracBits);
  const product = times(x, normaliser, INNER);
  const mantissa = sign ? times(product, sign, INNER) : product;
  const twice = weigh([mantissa], { weights: [2], fracBits: 0 }, INNER);
  return {
    ...parts,
    unit: combine(
      "sub",
      twice,
      weighMarks(parts, () => 3, INNER),
    ),
  };
}

/** The sum of the marks, each times a public number of its place i; 0 where there is no mark. */
export function weighMarks(
  { marks, sign }: Pick<Normalised, "marks" | "sign">,
  weightOf: (place: number) => number,
  fracBits: number,
): SharedTensor {
  const width = marks.shape.at(-1)! - (sign ? 2 : 1);
  const weights = Array.from({ length: width }, (_, place) => weightOf(place));
  // The number −1 has a mark of its own, before that of place 0; the sign is last.
  return weighPlaces(marks, { weights: [...(sign ? [weights[0]!] : []), ...weights, 0], fracBits });
}

/** The last of the marks: 1 below zero. */
function signOf(marks: SharedTensor, shape: Shape): SharedTensor {
  const last = marks.shape.length - 1;
  const layout = rangeLayout(marks.shape, last, marks.shape[last]! - 1, marks.shape[last]!);
  return rearrange("sign", marks, compose(layout, sameElements(layout.shape, shape)));
}
