import { times } from "../../primitives/multiply";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { VALUE_BITS } from "../../tensor/fixed-point";
import { POLYNOMIALS } from "./coefficients";
import { evaluate } from "./evaluate";
import { INNER } from "./inner";
import { type Normalised, weighMarks } from "./normalise";

/**
 * The square root of x = m · 2^(i − f): that of m, times the marks' sum of 2^((i − f)/2).
 *
 * The root of m is below 2^(26 + 1) in units of its last place, so weights may have the bits that are left of 61.
 */
export function rootOf(x: Normalised, fracBits: number, width: number, precision: number): SharedTensor {
  const root = evaluate(x.unit, POLYNOMIALS.sqrt, INNER);
  return times(
    root,
    halfPower(x, (place) => (place - fracBits) / 2, (width - fracBits) / 2),
    precision,
  );
}

/** 1 / the square root of x, likewise. */
export function inverseRootOf(x: Normalised, fracBits: number, precision: number): SharedTensor {
  const root = evaluate(x.unit, POLYNOMIALS.rsqrt, INNER);
  return times(
    root,
    halfPower(x, (place) => (fracBits - place) / 2, fracBits / 2),
    precision,
  );
}

function halfPower(x: Normalised, exponentOf: (place: number) => number, highest: number): SharedTensor {
  const fracBits = Math.min(INNER, VALUE_BITS - 2 - INNER - Math.ceil(highest));
  return weighMarks(x, (place) => 2 ** exponentOf(place), fracBits);
}
