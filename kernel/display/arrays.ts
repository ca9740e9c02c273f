/** Show typed arrays and arrays of rows as short tables. */

import { htmlTable } from "../../lib/text/html";

/** If there are more rows or columns than this, show only both ends. */
const MOST = 10;
const EDGE = 4;
const LONGEST = 60;
const GAP = "…";

type Numbers = ArrayLike<number | bigint> & { readonly constructor: { readonly name: string } };

/** Return the table of a typed array or a rectangle of plain values. Undefined for any other value. */
export function arrayTable(value: unknown): string | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as unknown as Numbers;
    if (numbers.length === 0) return undefined;
    const at = ends(numbers.length);
    return htmlTable([at.map((i) => (i === undefined ? GAP : String(numbers[i])))], {
      columns: at.map((i) => (i === undefined ? GAP : String(i))),
      caption: `${numbers.constructor.name}, ${counted(numbers.length, "element")}`,
    });
  }
  return isRectangle(value) ? rectangleTable(value) : undefined;
}

function rectangleTable(rows: readonly (readonly unknown[])[]): string | undefined {
  const width = rows[0]!.length;
  const [down, across] = [ends(rows.length), ends(width)];
  const shown = down.map((i) =>
    across.map((j) => (i === undefined || j === undefined ? GAP : cellText(rows[i]![j]))),
  );
  if (shown.flat().includes(undefined)) return undefined;
  const names = (places: readonly (number | undefined)[]) =>
    places.map((i) => (i === undefined ? GAP : String(i)));
  return htmlTable(shown as string[][], {
    columns: names(across),
    names: names(down),
    caption: `${counted(rows.length, "row")} of ${width}`,
  });
}

function isRectangle(value: unknown): value is readonly (readonly unknown[])[] {
  if (!Array.isArray(value) || !Array.isArray(value[0]) || value[0].length === 0) return false;
  const { length } = value[0];
  return value.every((row) => Array.isArray(row) && row.length === length);
}

/** Format a plain value for a cell. Undefined for an object. */
function cellText(value: unknown): string | undefined {
  if (typeof value === "string")
    return value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}${GAP}` : value;
  const plain = value === null || ["number", "bigint", "boolean", "undefined"].includes(typeof value);
  if (!plain) return undefined;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Return 0 … length − 1, or both ends with `undefined` between them. */
function ends(length: number): (number | undefined)[] {
  if (length <= MOST) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: EDGE }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => length - EDGE + i)];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
