import { inspect } from "node:util";
import { FloatTensor } from "../tensor/float-tensor";
import { count } from "../text/figures";
import { htmlTable } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { cellText, ends, headings, shortCells, shorten } from "../text/short-table";

/** A column of numbers, in which NaN stands for a missing cell, or of other values, in which null does. */
export type ColumnValues = Float64Array | readonly unknown[];

/** One column of a table. */
export interface ColumnData {
  readonly name: string;
  /** For people: `numbers`, `text`, `booleans`. */
  readonly type: string;
  readonly values: ColumnValues;
}

/** Whether to refuse missing cells when reading, to leave out their rows, or to keep them. */
export type Missing = "throw" | "drop" | "keep";

/**
 * Rows of a file, by column. It belongs to this party alone and is not shared with anyone. Share its numbers with
 * `iface.input(owner, table)`, which takes every column, or choose columns with `select` and `drop` first.
 *
 * @example
 * const patients = await io.readCsv("patients.csv");
 * const ages = await iface.input(0, patients.select("age", "weight"));
 */
export class Table {
  /** The names of the columns, in order. */
  readonly columns: readonly string[];
  /** The number of rows. */
  readonly rows: number;
  readonly #data: ReadonlyMap<string, ColumnData>;

  /** Use `io.readCsv`, `io.readArrow` or `io.readParquet` to make one. @internal */
  constructor(columns: readonly ColumnData[], rows: number) {
    this.columns = columns.map(({ name }) => name);
    this.rows = rows;
    this.#data = new Map(columns.map((column) => [column.name, column]));
    if (this.#data.size < columns.length) {
      const twice = this.columns.find((name, i) => this.columns.indexOf(name) < i);
      throw new RangeError(`two columns are named ${quote(twice!)}: give each column a name of its own`);
    }
  }

  /** The numbers of rows and of columns, or one of the two. */
  size(): [rows: number, columns: number];
  size(axis: 0 | 1): number;
  size(axis?: 0 | 1): number | [number, number] {
    if (axis === undefined) return [this.rows, this.columns.length];
    return axis === 0 ? this.rows : this.columns.length;
  }

  /**
   * Return one column as an array, in which a missing cell is null.
   *
   * @throws {RangeError} there is no such column
   */
  column(name: string): unknown[] {
    const { values } = this.#column(name);
    if (values instanceof Float64Array)
      return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    return [...values];
  }

