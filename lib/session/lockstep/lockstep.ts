import { createHash } from "node:crypto";
import { LIBRARY_VERSION } from "../../channel/version";
import { bracketShape, type Shape } from "../../tensor/shape";
import { LOG_LENGTH, type LogEntry, TEXT_LENGTH } from "./control";

/** The version of what operations send; it changes with their messages. */
const WIRE_VERSION = 3;

/** One tensor that an operation takes, as far as both parties know it. */
export interface Operand {
  /** Which of the session's values it is; absent for what is no shared value. */
  readonly value?: { readonly number: number | undefined } | undefined;
  readonly shape: Shape;
  readonly fracBits: number;
  /** It takes part in the backward pass. */
  readonly requiresGrad?: boolean;
}

/** What both parties must agree an operation is. */
export interface OperationDescription {
  /** Such as `matmul`. */
  readonly kind: string;
  readonly operands: readonly Operand[];
  /** What is made of them. */
  readonly result?: Operand;
  /** The operation that this one is a part of, as people call it: `mul x#3·x#5 [2]·[2]`. */
  readonly within?: string;
  /** Public choices: which party owns an input, whom a value is revealed to. */
  readonly options?: string;
  /** Public parameters, compared by hash: constants, a public matrix. */
  readonly constants?: Uint8Array;
}

/** One operation with its place in the order that both parties keep. */
export interface IssuedOperation {
  readonly number: number;
  readonly kind: string;
  /** For people: `matmul [1,2]·[2,1]`. */
  readonly text: string;
  /** The same with the values it takes: `matmul x#3·x#5 [1,2]·[2,1]`. */
  readonly named: string;
  /** All that is compared, for when that alone shows no difference: scales, gradients, constants. */
  readonly detail: string;
  /** The cell it was issued in; undefined outside a notebook. */
  readonly cell: string | undefined;
  /** 16 bytes over this operation and all before it. */
  readonly digest: Uint8Array;
}

/**
 * The order of operations of one party. Numbers are given at the call, before anything is awaited, so both parties
 * number alike as long as they run the same code; a chained digest shows the first operation in which they do not.
 */
export class Lockstep {
  #next = 0;
  #nextValue = 0;
  #digest = begin("begin");
  readonly #log: LogEntry[] = [];

  /** The number of a value that is made now. */
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

  /** The hex digest of an operation that was issued lately. */
  digestOf(number: number): string | undefined {
    return this.#log[number - (this.#next - this.#log.length)]?.digest;
  }

  /** The operations issued lately, oldest first. */
  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** The number that the next operation will take. */
  get next(): number {
    return this.#next;
  }

  /** Starts to count again from a number that both parties take. */
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

/** The first operation that both logs hold and in which they differ, as each party has it. */
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

/** `this party ran … where party 1 ran …`, with as much detail as it takes to see the difference. */
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

/** What x#3 means, for people. */
const VALUES = " (values are counted as they are made: x#0 is the first that was shared or computed)";

/** A detail but for the hash of constants, where it has one. */
function withoutConstant(detail: string): string {
  const at = detail.lastIndexOf(CONSTANT);
  return at < 0 ? detail : detail.slice(0, at + CONSTANT.length);
}
