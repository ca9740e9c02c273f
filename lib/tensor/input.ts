import type JSBI from "jsbi";
import { isJSBI, plainNumber, readExact } from "./exact";
import { checkShape, type Shape, sizeOf } from "./shape";

/** A mathjs matrix, or any other object that converts itself to nested arrays. */
export interface ArrayLikeMatrix {
  toArray(): unknown;
}

/** A single element: a number, a bigint, or a JSBI value. */
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

/** Input for a tensor: a number, nested arrays, a typed array, a mathjs matrix, or another tensor. */
export type TensorInput = ScalarInput | NestedArray | NumericArray | ArrayLikeMatrix;

/** Elements in row-major order, with the shape of their nesting. */
export interface FlatInput<T = number | bigint> {
  readonly shape: Shape;
  /** If the caller passed a typed array, this is that array: do not change or keep it. */
  readonly elements: ArrayLike<T | number | bigint>;
}

/** Read one element; `list` is the array that contains it, `where` names its index. */
type ReadElement<T> = (value: unknown, list: unknown, where: () => string) => T;

/**
 * Flatten the caller's input.
 *
 * @param read - converts one element
 * @throws {TypeError} an element is not a number
 * @throws {RangeError} rows have different lengths
 */
export function flatten(input: TensorInput): FlatInput;
export function flatten<T>(input: TensorInput, read: ReadElement<T>): FlatInput<T>;
export function flatten(input: TensorInput, read: ReadElement<unknown> = readScalar): FlatInput<unknown> {
  const nested = unwrap(input);
  if (isNumericArray(nested)) return { shape: checkShape([nested.length]), elements: nested };
  const shape: number[] = [];
  for (let level: unknown = nested; isList(level); level = unwrap(level[0])) shape.push(level.length);
  const elements: unknown[] = [];
  collect(nested, undefined, { shape, read, into: elements }, 0);
  return { shape: checkShape(shape), elements };
}

/** Convert row-major elements back to nested arrays. */
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
  readonly read: ReadElement<unknown>;
  readonly into: unknown[];
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
    throw new RangeError(`rows must have equal lengths: got ${found} where the first has ${shape[axis]}`);
  }
  for (let i = 0; i < level.length; i++) collect(level[i], level, collecting, axis + 1);
}

/** Return ` at [2,5]` for the element at a row-major position, or an empty text for a scalar. */
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
 * Check a single element and convert it.
 *
 * @throws {TypeError} the value is not a number
 */
export function toScalar(value: unknown): number | bigint {
  return readScalar(value, undefined, () => "");
}

function readScalar(value: unknown, _list: unknown, where: () => string): number | bigint {
  const exact = readExact(value);
  if (exact === undefined) throw new TypeError(`${kindOf(value)}${where()}; tensor elements must be numbers`);
  return plainNumber(exact);
}

/** `a boolean`, `null`, `a SharedVariable`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

function unwrap(value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  // An index of mathjs converts itself too, but is not numbers to compute on.
  const matrix = isObject && "toArray" in value && !("isIndex" in value);
  return matrix && typeof value.toArray === "function" ? value.toArray() : value;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return isNumericArray(value) || (Array.isArray(value) && !isJSBI(value));
}

export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
