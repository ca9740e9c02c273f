import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import { weigh } from "../../primitives/weigh";
import { VALUE_BITS } from "../../tensor/fixed-point";
import { POLYNOMIALS } from "./coefficients";
import { evaluate, toUnit } from "./evaluate";
import { INNER, toBase } from "./inner";

/** Angles are up to 2 to the power of this in magnitude. */
const RANGE_BITS = 10;

/** A fraction t of a turn from −1 to 1 that stands for an angle x: x/2π less a whole number, off by 2^-26. And t². */
export function fractionOfTurn(x: SharedTensor): {
  readonly t: SharedTensor;
  readonly squared: SharedTensor;
} {
  const base = toBase(x);
  const fracBits = VALUE_BITS - 1 - RANGE_BITS - base.fracBits;
  const turns = weigh([base], { weights: [1 / (2 * Math.PI)], fracBits }, INNER);
  const t = combine("sub", turns, toScale(turns, 0));
  return { t, squared: square(t, INNER) };
}

/** sin(2πt): t times a polynomial in t². */
export function sineOfTurn({ t, squared }: ReturnType<typeof fractionOfTurn>): SharedTensor {
  const quotient = evaluate(toUnit(squared, POLYNOMIALS.sine), POLYNOMIALS.sine, INNER);
  return times(t, quotient, t.iface.precision);
}

/** cos(2πt): a polynomial in t². */
export function cosineOfTurn({ squared }: ReturnType<typeof fractionOfTurn>): SharedTensor {
  return evaluate(toUnit(squared, POLYNOMIALS.cosine), POLYNOMIALS.cosine, squared.iface.precision);
}
