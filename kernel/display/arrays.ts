/** Show typed arrays, arrays of rows and arrays of records as short tables. */

import { count } from "../../lib/text/figures";
import { htmlTable } from "../../lib/text/html";
import { cellText, ends, headings, shortCells, shorten } from "../../lib/text/short-table";

type Numbers = ArrayLike<number | bigint> & { readonly constructor: { readonly name: string } };
type Plain = Readonly<Record<string, unknown>>;

/**
 * Return the table of a typed array, of a rectangle of plain values, or of records with the same names. Undefined for any
 * other value.
 */
export function arrayTable(value: unknown): string | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as unknown as Numbers;
    if (numbers.length === 0) return undefined;
    const at = ends(numbers.length);
    return htmlTable(shortCells([0], at, (_, i) => String(numbers[i])) as string[][], {
      columns: headings(at),
      caption: `${numbers.constructor.name}, ${count(numbers.length, "element")}`,
    });
  }
  if (isRectangle(value)) return shortTable(value.length, value[0]!.length, (i, j) => value[i]![j]);
  const names = recordNames(value);
  if (!names) return undefined;
  const records = value as readonly Plain[];
  return shortTable(records.length, names.length, (i, j) => records[i]![names[j]!], names);
}

/** @param names - of the columns; default: their places */
function shortTable(
  rows: number,
  width: number,
  at: (i: number, j: number) => unknown,
  names?: readonly string[],
): string | undefined {
  const [down, across] = [ends(rows), ends(width)];
  const shown = shortCells(down, across, (i, j) => cellText(at(i, j)));
  if (shown.flat().includes(undefined)) return undefined;
  return htmlTable(shown as string[][], {
    columns: headings(across, names && ((j) => shorten(names[j]!))),
    names: headings(down),
    caption: names ? `${count(rows, "row")}, ${count(width, "column")}` : `${count(rows, "row")} of ${width}`,
  });
}

function isRectangle(value: unknown): value is readonly (readonly unknown[])[] {
  if (!Array.isArray(value) || !Array.isArray(value[0]) || value[0].length === 0) return false;
  const { length } = value[0];
  return value.every((row) => Array.isArray(row) && row.length === length);
}

/** Return the names that all records have, in the order of the first one. */
function recordNames(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || !isPlain(value[0])) return undefined;
  const names = Object.keys(value[0]);
  const alike = (record: unknown) =>
    isPlain(record) &&
    Object.keys(record).length === names.length &&
    names.every((name) => Object.hasOwn(record, name));
  return names.length > 0 && value.every(alike) ? names : undefined;
}

/** Whether it is an object of no class, of this or another realm, with values to read instead of getters to run. */
function isPlain(value: unknown): value is Plain {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  if (prototype !== null && !Object.hasOwn(prototype as object, "isPrototypeOf")) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((property) => "value" in property);
}
