/**
 * CSV files, by csv-parse. Reading takes memory for the values only, 8 bytes for each number, whatever the size of the
 * file: a column holds numbers as long as all its cells are numbers, and texts otherwise. If a later cell shows that a
 * column is text, the file is read a second time.
 */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { CsvError } from "csv-parse";
import { cannot, writeWhole } from "../files";
import { FloatTensor } from "../tensor/float-tensor";
import type { TensorInput } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";
import { checkOptions } from "../text/options";
import { CsvColumn } from "./csv-column";
import { checkMissing, type Missing, quote, settleMissing, Table } from "./table";

/** The longest row in characters, so that a quote that is never closed does not fill the memory. */
const LONGEST_ROW = 16 * 1024 * 1024;
/** Rows that are written at a time. */
const CHUNK = 4096;

/** How to read a CSV file. */
export interface CsvOptions {
  /** Whether the first row names the columns. Default: true. Without names, a column's name is its place: "0", "1". */
  readonly header?: boolean;
  /** The character between cells, such as ";" or "\t". Default: ",". */
  readonly delimiter?: string;
  /**
   * What to do about missing cells: refuse them, leave out their rows, or keep them (`column` shows null, and `toTensor`
   * refuses them). Default: "throw".
   */
  readonly missing?: Missing;
}

/**
 * Read a CSV file: UTF-8, with or without a byte-order mark, lines that end in LF or CRLF, cells in double quotes if need
 * be.
 *
 * A column whose cells are all numbers is one of numbers; any other is one of text. An empty cell is missing, and in a
 * column of numbers so are NA, N/A, NaN and null. Whole numbers that a number cannot hold exactly, beyond 2^53, are text.
 *
 * @param path - the file
 * @param options.header - whether the first row names the columns. Default: true
 * @param options.delimiter - the character between cells. Default: ","
 * @param options.missing - "throw", "drop" rows with missing cells, or "keep" them. Default: "throw"
 * @returns the table; nothing of it is shared before you pass it to `iface.input`
 * @throws {RangeError} the file cannot be read, a cell is missing, a row has too many or too few cells, or two columns
 *   have the same name; the message names the row and the column, or the line
 *
 * @example
 * const patients = await io.readCsv("patients.csv", { missing: "drop" });
 * const x = await iface.input(0, patients.select("age", "weight"));
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<Table> {
  checkOptions("readCsv", options, ["header", "delimiter", "missing"]);
  const { header = true, delimiter = "," } = options;
  const missing = checkMissing(options.missing ?? "throw", "readCsv");
  if (typeof header !== "boolean")
    throw new TypeError(`readCsv: header must be true or false, got ${String(header)}`);
  checkDelimiter(delimiter, "readCsv");
  const where = `readCsv ${basename(path)}`;
  let { columns, rows, again } = await readColumns(path, where, header, delimiter, new Set());
  if (again.size > 0) ({ columns, rows, again } = await readColumns(path, where, header, delimiter, again));
  if (again.size > 0) throw new RangeError(`${where}: the file changed while it was read; read it again`);
  if (columns.length === 0)
    throw new RangeError(`${where}: the file is empty; it must have ${header ? "a row of names" : "a row"}`);
  const odd =
    columns.length === 1 && options.delimiter === undefined
      ? /[;\t|]/.exec(columns[0]!.name)?.[0]
      : undefined;
  if (odd !== undefined)
    throw new RangeError(
      `${where}: the first line has no ",", so there is one column, ${quote(columns[0]!.name)}; pass { delimiter: ` +
        `${JSON.stringify(odd)} }, or { delimiter: "," } if that is its name`,
    );
  return settleMissing(
    new Table(
      columns.map((column) => column.data()),
      rows,
    ),
    missing,
    where,
  );
}

/**
 * Write a CSV file that `readCsv` and spreadsheets read, as a whole or not at all.
 *
 * @param path - the file; an earlier one is replaced
 * @param values - a table, a tensor of one or two axes, arrays of rows, or an array of records with the same names
 * @param options.header - the names of the columns. Default: those of the table or the records; none for others
 * @param options.delimiter - the character between cells. Default: ","
 * @throws {TypeError} the values are secret or a share: reveal or save them instead
 * @throws {RangeError} rows of different lengths, more than two axes, or the file cannot be written
 *
 * @example
 * await io.writeCsv("means.csv", [{ group: "treated", mean: 4.5 }]);
 */
export async function writeCsv(
  path: string,
  values: Table | FloatTensor | LongTensor | TensorInput | readonly Record<string, unknown>[],
  options: { readonly header?: readonly string[]; readonly delimiter?: string } = {},
): Promise<void> {
  checkOptions("writeCsv", options, ["header", "delimiter"]);
  const { delimiter = "," } = options;
  checkDelimiter(delimiter, "writeCsv");
  const { names, rows, width } = rowsOf(values);
  const header = options.header ?? names;
  if (header && header.length !== width)
    throw new RangeError(
      `writeCsv: the header has ${header.length} names for ${width} columns; give one for each`,
    );
  const line = (cells: readonly unknown[]) =>
    `${cells.map((cell) => cellOf(cell, delimiter)).join(delimiter)}\r\n`;
  function* chunks() {
    if (header) yield Buffer.from(line(header));
    for (let at = 0; at < rows.length; at += CHUNK) {
      const part = rows.slice(at, at + CHUNK).map((row, i) => {
        if (row.length === width) return line(row);
        throw new RangeError(`writeCsv: row ${at + i} has ${row.length} cells, and row 0 has ${width}`);
      });
      yield Buffer.from(part.join(""));
    }
  }
  await writeWhole(path, chunks());
}

