import { inspect } from "node:util";
import { count } from "../../text/figures";
import { htmlTable } from "../../text/html";
import { jupyterDisplay, type MimeBundle } from "../../text/mime";

/** How exact one operation was in one cell, and how near its values came to their bounds. */
export interface RangeLine {
  /** The cell, such as `In [3]`; undefined outside a notebook. */
  readonly cell: string | undefined;
  readonly operation: string;
  readonly calls: number;
  /**
   * The largest difference from the same operation in double precision on the same operands, in units of the result's
   * last place; undefined where there is no such operation, as in a gradient.
   */
  readonly error: number | undefined;
  /** The largest error of a truncation in it, in units of the last place; undefined without a truncation. */
  readonly rounding: number | undefined;
  /** The largest magnitude of a value, also of one before its truncation. */
  readonly magnitude: number;
  /** Bits between the largest value and its bound: 2^62 before a truncation, 2^63 elsewhere. Below 0, it overflowed. */
  readonly headroom: number;
  /** The first overflow; undefined without one. */
  readonly overflow: string | undefined;
}

/** How exact operations were, and how near their values came to their bounds. Shown as a table in a notebook. */
export class RangeReport {
  constructor(
    /** By cell and operation, in the order of first use. */
    readonly lines: readonly RangeLine[],
    /** The first overflow of all, with its cell and operation; undefined without one. */
    readonly overflow: string | undefined,
  ) {}

  toString(): string {
    const table = [["", ...COLUMNS], ...this.lines.map((line) => [nameOf(line), ...cells(line)])];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    const rows = table.map((row) =>
      row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("  "),
    );
    return [this.#verdict, ...(this.lines.length > 0 ? rows : [])].join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    const html = htmlTable(this.lines.map(cells), {
      columns: COLUMNS,
      names: this.lines.map(nameOf),
      title: this.#verdict,
      label: "errors and ranges by operation",
    });
    return { "text/plain": this.toString(), "text/html": html };
  }

  get #verdict(): string {
    if (this.overflow) return `First overflow: ${this.overflow}`;
    const calls = this.lines.reduce((sum, line) => sum + line.calls, 0);
    return `No overflow in ${count(calls, "operation")}`;
  }
}

const COLUMNS = ["calls", "error (ulp)", "magnitude", "headroom (bits)", "overflow"];

function nameOf({ cell, operation }: RangeLine): string {
  return cell === undefined ? operation : `${cell} ${operation}`;
}

function cells({ calls, error, rounding, magnitude, headroom, overflow }: RangeLine): string[] {
  const ulps = error ?? rounding;
  return [
    String(calls),
    ulps === undefined ? "–" : figure(ulps),
    figure(magnitude),
    headroom.toFixed(1),
    overflow ? "yes" : "no",
  ];
}

/** `0`, `0.75`, `1,234`, `1.5e+20`. */
function figure(value: number): string {
  if (value >= 1e6 || (value > 0 && value < 1e-3)) return value.toExponential(1);
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}
