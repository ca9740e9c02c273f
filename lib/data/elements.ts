/** The elements of tensors, as files of arrays store them. */
import { ring64 } from "../ring";
import { FloatTensor } from "../tensor/float-tensor";
import { isNumericArray, type NumericArray, type TensorInput } from "../tensor/input";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import type { Shape } from "../tensor/shape";

/** The type of the elements. */
export interface ElementType {
  readonly kind: "f" | "i" | "u" | "b";
  /** Bytes of an element. */
  readonly bytes: number;
  /** The most significant byte comes first. */
  readonly big: boolean;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}

/**
 * The tensor of stored elements, which begin at the start of their buffer: a FloatTensor of floats, a LongTensor of
 * integers and booleans.
 *
 * @param fortran - the first axis varies fastest
 */
export function toTensor(
  { kind, bytes: width, big }: ElementType,
  bytes: Uint8Array,
  shape: Shape,
  fortran: boolean,
  where: string,
): FloatTensor | LongTensor {
  if (width > 1 && big) swapBytes(bytes, width);
  // NumPy stores the last axis first in Fortran's order.
  const stored = fortran ? [...shape].reverse() : shape;
  const tensor =
    kind === "f"
      ? FloatTensor.from(doubles(bytes, width), stored)
      : longTensor(ring64.fromBytes(words(bytes, kind, width, where), bytes.length / width), stored, 0);
  return fortran && shape.length > 1
    ? tensor.permute(...shape.map((_, axis) => shape.length - 1 - axis))
    : tensor;
}

function doubles(bytes: Uint8Array, width: number): Float64Array {
  if (width === 8) return new Float64Array(bytes.buffer, 0, bytes.length / 8);
  if (width === 4) return Float64Array.from(new Float32Array(bytes.buffer, 0, bytes.length / 4));
  return Float64Array.from(new Uint16Array(bytes.buffer, 0, bytes.length / 2), half);
}

/** The value of a float16. */
function half(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(word >> 10) & 31, word & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Widen integers to 64 bits. */
function words(bytes: Uint8Array, kind: ElementType["kind"], width: number, where: string): Uint8Array {
  if (width === 8) {
    if (kind === "u") refuseHighBits(new BigUint64Array(bytes.buffer, 0, bytes.length / 8), where);
    return bytes;
  }
  const signed = { 1: Int8Array, 2: Int16Array, 4: Int32Array };
  const unsigned = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
  const array = new (kind === "i" ? signed : unsigned)[width as 1 | 2 | 4](
    bytes.buffer as ArrayBuffer,
    0,
    bytes.length / width,
  );
  const halves = new Int32Array(2 * array.length);
  array.forEach((value: number, i: number) => {
    halves[2 * i] = value;
    halves[2 * i + 1] = value < 0 ? -1 : 0;
  });
  return new Uint8Array(halves.buffer);
}

function refuseHighBits(values: BigUint64Array, where: string): void {
  const at = values.findIndex((value) => value >= 2n ** 63n);
  if (at >= 0)
    throw new RangeError(
      `${where}: element ${at} is ${values[at]}, and a LongTensor holds integers below 2^63; store it as float64`,
    );
}

/** Plain values as a file stores them, the least significant byte first. */
export interface Encoded {
  readonly kind: "f" | "i" | "u";
  readonly bits: number;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** @throws {TypeError} the values are a share, or have fractional bits */
export function encodeElements(values: unknown, what: string): Encoded {
  if (values instanceof LongTensor) {
    if (values.isShare)
      throw new TypeError(
        `${what}: this tensor is one party's share of a secret; save it with iface.save, or reveal it first`,
      );
    if (values.fracBits > 0)
      throw new TypeError(
        `${what}: this LongTensor has ${values.fracBits} fractional bits, which the format cannot store; write ` +
          "spdz.decode(tensor), or JSON.stringify(tensor)",
      );
    return { kind: "i", bits: 64, shape: values.shape, bytes: bytesOf(values.toTypedArray()) };
  }
  if (isNumericArray(values)) return encodeTypedArray(values);
  if (typeof values === "bigint" || isBigints(values))
    return encodeElements(new LongTensor(values as TensorInput), what);
  const tensor = new FloatTensor(values as TensorInput);
  return { kind: "f", bits: 64, shape: tensor.shape, bytes: bytesOf(tensor.values) };
}

function encodeTypedArray(values: NumericArray): Encoded {
  const tag = values[Symbol.toStringTag];
  const kind = tag.startsWith("Float") ? "f" : /^(Big)?Int/.test(tag) ? "i" : "u";
  return { kind, bits: 8 * values.BYTES_PER_ELEMENT, shape: [values.length], bytes: bytesOf(values) };
}

/** Whether the first element of nested arrays is a bigint. */
function isBigints(values: unknown): boolean {
  let first = values;
  while (Array.isArray(first)) first = first[0];
  return typeof first === "bigint";
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
