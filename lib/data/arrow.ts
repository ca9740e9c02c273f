/** Arrow IPC files and streams (Feather version 2), by apache-arrow; and Parquet files, by hyparquet. */
import { promises as fs } from "node:fs";
import { basename } from "node:path";
import { cannot } from "../files";
import { checkOptions } from "../text/options";
import { columnOf } from "./columns";
import { decompressLz4 } from "./lz4";
import { checkMissing, type Missing, settleMissing, Table } from "./table";

/** How to read a table. */
export interface ArrowOptions {
  /** Refuse missing cells, leave out their rows, or keep them. Default: "throw". */
  readonly missing?: Missing;
}

/**
 * Read an Arrow IPC file or stream, which is also Feather version 2, uncompressed or compressed by LZ4.
 *
 * @param path - the file
 * @param options.missing - "throw", "drop" rows with missing cells, or "keep" them. Default: "throw"
 * @returns the table; nothing of it is shared before you pass it to `iface.input`
 * @throws {RangeError} the file cannot be read, or a cell is missing
 *
 * @example
 * const patients = await io.readArrow("patients.feather");
 */
export function readArrow(path: string, options: ArrowOptions = {}): Promise<Table> {
  return readTable("readArrow", path, options, async (bytes) => {
    if (startsWith(bytes, "PAR1")) throw new Refusal("this is a Parquet file; read it with io.readParquet");
    if (startsWith(bytes, "FEA1"))
      throw new Refusal("this is Feather version 1; write it again as version 2, which is Arrow IPC");
    // Load it only if a file is read.
    const { CompressionType, compressionRegistry, DataType, tableFromIPC } = await import("apache-arrow");
    compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decompressLz4 });
    const table = tableFromIPC(bytes);
    const columns = table.schema.fields.map(({ name, type }, at) => {
      const vector = table.getChildAt(at)!;
      for (const data of vector.data) requireBuffers(data);
      const read = vector.toJSON() as unknown[];
      const dates = DataType.isDate(type) || DataType.isTimestamp(type);
      const values = dates ? read.map((ms) => (ms === null ? null : new Date(Number(ms)))) : read;
      return columnOf(name, values, String(type));
    });
    if (columns.length === 0) throw new Refusal("it has no columns, so it is not an Arrow file");
    return new Table(columns, table.numRows);
  });
}

/**
 * Read a Parquet file, uncompressed or compressed by Snappy.
 *
 * @param path - the file
 * @param options.missing - "throw", "drop" rows with missing cells, or "keep" them. Default: "throw"
 * @returns the table; nothing of it is shared before you pass it to `iface.input`
 * @throws {RangeError} the file cannot be read, or a cell is missing
 *
 * @example
 * const patients = await io.readParquet("patients.parquet");
 */
export function readParquet(path: string, options: ArrowOptions = {}): Promise<Table> {
  return readTable("readParquet", path, options, async (bytes) => {
    const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const metadata = await parquetMetadataAsync(file);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const records = await parquetReadObjects({ file, metadata });
    const columns = names.map((name) =>
      columnOf(
        name,
        records.map((record) => record[name] as unknown),
        "nested values",
      ),
    );
    return new Table(columns, records.length);
  });
}

/** The buffers of a part of a column, as far as they bound its length. */
interface Buffers {
  readonly length: number;
  readonly values?: { readonly byteLength: number } | null;
  readonly valueOffsets?: { readonly length: number } | null;
}

/** Compare the length that a part of a column states with its buffers, before anything is allocated for that length. */
function requireBuffers({ length, values, valueOffsets }: Buffers): void {
  // The smallest elements are single bits.
  const most = valueOffsets?.length ? valueOffsets.length - 1 : 8 * (values?.byteLength ?? 0);
  if (length < 0 || length > most) throw new Refusal("the file is damaged: a column is shorter than it says");
}

/** A reason of ours, as opposed to one of the library that reads the file. */
class Refusal extends RangeError {}

async function readTable(
  what: string,
  path: string,
  options: ArrowOptions,
  read: (bytes: Uint8Array) => Promise<Table>,
): Promise<Table> {
  checkOptions(what, options, ["missing"]);
  const missing = checkMissing(options.missing ?? "throw", what);
  const where = `${what} ${basename(path)}`;
  const bytes = await readWhole(path);
  let table: Table;
  try {
    table = await read(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    const why = cause instanceof Refusal ? message : `the file cannot be read (${message})`;
    const hint = /codec|compression/i.test(message) ? "; write it again without compression" : "";
    throw new RangeError(`${where}: ${why}${hint}`, { cause });
  }
  return settleMissing(table, missing, where);
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(path);
  } catch (cause) {
    throw cannot("read", path, cause);
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text;
}
