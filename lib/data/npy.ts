/** NumPy's .npy files: one array of numbers. */
import { promises as fs } from "node:fs";
import { basename } from "node:path";
import { cannot, writeWhole } from "../files";
import { ring64 } from "../ring";
import { FloatTensor } from "../tensor/float-tensor";
import { isNumericArray, type NumericArray, type TensorInput } from "../tensor/input";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { type Shape, sizeOf } from "../tensor/shape";
import { decodeNpyHeader, encodeNpyHeader, type NpyType, PREFIX_BYTES } from "./npy-header";

/**
 * Read an array that NumPy wrote with `numpy.save`. Floats of 16, 32 and 64 bits become a FloatTensor; integers of up to
 * 64 bits and booleans become a LongTensor, exactly. Both orders of axes and of bytes are read.
 *
 * @throws {TypeError} the array holds something else than numbers: texts, objects, complex numbers or records; the message
 *   names its dtype
 * @throws {RangeError} the file cannot be read, is not a .npy file, or does not hold as many bytes as its header says
 *
 * @example
 * const images = await iface.input(1, () => io.readNpy("images.npy"));
 */
export async function readNpy(path: string): Promise<FloatTensor | LongTensor> {
  const where = `readNpy ${basename(path)}`;
  let file: fs.FileHandle;
  try {
    file = await fs.open(path, "r");
  } catch (cause) {
    throw cannot("read", path, cause);
  }
  try {
    const { size } = await file.stat();
    const prefix = await read(file, Math.min(PREFIX_BYTES, size), 0, path);
    const { type, fortran, shape, start } = await decodeNpyHeader(prefix, size, where, (length, at) =>
      read(file, length, at, path),
    );
    const bytes = await read(file, sizeOf(shape) * type.bytes, start, path);
    if (type.bytes > 1 && type.big) swapBytes(bytes, type.bytes);
    return toTensor(type, bytes, shape, fortran, where);
  } finally {
    await file.close();
  }
}

/**
 * Write a plain tensor for `numpy.load`: a FloatTensor or numbers as float64, a LongTensor or bigints as int64, a typed
 * array in its own type. `readNpy` gives the same tensor again.
 *
 * @param path - the file; an earlier one is replaced
 * @throws {TypeError} the values are secret or a share, or a LongTensor has fractional bits, which .npy cannot store
 * @throws {RangeError} the file cannot be written
 *
 * @example
 * await io.writeNpy("means.npy", await x.mean(0).reveal());
 */
export async function writeNpy(path: string, values: FloatTensor | LongTensor | TensorInput): Promise<void> {
  const { kind, bits, shape, bytes } = encode(values);
  await writeWhole(path, [encodeNpyHeader(`<${kind}${bits / 8}`, shape), bytes]);
}

async function read(file: fs.FileHandle, length: number, at: number, path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 2 ** 30), at + done);
    if (bytesRead === 0) throw new RangeError(`${path} became shorter while it was read; read it again`);
    done += bytesRead;
  }
  return bytes;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}

function toTensor(
  { kind, bytes: width }: NpyType,
  bytes: Uint8Array,
  shape: Shape,
  fortran: boolean,
  where: string,
): FloatTensor | LongTensor {
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
function words(bytes: Uint8Array, kind: NpyType["kind"], width: number, where: string): Uint8Array {
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

interface Encoded {
  readonly kind: "f" | "i" | "u";
  readonly bits: number;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

function encode(values: unknown): Encoded {
  if (values instanceof LongTensor) {
    if (values.isShare)
      throw new TypeError(
        "writeNpy: this tensor is one party's share of a secret; save it with iface.save, or reveal it first",
      );
    if (values.fracBits > 0)
      throw new TypeError(
        `writeNpy: this LongTensor has ${values.fracBits} fractional bits, which .npy cannot store; write ` +
          "spdz.decode(tensor), or JSON.stringify(tensor)",
      );
    return { kind: "i", bits: 64, shape: values.shape, bytes: bytesOf(values.toTypedArray()) };
  }
  if (isNumericArray(values)) return encodeTypedArray(values);
  if (typeof values === "bigint" || isBigints(values)) return encode(new LongTensor(values as TensorInput));
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
