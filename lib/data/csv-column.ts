import type { ColumnData } from "./table";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const MISSING = new Set(["NA", "N/A", "NaN", "nan", "null"]);

/** One column while its file is read: numbers until a cell shows that it is text. */
export class CsvColumn {
  /** It turned out to be text after its numbers had been stored without their texts: read the file again. */
  surprised = false;
  #numbers: Float64Array | undefined;
  #texts: (string | null)[] | undefined;
  #length = 0;
  /** Every cell so far was empty. */
  #blank = true;
  /** Equal texts are stored once. */
  readonly #known = new Map<string, string>();

  constructor(
    readonly name: string,
    isText: boolean,
  ) {
    if (isText) this.#texts = [];
    else this.#numbers = new Float64Array(64);
  }

  /** @returns whether the cell is text */
  add(cell: string): boolean {
    if (this.#texts) return this.#addText(cell);
    const number = toNumber(cell);
    if (number !== undefined) {
      if (cell !== "") this.#blank = false;
      this.#addNumber(number);
      return false;
    }
    if (this.surprised) return true;
    if (!this.#blank) {
      this.surprised = true;
      this.#numbers = undefined;
      return true;
    }
    this.#texts = new Array<null>(this.#length).fill(null);
    this.#numbers = undefined;
    return this.#addText(cell);
  }

  data(): ColumnData {
    const { name } = this;
    return this.#texts
      ? { name, type: "text", values: this.#texts }
      : { name, type: "numbers", values: this.#numbers!.slice(0, this.#length) };
  }

  #addNumber(number: number): void {
    if (!this.#numbers) return;
    if (this.#length === this.#numbers.length) {
      const longer = new Float64Array(2 * this.#length);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#length++] = number;
  }

  #addText(cell: string): boolean {
    let text = this.#known.get(cell);
    if (text === undefined && this.#known.size < 1000) {
      // Copy it: a part of a text keeps the whole text in memory.
      text = Buffer.from(cell).toString();
      this.#known.set(text, text);
    }
    this.#texts!.push(cell === "" ? null : (text ?? Buffer.from(cell).toString()));
    return cell !== "";
  }
}

/** Return the number that a cell writes, NaN if it is missing, and undefined if it is text. */
function toNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (text === "" || MISSING.has(text)) return Number.NaN;
  if (!NUMBER.test(text)) {
    const infinite = INFINITE.exec(text);
    if (!infinite) return undefined;
    return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const number = Number(text);
  // A number cannot hold such integers, which are often identifiers.
  const digits = text.replace(/^\+/, "");
  const rounded =
    /^-?\d{16,}$/.test(digits) &&
    String(number) !== digits &&
    (!Number.isFinite(number) || BigInt(digits) !== BigInt(number));
  return rounded ? undefined : number;
}
