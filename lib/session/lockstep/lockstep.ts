import { createHash } from "node:crypto";
import { LIBRARY_VERSION } from "../../channel/version";
import { bracketShape, type Shape } from "../../tensor/shape";
import { LOG_LENGTH, type LogEntry, TEXT_LENGTH } from "./control";

/** The version of the operations' messages; increase it whenever they change. */
const WIRE_VERSION = 6;

/** The public properties of an operation's operand. */
export interface Operand {
  /** The session's value; absent for a public operand. */
  readonly value?: { readonly number: number | undefined } | undefined;
  readonly shape: Shape;
  readonly fracBits: number;
  /** Whether it takes part in the backward pass. */
  readonly requiresGrad?: boolean;
}

/** The description of an operation, on which both parties must agree. */
export interface OperationDescription {
  /** The kind of operation, such as `matmul`. */
  readonly kind: string;
  readonly operands: readonly Operand[];
  /** The result's properties. */
  readonly result?: Operand;
  /** The user's operation that this one is a part of, such as `mul x#3·x#5 [2]·[2]`. */
  readonly within?: string;
  /** Public choices: the owner of an input, or the party that a value is revealed to. */
  readonly options?: string;
  /** Public parameters, compared by hash: constants, a public matrix. */
  readonly constants?: Uint8Array;
}

/** One operation, with its place in the order that both parties keep. */
export interface IssuedOperation {
  readonly number: number;
  readonly kind: string;
  /** For users: `matmul [1,2]·[2,1]`. */
  readonly text: string;
  /** The same with the names of its operands: `matmul x#3·x#5 [1,2]·[2,1]`. */
  readonly named: string;
  /** Everything that the parties compare, for when `named` shows no difference: scales, gradients, constants. */
  readonly detail: string;
  /** The cell it was issued in; undefined outside a notebook. */
  readonly cell: string | undefined;
  /** A 16-byte digest of this operation and all before it. */
  readonly digest: Uint8Array;
}

/**
 * Numbers the operations of one party. Each operation takes its number at the call, before any `await`, so both parties
 * number alike as long as they run the same code. A chained digest shows the first operation in which they differ.
 */
export class Lockstep {
  #next = 0;
  #nextValue = 0;
  #digest = begin("begin");
  readonly #log: LogEntry[] = [];

  /** Take the number of a new value. */
  value(): number {
    return this.#nextValue++;
  }

  issue(description: OperationDescription, cell: string | undefined): IssuedOperation {
    const { kind, within } = description;
    const [names, shapes] = [namesOf(description), shapesOf(description)];
    const detail = describeAll(description, names);
    this.#digest = chain(this.#digest, detail);
    const text = append(kind, shapes).slice(0, TEXT_LENGTH);
    const named = (within ?? append(append(kind, names), shapes)).slice(0, TEXT_LENGTH);
    const operation = {
      number: this.#next++,
      kind,
      text,
      named,
      detail,
      cell,
      digest: this.#digest,
    };
    const digest = Buffer.from(operation.digest).toString("hex");
    const { number } = operation;
    this.#log.push({ number, text, named, detail: detail.slice(0, TEXT_LENGTH), cell, digest });
    if (this.#log.length > LOG_LENGTH) this.#log.shift();
    return operation;
  }

  /** Return the hex digest of a recently issued operation. */
  digestOf(number: number): string | undefined {
    return this.#log[number - (this.#next - this.#log.length)]?.digest;
  }

  /** The recently issued operations, oldest first. */
  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** The number that the next operation will take. */
  get next(): number {
    return this.#next;
  }

  /** Restart numbering at a number that both parties use. */
  restart(next: number): void {
    this.#next = next;
    this.#nextValue = 0;
    this.#digest = begin(`restart at ${next}`);
    this.#log.length = 0;
  }
}

function begin(how: string): Uint8Array {
  return chain(new Uint8Array(16), `spdzlab ${LIBRARY_VERSION}, wire ${WIRE_VERSION}, ${how}`);
}

function chain(digest: Uint8Array, detail: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(digest).update(detail).digest().subarray(0, 16));
}

