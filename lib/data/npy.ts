/** NumPy's .npy files: one array of numbers. */
import { promises as fs } from "node:fs";
import { basename } from "node:path";
import { cannot, writeWhole } from "../files";
import type { FloatTensor } from "../tensor/float-tensor";
import type { TensorInput } from "../tensor/input";
import type { LongTensor } from "../tensor/long-tensor";
import { sizeOf } from "../tensor/shape";
import { encodeElements, toTensor } from "./elements";
import { decodeNpyHeader, encodeNpyHeader, PREFIX_BYTES } from "./npy-header";

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
  await writeWhole(path, encodeNpy(values, "writeNpy"));
}

/** Read a .npy file that is in memory. */
export async function decodeNpy(file: Uint8Array, where: string): Promise<FloatTensor | LongTensor> {
  const part = async (length: number, at: number) => file.slice(at, at + length);
  const prefix = file.slice(0, PREFIX_BYTES);
  const { type, fortran, shape, start } = await decodeNpyHeader(prefix, file.length, where, part);
  return toTensor(type, file.slice(start), shape, fortran, where);
}

/** The parts of a .npy file. */
export function encodeNpy(values: unknown, what: string): [header: Uint8Array, elements: Uint8Array] {
  const { kind, bits, shape, bytes } = encodeElements(values, what);
  return [encodeNpyHeader(`<${kind}${bits / 8}`, shape), bytes];
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
