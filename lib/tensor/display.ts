import { captionHtml, escapeHtml, htmlTable, MUTED } from "../text/html";
import { formatShape, type Shape, sizeOf } from "./shape";

/** Above this many elements, show only the ends of each axis. */
const MAX_ELEMENTS = 200;
/** How many rows and columns to show at either end. */
const EDGE = 3;
const GAP = "…";
/** Break the text of a whole matrix between columns if it is wider than this. */
const LINE_WIDTH = 80;

/** The parts of a tensor that the display needs. */
export interface Printable {
  readonly shape: Shape;
  /** Format the elements at row-major positions. Called once, with the visible positions only. */
  format(positions: Int32Array): string[];
  /** The last line, such as `LongTensor of size 2x1`. */
  readonly caption: string;
}

/** Caption of a tensor: its class, its size, and its fractional bits, if any. */
export function caption(name: string, shape: Shape, fracBits = 0): string {
  return `${name} of size ${formatShape(shape)}${fracBits > 0 ? `, ${fracBits} fractional bits` : ""}`;
}

/** Aligned text as PyTorch prints it, with the caption in brackets as its last line. */
export function formatText(tensor: Printable): string {
  const blocks = matrices(tensor);
  const cells = blocks.flatMap(({ rows }) => rows.flat());
  const width = cells.reduce((most, text) => Math.max(most, text.length), 0);
  const texts = blocks.map(({ title, rows }) =>
    [...(title ? [title] : []), ...lines(rows, width)].join("\n"),
  );
  // Separate blocks of three or more axes by a blank line.
  const body = texts.map((text) => (texts.length > 1 ? `${text}\n` : text));
  return [...body, `[${tensor.caption}]`].join("\n");
}

/**
 * Format the tensor as an HTML table.
 *
 * @param notes - further notes for the caption, such as `plain values`
 */
export function formatHtml(tensor: Printable, ...notes: string[]): string {
  const tables = matrices(tensor).map(({ title, rows }) => {
    const heading = title ? `<div style="${MUTED}"><code>${escapeHtml(title)}</code></div>` : "";
    return heading + (rows.length > 0 ? htmlTable(rows) : "");
  });
  return `<div class="spdzlab-tensor">${tables.join("")}${captionHtml(tensor.caption, ...notes)}</div>`;
}

/** A matrix with its title; one without rows is a gap between two matrices. */
interface Matrix<Cell> {
  readonly title: string;
  readonly rows: readonly (readonly Cell[])[];
}

/** The tensor as matrices of text. */
function matrices(tensor: Printable): Matrix<string>[] {
  const blocks = places(tensor.shape);
  const shown = blocks.flatMap(({ rows }) => rows.flat()).filter((place) => place !== undefined);
  const texts = tensor.format(Int32Array.from(shown));
  let next = 0;
  const text = (place: number | undefined) => (place === undefined ? GAP : texts[next++]!);
  return blocks.map(({ title, rows }) => ({ title, rows: rows.map((row) => row.map(text)) }));
}

/**
 * Positions of the visible elements, undefined for a gap: the tensor itself, a vector as one column, or a matrix for
 * each index of the leading axes. An empty tensor gives none.
 */
function places(shape: Shape): Matrix<number | undefined>[] {
  if (sizeOf(shape) === 0) return [];
  const abbreviate = sizeOf(shape) > MAX_ELEMENTS;
  const columns = shape.length < 2 ? 1 : shape.at(-1)!;
  const rows = shape.length < 2 ? (shape[0] ?? 1) : shape.at(-2)!;
  return leadingIndices(shape.slice(0, -2), abbreviate).map((index) => {
    if (index === undefined) return { title: GAP, rows: [] };
    const block = index.reduce((position, i, axis) => position * shape[axis]! + i, 0);
    const row = (i: number | undefined) =>
      positions(columns, abbreviate).map((j) =>
        i === undefined || j === undefined ? undefined : (block * rows + i) * columns + j,
      );
    const title = index.length > 0 ? `(${index.join(",")},.,.) =` : "";
    return { title, rows: positions(rows, abbreviate).map(row) };
  });
}

/** The indices of the axes before the last two, each axis abbreviated separately. */
function leadingIndices(leading: Shape, abbreviate: boolean): (readonly number[] | undefined)[] {
  const [extent, ...rest] = leading;
  if (extent === undefined) return [[]];
  return positions(extent, abbreviate).flatMap((i) =>
    i === undefined ? [undefined] : leadingIndices(rest, abbreviate).map((index) => index && [i, ...index]),
  );
}

/** 0 … length − 1, with the middle replaced by one `undefined` when abbreviated. */
function positions(length: number, abbreviate: boolean): (number | undefined)[] {
  const all = length <= 2 * EDGE + 1 || !abbreviate;
  if (all) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: EDGE }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => length - EDGE + i)];
}

/** Rows with aligned columns; split into blocks of as many columns as fit, unless columns are already left out. */
function lines(rows: Matrix<string>["rows"], width: number): string[] {
  const line = (cells: readonly string[]) => cells.map((text) => ` ${text.padStart(width)}`).join(" ");
  const columns = rows[0]?.length ?? 0;
  const fitting = Math.max(1, Math.floor(LINE_WIDTH / (width + 2)));
  if (columns <= fitting || rows[0]!.includes(GAP)) return rows.map(line);
  return Array.from({ length: Math.ceil(columns / fitting) }, (_, part) => {
    const from = part * fitting;
    const to = Math.min(columns, from + fitting);
    const heading = to - from === 1 ? `Column ${from}` : `Columns ${from} to ${to - 1}`;
    return [heading, ...rows.map((row) => line(row.slice(from, to)))];
  }).flat();
}
