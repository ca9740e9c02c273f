/** Operations without a natural receiver, at the top level. */
import type { Operand, PublicInput } from "../autograd/operand";
import type { SharedVariable } from "../autograd/shared-variable";
import type { FloatTensor } from "../tensor/float-tensor";
import type { IndexInput } from "../tensor/indexed";
import { where as select } from "./layout/where";
import type { Value } from "./signature";

export { concat } from "./layout/concat";
export { stack } from "./layout/stack";

/**
 * Take x where a public condition is 1, and the other where it is 0; all three broadcast. The method is
 * `x.where(condition, other)`.
 *
 * @param condition - public ones and zeros
 * @param x - a secret or a public value
 * @param other - a secret or a public value
 * @returns at the finer scale of the two, exact
 * @throws {RangeError} the condition holds other elements, or the shapes cannot be broadcast
 * @throws {TypeError} the condition is secret or fixed point
 *
 * @example
 * spdz.where([1, 0, 1], x, 0)
 */
export function where(condition: IndexInput, x: SharedVariable, other: Operand): SharedVariable;
export function where(condition: IndexInput, x: Operand, other: SharedVariable): SharedVariable;
export function where(condition: IndexInput, x: PublicInput, other: PublicInput): FloatTensor;
export function where(condition: IndexInput, x: Operand, other: Operand): Value;
export function where(...given: [condition: IndexInput, x: Operand, other: Operand]): Value {
  const [condition, x, other, ...more] = given as unknown[];
  return (select as (...args: unknown[]) => Value)(x, condition, other, ...more);
}
