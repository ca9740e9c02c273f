import { combine, negate } from "../../primitives/add";
import { selectNegative } from "../../primitives/compare";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { constant } from "../constant";
import * as term from "../term";

/** A value within bounds, and what it takes to tell where it was outside. */
export interface Clamped {
  readonly result: SharedTensor;
  /** 1 where x lay beyond a bound, for each bound that there is; integers. */
  readonly outside: readonly SharedTensor[];
}

/** Bring every element between two bounds, which are rounded to the session's precision; null is no bound. */
export function clampBetween(x: SharedTensor, min: number | null, max: number | null): Clamped {
  const sides = [
    ...(min === null ? [] : [missing(term.sub(x, constant(x, min)), negate)]),
    ...(max === null ? [] : [missing(term.sub(constant(x, max), x), (distance) => distance)]),
  ];
  const result = sides.reduce((sum, { product }) => combine("add", sum, product), x);
  return { result, outside: sides.map(({ chosen }) => chosen) };
}

/** The same without where it was outside. */
export function clampTo(x: SharedTensor, min: number | null, max: number | null): SharedTensor {
  return clampBetween(x, min, max).result;
}

/** 1 where `distance`, from the bound into the range, is below zero; and there, what is missing to the bound. */
function missing(distance: SharedTensor, toBound: (distance: SharedTensor) => SharedTensor) {
  return selectNegative(distance, toBound(distance));
}
