/** Operations without a natural receiver, at the top level. */
import type { Operand, PublicInput } from "../autograd/operand";
import type { SharedVariable } from "../autograd/shared-variable";
import type { FloatTensor } from "../tensor/float-tensor";
import { where as select } from "./layout/where";
import type { Value } from "./signature";

export { concat } from "./layout/concat";
export { stack } from "./layout/stack";

/**
 * Take x where a condition is 1, and the other where it is 0; all three broadcast. The method is
 * `x.where(condition, other)`.
 *
 * Of a secret condition nobody learns which was taken. Its elements must be 0 or 1: others give x and the other mixed.
 *
 * @param condition - secret or public integers 0 and 1, as comparisons give them
 * @param x - a secret or a public value
 * @param other - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} a public condition holds other elements, or the shapes cannot be broadcast
 * @throws {TypeError} the condition is fixed point
 *
 * @example
 * spdz.where([1, 0, 1], x, 0)
 * spdz.where(x.gt(0), x, 0)
 */
export function where(condition: SharedVariable, x: Operand, other: Operand): SharedVariable;
export function where(condition: PublicInput, x: SharedVariable, other: Operand): SharedVariable;
export function where(condition: PublicInput, x: Operand, other: SharedVariable): SharedVariable;
export function where(condition: PublicInput, x: PublicInput, other: PublicInput): FloatTensor;
export function where(condition: Operand, x: Operand, other: Operand): Value;
export function where(...given: [condition: Operand, x: Operand, other: Operand]): Value {
  const [condition, x, other, ...more] = given as unknown[];
  return (select as (...args: unknown[]) => Value)(x, condition, other, ...more);
}
