/** The header of a .npy file, versions 1 to 3: a Python literal, of which this reads what NumPy writes and no more. */

import { checkShape, type Shape, sizeOf } from "../tensor/shape";
import type { ElementType } from "./elements";

/** Bytes before the literal in the longest version. */
export const PREFIX_BYTES = 12;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy pads headers to 64 bytes; those of arrays of numbers are far shorter than this. */
const LONGEST = 64 * 1024;
const MOST_AXES = 64;

export interface NpyHeader {
  readonly type: ElementType;
  readonly fortran: boolean;
  readonly shape: Shape;
  /** Where the elements begin. */
  readonly start: number;
}

/**
 * Read a header, and check it against the size of the file before anything is allocated for the elements.
 *
 * @param prefix - the first bytes of the file
 * @param read - reads so many bytes at a place
 */
export async function decodeNpyHeader(
  prefix: Uint8Array,
  fileBytes: number,
  where: string,
  read: (length: number, at: number) => Promise<Uint8Array>,
): Promise<NpyHeader> {
  const [major = 0] = prefix.subarray(6);
  if (prefix.length < PREFIX_BYTES || MAGIC.some((byte, i) => prefix[i] !== byte))
    throw new RangeError(`${where}: this is not a .npy file; write one with numpy.save or io.writeNpy`);
  if (major < 1 || major > 3)
    throw new RangeError(`${where}: .npy version ${major} is not known; versions 1 to 3 are read`);
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  const [at, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const start = at + length;
  if (length > LONGEST || start > fileBytes)
    throw new RangeError(
      `${where}: the header says that it has ${length} bytes, and the file has ${fileBytes}; the file is damaged`,
    );
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(await read(length, at));
  const { type, fortran, shape } = parse(text, where);
  const expected = sizeOf(shape) * type.bytes;
  if (start + expected !== fileBytes)
    throw new RangeError(
      `${where}: the header says shape [${shape}] of ${type.bytes} bytes each, ${expected} bytes in all, and the file ` +
        `holds ${fileBytes - start}; it was cut off or damaged`,
    );
  return { type, fortran, shape, start };
}

/** Encode a header of version 1, padded so that the elements are aligned. */
export function encodeNpyHeader(descr: string, shape: Shape): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length);
  bytes.set([...MAGIC, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  return bytes;
}

function parse(text: string, where: string): Omit<NpyHeader, "start"> {
  const literal = text.trim();
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(literal)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(literal)?.[1];
  const descr = /'descr'\s*:\s*('([^']*)'|\[)/.exec(literal);
  if (!literal.startsWith("{") || !literal.endsWith("}") || !order || sizes === undefined || !descr)
    throw new RangeError(`${where}: the header cannot be read; write the file again with numpy.save`);
  if (descr[1] === "[")
    throw new TypeError(
      `${where}: the array holds records, dtype ${/\[.*\]/s.exec(literal)?.[0] ?? "[…]"}; save each field on its own, ` +
        "numpy.save(path, array['field'])",
    );
  const extents = sizes.split(",").map((size) => size.trim().replace(/L$/, ""));
  const shape = extents.filter((size) => size !== "").map(Number);
  if (shape.length > MOST_AXES)
    throw new RangeError(`${where}: ${shape.length} axes; at most ${MOST_AXES} are read`);
  try {
    return { type: typeOf(descr[2]!, where), fortran: order === "True", shape: checkShape(shape) };
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw new RangeError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  f: [2, 4, 8],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  b: [1],
};

const OTHERS: Readonly<Record<string, string>> = {
  c: "complex numbers; save the real and the imaginary part on their own",
  O: "Python objects, which only Python can read; convert it to numbers first",
  U: "texts; convert it to numbers first",
  S: "texts; convert it to numbers first",
  V: "raw bytes; convert it to numbers first",
  M: "dates; convert it to numbers first",
  m: "durations; convert it to numbers first",
  f: "floats of more than 64 bits; save it with .astype('float64')",
};

function typeOf(descr: string, where: string): ElementType {
  const [, order, kind = "", width] = /^([<>|=]?)([A-Za-z])(\d*)/.exec(descr) ?? [];
  const bytes = Number(width);
  if (WIDTHS[kind]?.includes(bytes) && /^[<>|=]?[a-z]\d+$/.test(descr))
    return { kind: kind as ElementType["kind"], bytes, big: order === ">" };
  throw new TypeError(
    `${where}: dtype '${descr.slice(0, 40)}' is an array of ${OTHERS[kind] ?? "an unknown type; convert it to numbers first"}`,
  );
}
