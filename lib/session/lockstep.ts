import { createHash } from "node:crypto";
import { bracketShape, type Shape } from "../tensor/shape";
import { LOG_LENGTH, TEXT_LENGTH } from "./control";

/** One tensor that an operation takes, as far as both parties know it. */
export interface Operand {
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
  /** Public parameters, compared by hash: constants, a public matrix. */
  readonly constants?: Uint8Array;
}

/** One operation with its place in the order that both parties keep. */
export interface IssuedOperation {
  readonly number: number;
  readonly kind: string;
  /** For people: `matmul [1,2]·[2,1]`. */
  readonly text: string;
  /** All that is compared, for when the text alone shows no difference: scales, gradients, constants. */
  readonly detail: string;
  /** The cell it was issued in; undefined outside a notebook. */
  readonly cell: string | undefined;
  /** 16 bytes over this operation and all before it. */
  readonly digest: Uint8Array;
}

/** What one party tells the other of an operation when they have fallen out of step. */
export interface LogEntry {
  readonly number: number;
  readonly text: string;
  readonly detail: string;
  readonly cell: string | undefined;
  /** Hex of the digest. */
  readonly digest: string;
}

/**
 * The order of operations of one party. Numbers are given at the call, before anything is awaited, so both parties
 * number alike as long as they run the same code; a chained digest shows the first operation in which they do not.
 */
export class Lockstep {
  #next = 0;
  #digest: Uint8Array = new Uint8Array(16);
  readonly #log: LogEntry[] = [];

  /** @param agreed - what is compared of it besides */
  issue(description: OperationDescription, cell: string | undefined, agreed?: string): IssuedOperation {
    const detail = describeAll(description, agreed);
    this.#digest = chain(this.#digest, detail);
    const text = describe(description).slice(0, TEXT_LENGTH);
    const operation = {
      number: this.#next++,
      kind: description.kind,
      text,
      detail,
      cell,
      digest: this.#digest,
    };
    const digest = Buffer.from(operation.digest).toString("hex");
    this.#log.push({ number: operation.number, text, detail: detail.slice(0, TEXT_LENGTH), cell, digest });
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
    this.#digest = chain(new Uint8Array(16), `restart at ${next}`);
    this.#log.length = 0;
  }
}

function chain(digest: Uint8Array, detail: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(digest).update(detail).digest().subarray(0, 16));
}

/** `matmul [1,2]·[2,1]`. */
function describe({ kind, operands }: OperationDescription): string {
  return `${kind} ${operands.map(({ shape }) => bracketShape(shape)).join("·")}`.trim();
}

/** `matmul [1,2]@16·[2,1]@16 grad`, a hash of public constants, and what is agreed besides. */
function describeAll({ kind, operands, constants }: OperationDescription, agreed?: string): string {
  const shown = operands.map(
    ({ shape, fracBits, requiresGrad }) => `${bracketShape(shape)}@${fracBits}${requiresGrad ? " grad" : ""}`,
  );
  const hash = constants
    ? ` constant ${createHash("sha256").update(constants).digest("hex").slice(0, 32)}`
    : "";
  return `${kind} ${shown.join("·")}${hash}${agreed === undefined ? "" : ` ${agreed}`}`.trim();
}

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
  const alike = mine.text === theirs.text;
  const name = (entry: LogEntry) => locate({ cell: entry.cell, text: alike ? entry.detail : entry.text });
  return `this party ran ${name(mine)} where ${peer} ran ${name(theirs)}`;
}
