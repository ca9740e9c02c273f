/** Read the public arguments of layout operations; each error names the operation, the value and what is allowed. */
import { inspect } from "node:util";
import { bracketShape, type Shape } from "./shape";

/** A shape, as several numbers or as one list: `reshape(2, 3)` and `reshape([2, 3])`. */
export type ShapeArgs = number[] | [shape: Shape];

/**
 * Read a shape, or one number for each axis.
 *
 * @throws {TypeError} something is not a number
 */
export function numbersOf(operation: string, given: readonly unknown[]): readonly number[] {
  const numbers = given.length === 1 && Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
  const wrong = numbers.find((value) => typeof value !== "number");
  if (wrong !== undefined || numbers.includes(undefined)) {
    throw new TypeError(
      `${operation} takes numbers, or one list of numbers, such as ${operation}(2, 3) or ${operation}([2, 3]); got ` +
        inspect(wrong, { depth: 0 }),
    );
  }
  return numbers as number[];
}

/**
 * Check a whole number.
 *
 * @throws {TypeError} it is not a number
 * @throws {RangeError} it is not whole, or less than `least`
 */
export function wholeNumber(
  operation: string,
  name: string,
  value: unknown,
  least = Number.NEGATIVE_INFINITY,
): number {
  if (typeof value !== "number")
    throw new TypeError(`${operation}: ${name} must be a number, got ${inspect(value, { depth: 0 })}`);
  if (!Number.isInteger(value) || value < least) {
    const allowed = least === Number.NEGATIVE_INFINITY ? "a whole number" : `a whole number from ${least}`;
    throw new RangeError(`${operation}: ${name} must be ${allowed}, got ${value}`);
  }
  return value;
}

/**
 * Convert a position along an axis to one that counts from 0.
 *
 * @param where - ` at [2]`, if it stands in a list
 * @throws {TypeError} it is not a number
 * @throws {RangeError} the axis has no such position
 */
export function resolvePosition(
  operation: string,
  position: unknown,
  axis: number,
  shape: Shape,
  where: () => string = () => "",
): number {
  const extent = shape[axis]!;
  if (typeof position !== "number") {
    const shown = inspect(position, { depth: 0 });
    throw new TypeError(`${operation}: a position must be a number, got ${shown}${where()}`);
  }
  const resolved = position < 0 ? position + extent : position;
  if (Number.isInteger(position) && resolved >= 0 && resolved < extent) return resolved;
  const range = extent === 0 ? "that axis is empty" : `use ${-extent} to ${extent - 1}`;
  throw new RangeError(
    `${operation}: position ${position}${where()} is out of range for axis ${axis} of shape ${bracketShape(shape)}; ` +
      range,
  );
}
