/**
 * Hugging Face's safetensors format: eight bytes for the length of a header, the header in JSON, and the elements.
 * https://huggingface.co/docs/safetensors
 */
import { basename } from "node:path";
import { writeWhole } from "../files";
import { checkShape, sizeOf } from "../tensor/shape";
import { type ElementType, encodeElements, toTensor } from "./elements";
import { type NamedTensors, type NamedValues, namedEntries, readAll } from "./named";

/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;
const MOST_AXES = 64;
const METADATA = "__metadata__";

const type = (kind: ElementType["kind"], bytes: number): ElementType => ({ kind, bytes, big: false });
const FLOAT32 = type("f", 4);
const TYPES: ReadonlyMap<string, ElementType> = new Map([
  ...[1, 2, 4, 8].map((bytes) => [`I${8 * bytes}`, type("i", bytes)] as const),
  ...[1, 2, 4, 8].map((bytes) => [`U${8 * bytes}`, type("u", bytes)] as const),
  ["F16", type("f", 2)],
  ["BF16", type("f", 2)],
  ["F32", FLOAT32],
  ["F64", type("f", 8)],
  ["BOOL", type("b", 1)],
]);

/**
 * Read the tensors of a safetensors file by name. Floats of 16 to 64 bits and bfloat16 become a FloatTensor; integers and
 * booleans become a LongTensor, exactly.
 *
 * @throws {TypeError} a tensor has a type that is not read, such as floats of 8 bits; the message names both
 * @throws {RangeError} the file cannot be read, is not a safetensors file, or a tensor does not fit it
 *
 * @example
 * const { weight, bias } = await io.readSafetensors("model.safetensors");
 */
export async function readSafetensors(path: string): Promise<NamedTensors> {
  const where = `readSafetensors ${basename(path)}`;
  const file = await readAll(path);
  const damaged = (why: string) =>
    new RangeError(`${where}: ${why}; the file is damaged, or of another format`);
  if (file.length < 8) throw damaged(`it has ${file.length} bytes, fewer than a header`);
  const stated = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (stated > BigInt(Math.min(LONGEST_HEADER, file.length - 8)))
    throw damaged(`its header would have ${stated} bytes, and the file has ${file.length}`);
  const start = 8 + Number(stated);
  const entries = parseHeader(file.subarray(8, start), damaged);
  const size = file.length - start;
  let end = 0;
  const named: [string, NamedTensors[string]][] = [];
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const which = `${where}: ${JSON.stringify(name.slice(0, 100))}`;
    const type = TYPES.get(dtype);
    if (!type) throw new TypeError(`${which} has elements of type ${dtype.slice(0, 20)}, which is not read`);
    if (sizeOf(shape) * type.bytes !== offsets[1] - offsets[0])
      throw damaged(
        `${JSON.stringify(name.slice(0, 100))} has another length than its shape [${shape}] says`,
      );
    if (offsets[0] !== end || offsets[1] > size)
      throw damaged(
        `${JSON.stringify(name.slice(0, 100))} does not follow the tensor before it within the file`,
      );
    end = offsets[1];
    const bytes = new Uint8Array(file.subarray(start + offsets[0], start + end));
    const tensor =
      dtype === "BF16"
        ? toTensor(FLOAT32, widened(bytes), shape, false, which)
        : toTensor(type, bytes, shape, false, which);
    named.push([name, tensor]);
  }
  if (end !== size) throw damaged(`its tensors have ${end} bytes, and the file holds ${size}`);
  return Object.fromEntries(named);
}

/**
 * Write plain tensors for safetensors' `load_file`: FloatTensors and numbers as F64, LongTensors and bigints as I64, a typed
 * array in its own type. `readSafetensors` gives the same tensors again.
 *
 * @param path - the file; an earlier one is replaced
 * @param values - tensors by name, such as the `stateDict()` of a revealed model
 * @throws {TypeError} a value is secret or a share, or a LongTensor has fractional bits
 * @throws {RangeError} the file cannot be written
 *
 * @example
 * await io.writeSafetensors("model.safetensors", { weight, bias });
 */
export async function writeSafetensors(path: string, values: NamedValues): Promise<void> {
  const header: Record<string, object> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  // Wide elements come first, so that every tensor is aligned.
  const encoded = namedEntries(values, "writeSafetensors")
    .map(
      ([name, value]) => [name, encodeElements(value, `writeSafetensors: ${JSON.stringify(name)}`)] as const,
    )
    .sort(([, one], [, other]) => other.bits - one.bits);
  for (const [name, { kind, bits, shape, bytes }] of encoded) {
    if (name === METADATA || name === "__proto__")
      throw new RangeError(`writeSafetensors: ${name} cannot be the name of a tensor; choose another`);
    header[name] = {
      dtype: `${kind.toUpperCase()}${bits}`,
      shape,
      data_offsets: [end, end + bytes.length],
    };
    end += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " ");
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  await writeWhole(path, [padded, ...parts]);
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [start: number, end: number];
}

/** The tensors of a header in the order of their elements. */
function parseHeader(
  bytes: Uint8Array,
  damaged: (why: string) => RangeError,
): [name: string, entry: Entry][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw damaged("its header is not an object");
  const entries = Object.entries(header).filter(([name]) => name !== METADATA) as [string, Entry][];
  for (const [name, entry] of entries)
    if (!isEntry(entry)) throw damaged(`its header does not describe ${JSON.stringify(name.slice(0, 100))}`);
  return entries.sort(
    ([, { data_offsets: one }], [, { data_offsets: other }]) => one[0] - other[0] || one[1] - other[1],
  );
}

function isEntry(entry: unknown): entry is Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Record<keyof Entry, unknown>>;
  if (typeof dtype !== "string" || !isCounts(shape) || !isCounts(offsets)) return false;
  if (shape.length > MOST_AXES || offsets.length !== 2 || offsets[0]! > offsets[1]!) return false;
  try {
    checkShape(shape);
    return true;
  } catch {
    return false;
  }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

/** A bfloat16 is the upper half of a float32. */
function widened(bytes: Uint8Array): Uint8Array {
  const words = Uint32Array.from(new Uint16Array(bytes.buffer), (half) => half << 16);
  return new Uint8Array(words.buffer);
}
