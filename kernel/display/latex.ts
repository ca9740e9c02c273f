/** Show matrices of mathjs as formulas. */

/** If there are more rows or columns than this, show only both ends. */
const MOST = 10;
const EDGE = 4;

interface MathMatrix {
  readonly isMatrix: true;
  size(): number[];
  get(index: number[]): unknown;
}

/** Return the formula of a mathjs matrix or vector. Undefined for any other value, and for more than two axes. */
export function matrixLatex(value: unknown): string | undefined {
  if (!isMathMatrix(value)) return undefined;
  const size = value.size();
  if (size.length < 1 || size.length > 2 || size.includes(0)) return undefined;
  const vector = size.length === 1;
  const [rows, columns] = vector ? [1, size[0]!] : [size[0]!, size[1]!];
  const [down, across] = [places(rows), places(columns)];
  const lines = down.map((i) =>
    across
      .map((j) => {
        if (i === undefined) return j === undefined ? "\\ddots" : "\\vdots";
        return j === undefined ? "\\cdots" : entry(value.get(vector ? [j] : [i, j]));
      })
      .join(" & "),
  );
  return `$$\\begin{bmatrix}${lines.join(" \\\\ ")}\\end{bmatrix}$$`;
}

function isMathMatrix(value: unknown): value is MathMatrix {
  if (typeof value !== "object" || value === null) return false;
  const { isMatrix, size, get } = value as Partial<MathMatrix>;
  return isMatrix === true && typeof size === "function" && typeof get === "function";
}

function places(length: number): (number | undefined)[] {
  if (length <= MOST) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: EDGE }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => length - EDGE + i)];
}

function entry(value: unknown): string {
  if (typeof value === "number") return numberLatex(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "object" && value !== null) {
    const { isFraction, isComplex, re, im, s, n, d } = value as Record<string, unknown>;
    if (isFraction === true) {
      const sign = Number(s) < 0 ? "-" : "";
      return Number(d) === 1 ? `${sign}${n}` : `${sign}\\frac{${n}}{${d}}`;
    }
    if (isComplex === true && typeof re === "number" && typeof im === "number") return complexLatex(re, im);
  }
  return `\\text{${escapeLatex(String(value), "text")}}`;
}

function complexLatex(re: number, im: number): string {
  if (im === 0) return numberLatex(re);
  const size = Math.abs(im) === 1 ? "" : numberLatex(Math.abs(im));
  if (re === 0) return `${im < 0 ? "-" : ""}${size}i`;
  return `${numberLatex(re)} ${im < 0 ? "-" : "+"} ${size}i`;
}

/** Format a number with six digits. The plain text of the value has all of them. */
function numberLatex(value: number): string {
  if (Number.isNaN(value)) return "\\mathrm{NaN}";
  if (!Number.isFinite(value)) return value < 0 ? "-\\infty" : "\\infty";
  const [digits, exponent] = String(Number.isInteger(value) ? value : Number(value.toPrecision(6))).split(
    "e",
  );
  return exponent === undefined ? digits! : `${digits} \\cdot 10^{${Number(exponent)}}`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\backslash ",
  "~": "\\sim ",
  "^": "\\wedge ",
};

/** Escape text for a formula, or for `\text` within one, where symbols need a formula of their own. */
export function escapeLatex(plain: string, within: "formula" | "text" = "formula"): string {
  return plain.replace(/[\\~^{}$&#_%]/g, (character) => {
    const symbol = SPECIAL[character];
    if (symbol === undefined) return `\\${character}`;
    return within === "text" ? `$${symbol}$` : symbol;
  });
}
