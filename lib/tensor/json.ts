/**
 * Plain tensors as JSON, and back. JSON has no NaN, no infinities, no −0 and no 64-bit integers, so those are texts in
 * it.
 */
import { checkShape, type Shape, sizeOf } from "./shape";

/** What `toJSON` of a FloatTensor returns, and its constructor accepts. */
export interface FloatTensorJson {
  readonly type: "FloatTensor";
  readonly shape: Shape;
  /** The elements, row after row; `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"` are texts. */
  readonly values: readonly (number | string)[];
}

/** What `toJSON` of a plain LongTensor returns, and its constructor accepts. */
export interface LongTensorJson {
  readonly type: "LongTensor";
  readonly shape: Shape;
  readonly fracBits: number;
  /** The integers in decimal, row after row, not divided by 2^fracBits. */
  readonly values: readonly string[];
}

/** What `structuredClone` makes of a FloatTensor: its shape and its elements, without its methods. */
export interface FloatTensorClone {
  readonly shape: Shape;
  readonly values: Float64Array;
}

const TEXTS = ["NaN", "Infinity", "-Infinity", "-0"];

/** Convert doubles for JSON. */
export function doublesToJson(values: Float64Array): (number | string)[] {
  return Array.from(values, (value) => {
    if (Object.is(value, -0)) return "-0";
    return Number.isFinite(value) ? value : String(value);
  });
}

/**
 * Read the JSON or the structured clone of a FloatTensor; undefined for any other value.
 *
 * @throws {TypeError} a value is not a number, or it is the JSON of another tensor
 * @throws {RangeError} the values do not fill the shape
 */
export function doublesFromJson(data: unknown): { shape: Shape; values: Float64Array } | undefined {
  const json = tensorJson(data, "FloatTensor");
  if (!json) return undefined;
  const shape = checkFilled("FloatTensor", json);
  if (Object.prototype.toString.call(json.values) === "[object Float64Array]")
    return { shape, values: Float64Array.from(json.values as ArrayLike<number>) };
  const values = Array.from(json.values, (value, i) => {
    if (typeof value === "number" || (typeof value === "string" && TEXTS.includes(value)))
      return Number(value);
    throw new TypeError(
      `FloatTensor: value ${i} of the JSON is ${shown(value)}; it must be a number, "NaN", "Infinity", "-Infinity" or "-0"`,
    );
  });
  return { shape, values: Float64Array.from(values) };
}

/**
 * Read the JSON of a LongTensor; undefined for any other value.
 *
 * @throws {TypeError} a value is not an integer in decimal, or the JSON has no values, like that of a share
 * @throws {RangeError} an integer has more than 64 bits, the values do not fill the shape, or the scale is out of range
 */
export function integersFromJson(
  data: unknown,
): { shape: Shape; fracBits: number; values: bigint[] } | undefined {
  const json = tensorJson(data, "LongTensor");
  if (!json) return undefined;
  const { fracBits } = json;
  if (!Number.isInteger(fracBits) || (fracBits as number) < 0 || (fracBits as number) > 63)
    throw new RangeError(
      `LongTensor: fracBits of the JSON must be an integer from 0 to 63, got ${shown(fracBits)}`,
    );
  const shape = checkFilled("LongTensor", json);
  const values = Array.from(json.values, (value, i) => {
    if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value))
      throw new TypeError(
        `LongTensor: value ${i} of the JSON is ${shown(value)}; it must be a text such as "-12"`,
      );
    const integer = BigInt(value);
    if (BigInt.asIntN(64, integer) !== integer)
      throw new RangeError(`LongTensor: value ${i} of the JSON, ${value}, does not fit in 64 bits`);
    return integer;
  });
  return { shape, fracBits: fracBits as number, values };
}

/** The error for a value that is not the JSON of a tensor. */
export function notJson(type: string, value: unknown): TypeError {
  const hint = typeof value === "string" ? `; parse the text first, ${type}.fromJSON(JSON.parse(text))` : "";
  return new TypeError(`this is not the JSON of a ${type}${hint}`);
}

type AnyJson = { shape: unknown; values: ArrayLike<unknown>; fracBits?: unknown };

function tensorJson(data: unknown, type: "FloatTensor" | "LongTensor"): AnyJson | undefined {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
  const json = data as { type?: unknown; shape?: unknown; values?: unknown; toArray?: unknown };
  // Other values have shapes too, such as secrets.
  const ours = ["type", "values", "isShare"].some((name) => Object.hasOwn(data, name));
  if (typeof json.toArray === "function" || !ours || !Array.isArray(json.shape)) return undefined;
  const named = typeof json.type === "string" ? json.type : undefined;
  if (named !== undefined && named !== type)
    throw new TypeError(`this is the JSON of a ${named}, not of a ${type}: make a ${named} of it`);
  const values = Object(json.values) as { length?: unknown };
  if (typeof values.length === "number") return data as AnyJson;
  throw new TypeError(
    `this is a ${type} without its values: JSON leaves out those of a share and of a pending tensor, and ` +
      "structuredClone(tensor) those of every LongTensor; save shares with `await iface.save(path, { x })`, and clone " +
      "structuredClone(tensor.toJSON())",
  );
}

function checkFilled(type: string, { shape, values }: AnyJson): Shape {
  const checked = checkShape(shape as number[]);
  if (values.length === sizeOf(checked)) return checked;
  throw new RangeError(`${type}: ${values.length} values of the JSON do not fill the shape [${checked}]`);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
