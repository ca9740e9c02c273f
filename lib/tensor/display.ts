import { formatShape, type Shape, sizeOf } from "./shape";

/** Several renderings of one value by MIME type, as a notebook wants them. */
export type MimeBundle = Record<string, string>;

/** A notebook kernel asks a value for its MimeBundle by this symbol. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;

/** Above this many elements only the ends of each axis are shown. */
const MAX_ELEMENTS = 1000;
/** How many rows and columns are shown at either end then. */
const EDGE = 3;
const GAP = "…";

/** What is shown of a tensor: elements already as text. */
export interface Printable {
  readonly shape: Shape;
  /** The text of the element at a row-major position. */
  element(position: number): string;
  /** Last line, such as `LongTensor of size 2x1`. */
  readonly caption: string;
}

/** The caption of a tensor: its class, its size, and its fractional bits when it has some. */
export function caption(name: string, shape: Shape, fracBits = 0): string {
  return `${name} of size ${formatShape(shape)}${fracBits > 0 ? `, ${fracBits} fractional bits` : ""}`;
}

/** Aligned text as PyTorch prints it, with the caption in brackets as its last line. */
export function formatText(tensor: Printable): string {
  const blocks = matrices(tensor).map(({ title, rows }) => {
    const width = Math.max(0, ...rows.flat().map((text) => text.length));
    const lines = rows.map((row) => row.map((text) => ` ${text.padStart(width)}`).join(" "));
    return [...(title ? [title] : []), ...lines].join("\n");
  });
  return [...blocks, `[${tensor.caption}]`].join("\n");
}

/** The same as an HTML table. */
export function formatHtml(tensor: Printable): string {
  const tables = matrices(tensor).map(({ title, rows }) => {
    const body = rows
      .map((row) => `<tr>${row.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`)
      .join("");
    return `${title ? `<div><code>${escapeHtml(title)}</code></div>` : ""}<table><tbody>${body}</tbody></table>`;
  });
  return `<div class="spdzlab-tensor">${tables.join("")}<small>${escapeHtml(tensor.caption)}</small></div>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}

/** Doubles as PyTorch prints them: integers bare, else four decimals, else an exponent. */
export function formatNumbers(values: Float64Array): (position: number) => string {
  let largest = 0;
  let integers = true;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    integers &&= Number.isInteger(value);
  }
  if (integers && largest < 1e15) return (i) => String(values[i]);
  if (largest !== 0 && (largest >= 1e6 || largest < 1e-3)) return (i) => values[i]!.toExponential(4);
  return (i) => values[i]!.toFixed(4);
}

interface Matrix {
  readonly title: string;
  readonly rows: string[][];
}

/** The tensor as matrices: itself, a vector as one column, or one for each index of the leading axes. */
function matrices(tensor: Printable): Matrix[] {
  const { shape } = tensor;
  const abbreviate = sizeOf(shape) > MAX_ELEMENTS;
  const columns = shape.length < 2 ? 1 : shape.at(-1)!;
  const rows = shape.length === 0 ? 1 : shape.length === 1 ? shape[0]! : shape.at(-2)!;
  const leading = shape.slice(0, -2);
  return positions(sizeOf(leading), abbreviate).map((block) => {
    if (block === undefined) return { title: GAP, rows: [] };
    const title = leading.length > 0 ? `(${unravel(block, leading).join(",")},.,.) =` : "";
    const cells = positions(rows, abbreviate).map((row) =>
      positions(columns, abbreviate).map((column) =>
        row === undefined || column === undefined
          ? GAP
          : tensor.element((block * rows + row) * columns + column),
      ),
    );
    return { title, rows: cells };
  });
}

/** 0 … length − 1, with the middle replaced by one `undefined` when abbreviated. */
function positions(length: number, abbreviate: boolean): (number | undefined)[] {
  const all = length <= 2 * EDGE + 1 || !abbreviate;
  if (all) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: EDGE }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => length - EDGE + i)];
}

function unravel(position: number, shape: Shape): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
