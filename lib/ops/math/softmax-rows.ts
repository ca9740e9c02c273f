import { inspect } from "node:util";
import { combine } from "../../primitives/add";
import { sumAxes } from "../../primitives/reduce";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { moveElements, transposeOf } from "../../tensor/layout";
import { planReduction } from "../../tensor/reduction";
import type { Shape } from "../../tensor/shape";
import { clampTo } from "../approximate/clamp-to";
import { POLYNOMIALS } from "../approximate/coefficients";
import { evaluate, toUnit } from "../approximate/evaluate";
import { INNER, toBase } from "../approximate/inner";
import { asColumn, fromRows, planRows, type Rows, toRows } from "../compare/rows";
import { tournament } from "../compare/tournament";

const TAIL = POLYNOMIALS.expTail;

/**
 * Plan a softmax along one axis: the elements along it as the rows of a matrix.
 *
 * @throws {TypeError} the axis is not a number
 * @throws {RangeError} the axis does not exist, or has no elements
 */
export function planSoftmax(operation: string, shape: Shape, axis: number): Rows {
  if (typeof axis !== "number") throw new TypeError(`${operation} takes one axis, got ${inspect(axis)}`);
  return planRows(operation, shape, axis);
}

/** The elements along the axis as rows. */
export const toColumns = toRows;

/** The rows back in their places. */
export const backToAxis = fromRows;

/**
 * The distance of each element below the greatest of its row, at the precision of x, and exp of that, at 26 fractional bits.
 *
 * Elements more than 16 below count as 16 below, exp(−16) = 2^-23.
 */
export function exponentials(x: SharedTensor, plan: Rows) {
  const rows = toRows(x, plan);
  const below = combine("sub", rows, asColumn(tournament(rows).winners, plan));
  const near = clampTo(toBase(below), TAIL.interval[0], null);
  return { below, powers: evaluate(toUnit(near, TAIL), TAIL, INNER) };
}

/** The sum of each row, as a column, and the bits of its words. The greatest element counts 1, so a row of n is below n + 1. */
export function sumOfRows(rows: SharedTensor, { length }: Rows) {
  const sum = sumAxes(rows, planReduction("sum", rows.shape, 1, { keepdim: true }));
  return { sum, width: INNER + Math.ceil(Math.log2(length + 1)) };
}

/** The same on plain numbers: a function of each row. */
export function eachRowOf(
  x: FloatTensor,
  { layout, length }: Rows,
  map: (row: number[]) => number[],
): FloatTensor {
  const values = moveElements(doubles, x.values, layout);
  const rows = Array.from({ length: values.length / length }, (_, i) =>
    map([...values.subarray(i * length, (i + 1) * length)]),
  );
  return FloatTensor.from(
    moveElements(doubles, Float64Array.from(rows.flat()), transposeOf(layout)),
    x.shape,
  );
}

/** The logarithm of the sum of exp of each number, without overflow. */
export function logSumExp(row: readonly number[]): number {
  const greatest = Math.max(...row);
  return greatest + Math.log(row.reduce((sum, each) => sum + Math.exp(each - greatest), 0));
}