function checkDelimiter(delimiter: unknown, what: string): void {
  if (typeof delimiter === "string" && delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return;
  throw new RangeError(
    `${what}: delimiter must be one character such as ";" or "\\t", got ${JSON.stringify(delimiter)}`,
  );
}

/** @param text - columns that are known to be text */
async function readColumns(
  path: string,
  where: string,
  header: boolean,
  delimiter: string,
  text: ReadonlySet<number>,
): Promise<{ columns: CsvColumn[]; rows: number; again: Set<number> }> {
  // Load it only if a file is read.
  const { parse } = await import("csv-parse");
  const file = createReadStream(path);
  const parser = file.pipe(
    parse({ delimiter, bom: true, skip_empty_lines: true, max_record_size: LONGEST_ROW }),
  );
  file.once("error", (cause) => parser.destroy(cannot("read", path, cause)));
  let columns: CsvColumn[] | undefined;
  let rows = 0;
  const begin = (names: readonly string[]) =>
    names.map((name, at) => new CsvColumn(name === "" ? String(at) : name, text.has(at)));
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (!columns) {
        columns = begin(header ? record : record.map(() => ""));
        for (const name of header ? record : []) refuseEncoding(name, "the header");
        if (header) continue;
      }
      for (let at = 0; at < record.length; at++) {
        const cell = record[at]!;
        if (columns[at]!.add(cell)) refuseEncoding(cell, `row ${rows}, column ${quote(columns[at]!.name)}`);
      }
      rows++;
    }
  } catch (error) {
    throw explained(error, where, columns?.length);
  } finally {
    file.destroy();
  }
  const again = new Set((columns ?? []).flatMap((column, at) => (column.surprised ? [at] : [])));
  return { columns: columns ?? [], rows, again };
}

function refuseEncoding(text: string, where: string): void {
  if (text.includes("\uFFFD"))
    throw new RangeError(`${where} holds bytes that are not UTF-8: save the file as UTF-8`);
}

function explained(error: unknown, where: string, width: number | undefined): unknown {
  const { code, lines, record } = error as Partial<CsvError> & { lines?: number; record?: unknown[] };
  const because = (text: string) => new RangeError(`${where}: ${text}`, { cause: error });
  // The parser may read ahead of us, so that it alone knows the width.
  const expected = /expect (\d+)/.exec((error as Error).message)?.[1];
  if (code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH")
    return because(
      `line ${lines} has ${record?.length} cells, and the first line ${width ?? expected}; put a cell that contains the delimiter in double quotes`,
    );
  if (code === "CSV_QUOTE_NOT_CLOSED")
    return because(
      "a cell begins with a double quote that is never closed; close it, or double it inside a quoted cell",
    );
  if (code === "CSV_MAX_RECORD_SIZE")
    return because(
      `a row is longer than ${LONGEST_ROW / 2 ** 20} MiB; look for a double quote that is never closed`,
    );
  if (typeof code === "string" && /^CSV_|_QUOTE$/.test(code))
    return because(`${(error as Error).message}; correct the file`);
  return error instanceof RangeError ? because(error.message) : error;
}

/** Read the values to write as rows. */
function rowsOf(values: unknown): {
  names?: readonly string[];
  rows: readonly (readonly unknown[])[];
  width: number;
} {
  if (values instanceof Table) {
    const columns = values.columns.map((name) => values.column(name));
    const rows = Array.from({ length: values.rows }, (_, row) => columns.map((column) => column[row]));
    return { names: values.columns, rows, width: columns.length };
  }
  if (Array.isArray(values) && isRecord(values[0])) {
    const names = Object.keys(values[0]);
    const rows = values.map((record: unknown, row) => {
      if (
        !isRecord(record) ||
        Object.keys(record).length !== names.length ||
        !names.every((name) => Object.hasOwn(record, name))
      )
        throw new RangeError(
          `writeCsv: record ${row} has other names than record 0, ${names.map(quote).join(", ")}`,
        );
      return names.map((name) => record[name]);
    });
    return { names, rows, width: names.length };
  }
  if (values instanceof LongTensor && values.isShare)
    throw new TypeError(
      "writeCsv: this tensor is one party's share of a secret; save it with iface.save, or reveal it first",
    );
  if (values instanceof LongTensor && values.fracBits > 0)
    throw new TypeError("writeCsv: this LongTensor has fractional bits; write spdz.decode(tensor)");
  const plain = values instanceof FloatTensor || values instanceof LongTensor ? values.toArray() : values;
  if (!Array.isArray(plain) && !ArrayBuffer.isView(plain))
    throw new TypeError(
      "writeCsv takes a table, a plain tensor, arrays of rows or an array of records; reveal a secret first",
    );
  const list = Array.from(plain as ArrayLike<unknown>);
  const rows = list.map((row) =>
    Array.isArray(row) || ArrayBuffer.isView(row) ? Array.from(row as never) : [row],
  );
  return { rows, width: rows[0]?.length ?? 0 };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function cellOf(value: unknown, delimiter: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && !(value instanceof Date))
    throw new TypeError(
      "writeCsv: a cell is an object; cells must be numbers, texts, booleans or dates, in at most two axes",
    );
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text.includes(delimiter) || /["\r\n]|^\s|\s$|^$/.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