  /**
   * Keep these columns, in this order.
   *
   * @throws {RangeError} there is no such column
   */
  select(...names: string[]): Table {
    return new Table(
      names.map((name) => this.#column(name)),
      this.rows,
    );
  }

  /**
   * Leave these columns out.
   *
   * @throws {RangeError} there is no such column
   */
  drop(...names: string[]): Table {
    const left = new Set(names.map((name) => this.#column(name).name));
    return this.select(...this.columns.filter((name) => !left.has(name)));
  }

  /** Leave out the rows that have a missing cell in any column; to look at some columns only, `select` them first. */
  dropMissing(): Table {
    const keep = new Uint8Array(this.rows).fill(1);
    for (const { values } of this.#data.values())
      for (let row = 0; row < this.rows; row++) if (isMissing(values[row])) keep[row] = 0;
    const kept = keep.reduce((sum, flag) => sum + flag, 0);
    if (kept === this.rows) return this;
    const columns = [...this.#data.values()].map((column) => ({
      ...column,
      values: (column.values as unknown[]).filter((_, row) => keep[row] === 1),
    }));
    return new Table(columns, kept);
  }

  /** Return the first missing cell, row after row. @internal */
  firstMissing(): { row: number; column: string } | undefined {
    let first: { row: number; column: string } | undefined;
    for (const { name, values } of this.#data.values()) {
      const before = first?.row ?? this.rows;
      for (let row = 0; row < before; row++) {
        if (!isMissing(values[row])) continue;
        first = { row, column: name };
        break;
      }
    }
    return first;
  }

  /**
   * Convert to a tensor of one row for each row of the table.
   *
   * @throws {TypeError} a column holds something else than numbers; the message names it, and a row
   * @throws {RangeError} a cell is missing or infinite; the message names its row and column
   */
  toTensor(): FloatTensor {
    const width = this.columns.length;
    const values = new Float64Array(this.rows * width);
    [...this.#data.values()].forEach((column, at) => {
      const numbers = requireNumbers(column);
      for (let row = 0; row < this.rows; row++) values[row * width + at] = numbers[row]!;
    });
    return FloatTensor.from(values, [this.rows, width]);
  }

  /** Convert to rows of numbers, as `toTensor` does. */
  toArray(): Float64Array[] {
    const { values } = this.toTensor();
    const width = this.columns.length;
    return Array.from({ length: this.rows }, (_, row) => values.subarray(row * width, (row + 1) * width));
  }

  /** Convert to one record for each row, in which a missing cell is null. */
  toRecords(): Record<string, unknown>[] {
    const columns = this.columns.map((name) => [name, this.column(name)] as const);
    return Array.from({ length: this.rows }, (_, row) =>
      Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
    );
  }

  toJSON(): unknown {
    return this.toRecords();
  }

  toString(): string {
    const { columns, names, cells } = this.#shown();
    const rows = [["", ...columns], ...cells.map((row, i) => [names[i]!, ...row])];
    const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)));
    const lines = rows.map((row) => row.map((text, j) => text.padStart(widths[j]!)).join("  "));
    return [...lines, `[${this.#caption}]`].join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    const { columns, names, cells } = this.#shown();
    return {
      "text/plain": this.toString(),
      "text/html": htmlTable(cells, { columns, names, caption: this.#caption }),
    };
  }

  #shown() {
    const [down, across] = [ends(this.rows), ends(this.columns.length)];
    const columns = [...this.#data.values()];
    const cells = shortCells(down, across, (i, j) => showCell(columns[j]!.values[i]));
    return {
      columns: headings(across, (j) => shorten(this.columns[j]!)),
      names: headings(down),
      cells: cells as string[][],
    };
  }

  /** `228 rows, 10 columns: 9 of numbers, 1 of text`. */
  get #caption(): string {
    const types = [...this.#data.values()].map(({ type }) => type);
    const parts = [...new Set(types)].map(
      (type) => `${types.filter((each) => each === type).length} of ${type}`,
    );
    const size = `${count(this.rows, "row")}, ${count(this.columns.length, "column")}`;
    return parts.length > 0 ? `${size}: ${parts.join(", ")}` : size;
  }

  #column(name: string): ColumnData {
    const column = this.#data.get(name);
    if (column) return column;
    throw new RangeError(
      `there is no column ${quote(String(name))}; the columns are ${this.columns.map(quote).join(", ")}`,
    );
  }
}

/** Refuse, leave out or keep missing cells, as the caller of a reader asked. */
export function settleMissing(table: Table, missing: Missing, where: string): Table {
  if (missing === "keep") return table;
  if (missing === "drop") return table.dropMissing();
  const found = table.firstMissing();
  if (!found) return table;
  throw new RangeError(
    `${where}: row ${found.row}, column ${quote(found.column)} is missing; pass { missing: "drop" } to leave out such ` +
      'rows, or { missing: "keep" } and choose columns and rows with select, drop and dropMissing',
  );
}

/** @throws {RangeError} it is not a choice */
export function checkMissing(missing: unknown, what: string): Missing {
  if (missing === "throw" || missing === "drop" || missing === "keep") return missing;
  throw new RangeError(`${what}: missing must be "throw", "drop" or "keep", got ${inspect(missing)}`);
}

export function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

function requireNumbers({ name, type, values }: ColumnData): Float64Array {
  if (!(values instanceof Float64Array)) {
    const row = values.findIndex((value) => !isMissing(value) && !isNumeric(value));
    const odd = row < 0 ? (values.length > 0 ? 0 : undefined) : row;
    const shown = odd === undefined ? "" : `: row ${odd} is ${showCell(values[odd], quote)}`;
    throw new TypeError(
      `column ${quote(name)} holds ${type}, not numbers${shown}. Leave it out with drop(${quote(name)}), or convert ` +
        `column(${quote(name)}) yourself`,
    );
  }
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row < 0) return values;
  const what = Number.isNaN(values[row]) ? "missing" : String(values[row]);
  throw new RangeError(
    `row ${row}, column ${quote(name)} is ${what}; leave out such rows with dropMissing(), or the column with ` +
      `drop(${quote(name)})`,
  );
}

/** Whether a text would be a number, so that it is not why its column is text. */
function isNumeric(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && Number.isSafeInteger(Math.trunc(Number(value)));
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

function showCell(value: unknown, quoted: (text: string) => string = shorten): string {
  if (isMissing(value)) return "missing";
  if (typeof value === "string") return quoted(value);
  return cellText(value) ?? shorten(value instanceof Date ? value.toISOString() : String(value));
}
