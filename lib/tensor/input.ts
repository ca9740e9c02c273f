import type JSBI from "jsbi";
import { toBigInt } from "../ring";
import { checkShape, type Shape, sizeOf } from "./shape";

/** A mathjs matrix, or anything else that turns itself into nested arrays. */
export interface ArrayLikeMatrix {
  toArray(): unknown;
}

/** What a single element may be: a number, a bigint, or a JSBI value. */
export type ScalarInput = number | bigint | JSBI;

/** Arrays of numbers to any depth. */
export type NestedArray = readonly (ScalarInput | NestedArray)[];

/** Typed arrays of numbers. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | BigInt64Array
  | BigUint64Array;

/** What a tensor is made from: a number, nested arrays, a typed array, a mathjs matrix, or another tensor. */
export type TensorInput = ScalarInput | NestedArray | NumericArray | ArrayLikeMatrix;

/** Elements in row-major order with the shape they were nested in. */
export interface FlatInput {
  readonly shape: Shape;
  /** The caller's own array where it was a typed one: not to be changed or kept. */
  readonly elements: ArrayLike<number | bigint>;
}

/** Reads one element; `list` is what it stands in, `where` says at which index. */
type ReadElement = (value: unknown, list: unknown, where: () => string) => number | bigint;

/**
 * Flattens what a caller gave.
 *
 * @param read - what an element is
 * @throws {TypeError} an element is no number
 * @throws {RangeError} rows of different lengths
 */
export function flatten(input: TensorInput, read: ReadElement = toScalar): FlatInput {
  const nested = unwrap(input);
  if (isNumericArray(nested)) return { shape: checkShape([nested.length]), elements: nested };
  const shape: number[] = [];
  for (let level: unknown = nested; isList(level); level = unwrap(level[0])) shape.push(level.length);
  const elements: (number | bigint)[] = [];
  collect(nested, undefined, { shape, read, into: elements }, 0);
  return { shape: checkShape(shape), elements };
}

/** Nests row-major elements again. */
export function nest<T>(elements: ArrayLike<T>, shape: Shape): unknown {
  const build = (axis: number, start: number): unknown => {
    if (axis === shape.length) return elements[start];
    const step = sizeOf(shape.slice(axis + 1));
    return Array.from({ length: shape[axis]! }, (_, i) => build(axis + 1, start + i * step));
  };
  return build(0, 0);
}

interface Collecting {
  readonly shape: Shape;
  readonly read: ReadElement;
  readonly into: (number | bigint)[];
}

function collect(value: unknown, list: unknown, collecting: Collecting, axis: number): void {
  const { shape, read, into } = collecting;
  const level = unwrap(value);
  if (axis === shape.length) {
    into.push(read(level, list, () => indexText(into.length, shape)));
    return;
  }
  if (!isList(level) || level.length !== shape[axis]) {
    const found = isList(level) ? `a row of ${level.length}` : "a single number";
    throw new RangeError(`rows differ: ${found} where the first has ${shape[axis]}`);
  }
  for (let i = 0; i < level.length; i++) collect(level[i], level, collecting, axis + 1);
}

/** ` at [2,5]` for the element at a row-major position; nothing for a scalar. */
export function indexText(position: number, shape: Shape): string {
  if (shape.length === 0) return "";
  const index = [...shape]
    .reverse()
    .reduce<{ rest: number; at: number[] }>(
      ({ rest, at }, extent) => ({ rest: Math.floor(rest / extent), at: [rest % extent, ...at] }),
      { rest: position, at: [] },
    );
  return ` at [${index.at}]`;
}

/**
 * A single element.
 *
 * @throws {TypeError} it is no number
 */
export function toScalar(value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  // JSBI values are arrays of digits, and mathjs has its own number classes.
  if (isJSBI(value)) return toBigInt(value);
  if (
    typeof value === "object" &&
    value !== null &&
    "toNumber" in value &&
    typeof value.toNumber === "function"
  ) {
    return Number(value.toNumber());
  }
  throw new TypeError(`a tensor holds numbers, not ${value === null ? "null" : typeof value}`);
}

function unwrap(value: unknown): unknown {
  const matrix = typeof value === "object" && value !== null && !Array.isArray(value) && "toArray" in value;
  return matrix && typeof value.toArray === "function" ? value.toArray() : value;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return isNumericArray(value) || (Array.isArray(value) && !isJSBI(value));
}

export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** By what it holds, not by its class: a program may have two copies of jsbi, one of each module system. */
export function isJSBI(value: unknown): value is JSBI {
  return Array.isArray(value) && typeof (value as unknown as { sign?: unknown }).sign === "boolean";
}
