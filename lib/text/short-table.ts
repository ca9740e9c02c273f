/** Short tables of long values: both ends, with a gap between them. */

/** If there are more rows or columns than this, show only both ends. */
const MOST = 10;
const EDGE = 4;
const LONGEST = 60;

/** Shown for what is left out. */
export const GAP = "…";

/** Return 0 … length − 1, or both ends with `undefined` between them. */
export function ends(length: number): (number | undefined)[] {
  if (length <= MOST) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: EDGE }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => length - EDGE + i)];
}

/** Shorten a long text. */
export function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}${GAP}` : text;
}

/** Format a plain value for a cell. Undefined for an object. */
export function cellText(value: unknown): string | undefined {
  if (typeof value === "string") return shorten(value);
  const plain = value === null || ["number", "bigint", "boolean", "undefined"].includes(typeof value);
  if (!plain) return undefined;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Take the cells of a short table: `shown` formats the one in row i and column j. */
export function shortCells(
  down: readonly (number | undefined)[],
  across: readonly (number | undefined)[],
  shown: (i: number, j: number) => string | undefined,
): (string | undefined)[][] {
  return down.map((i) => across.map((j) => (i === undefined || j === undefined ? GAP : shown(i, j))));
}

/** The headings of the places that are shown. */
export function headings(
  places: readonly (number | undefined)[],
  name: (i: number) => string = String,
): string[] {
  return places.map((i) => (i === undefined ? GAP : name(i)));
}