/** `matmul x#3·x#5 [1,2]·[2,1]`. */
export function nameOperation(description: OperationDescription): string {
  return append(append(description.kind, namesOf(description)), shapesOf(description));
}

/** `x#3·x#5`; a public operand is `c`. Nothing where no operand is a value. */
function namesOf({ operands }: OperationDescription): string {
  let [names, some] = ["", false];
  for (const { value } of operands) {
    if (names !== "") names += "·";
    names += value === undefined ? "c" : `x#${value.number}`;
    some ||= value !== undefined;
  }
  return some ? names : "";
}

/** `[1,2]·[2,1]`. */
function shapesOf({ operands }: OperationDescription): string {
  let shapes = "";
  for (const { shape } of operands) shapes += (shapes === "" ? "" : "·") + bracketShape(shape);
  return shapes;
}

/** `matmul x#3·x#5 [1,2]@16·[2,1]@16 grad to [1,1]@16`, options, and a hash of public constants. */
function describeAll(description: OperationDescription, names: string): string {
  const { kind, operands, result, within, options, constants } = description;
  let shown = "";
  for (const operand of operands) shown += (shown === "" ? "" : "·") + show(operand);
  let detail = append(append(kind, names), shown);
  if (result) detail += ` to ${show(result)}`;
  if (within) detail += ` for ${within}`;
  if (options) detail += ` ${options}`;
  if (constants) {
    const hash = createHash("sha256").update(constants).digest("hex");
    detail += ` ${CONSTANT}${hash.slice(0, 32)}`;
  }
  return detail;
}

/** `[1,2]@16 grad`. */
function show({ shape, fracBits, requiresGrad }: Operand): string {
  return `${bracketShape(shape)}@${fracBits}${requiresGrad ? " grad" : ""}`;
}

function append(text: string, more: string): string {
  return more === "" ? text : `${text} ${more}`;
}

const CONSTANT = "constant ";

/** `In [14] matmul [1,2]·[2,1]`. */
export function locate({ cell, text }: { cell: string | undefined; text: string }): string {
  return cell === undefined ? text : `${cell} ${text}`;
}

/** Find the first operation that is in both logs and differs; return both parties' entries. */
export function firstDifference(
  mine: readonly LogEntry[],
  theirs: readonly LogEntry[],
): [mine: LogEntry, theirs: LogEntry] | undefined {
  const byNumber = new Map(theirs.map((entry) => [entry.number, entry]));
  for (const entry of mine) {
    const other = byNumber.get(entry.number);
    if (other && other.digest !== entry.digest) return [entry, other];
  }
  return undefined;
}

/** `this party ran … where party 1 ran …`, with enough detail to show the difference. */
export function contrast(mine: LogEntry, theirs: LogEntry, peer: string): string {
  const pair = [mine, theirs] as const;
  const compare = (show: (entry: LogEntry) => string) => {
    const [here, there] = pair.map((entry) => locate({ cell: entry.cell, text: show(entry) }));
    return `this party ran ${here} where ${peer} ran ${there}`;
  };
  const [named, other] = pair.map(({ named, text }) => named ?? text) as [string, string];
  if (mine.text !== theirs.text) {
    const [here, there] = [named, other].map((text) => text.replace(/ ?\[.*$/, ""));
    return `${compare(({ text }) => text)} (${here} here, ${there} there)`;
  }
  if (named !== other) return compare((entry) => entry.named ?? entry.text) + VALUES;
  if (mine.detail !== theirs.detail && withoutConstant(mine.detail) === withoutConstant(theirs.detail))
    return `${compare((entry) => entry.named ?? entry.text)}: the parties passed different public operands`;
  return compare(({ detail }) => detail);
}

/** Explains names such as x#3 to users. */
const VALUES = " (values are numbered as they are made: x#0 is the first that was shared or computed)";

/** Return a detail without the hash of constants, if it has one. */
function withoutConstant(detail: string): string {
  const at = detail.lastIndexOf(CONSTANT);
  return at < 0 ? detail : detail.slice(0, at + CONSTANT.length);
}
