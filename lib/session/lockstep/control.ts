/** The operation number of control messages, which are about the session itself; operation numbers stay below it. */
export const CONTROL = 2 ** 48 - 1;

/** The longest control message that is accepted. */
const MAX_BYTES = 2 ** 18;
/** The maximum number of operations in a log. */
export const LOG_LENGTH = 256;
/** The maximum number of characters of a text in a log. */
export const TEXT_LENGTH = 200;

/** One operation in the log that the parties exchange when they are out of step. */
export interface LogEntry {
  readonly number: number;
  readonly text: string;
  readonly named?: string | undefined;
  readonly detail: string;
  readonly cell: string | undefined;
  /** The digest, in hex. */
  readonly digest: string;
}

/** A cell of the other party that has failed: its name and the class of its error, and nothing else about it. */
export interface CellFailure {
  readonly cell: string;
  readonly error: string;
  /** The number that its next operation would have taken. */
  readonly next: number;
}

/** Messages about the session, apart from those of operations. */
export type ControlMessage =
  /** The operations that this party issued recently; sent when the parties are out of step. */
  | { readonly type: "log"; readonly log: readonly LogEntry[] }
  /** The last operation that this party issued; sent while it waits, and in answer to the peer's position. */
  | { readonly type: "position"; readonly last: LogEntry | undefined; readonly answer: boolean }
  /** This party cannot finish an operation, so the other party should stop waiting for it. */
  | { readonly type: "failed"; readonly number: number }
  /** A cell of this party failed; tell whoever waits for it. */
  | ({ readonly type: "cell failed" } & CellFailure)
  /** This party asks to restart numbering; both parties restart from the larger `next`. */
  | { readonly type: "resync"; readonly epoch: number; readonly next: number };

export function encodeControl(message: ControlMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Decode a peer's message; undefined if it is malformed. Its texts are shown to users, so shorten and clean them. */
export function decodeControl(bytes: Uint8Array): ControlMessage | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    const message = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Record<
      string,
      unknown
    >;
    switch (message["type"]) {
      case "log": {
        const log = message["log"];
        return Array.isArray(log) && log.length <= LOG_LENGTH
          ? { type: "log", log: log.map(readEntry) }
          : undefined;
      }
      case "position": {
        const last = message["last"] === undefined ? undefined : readEntry(message["last"]);
        return { type: "position", last, answer: message["answer"] === true };
      }
      case "failed":
        return { type: "failed", number: readNumber(message["number"]) };
      case "cell failed":
        return cellFailed(message["cell"], message["error"], readNumber(message["next"]));
      case "resync":
        return { type: "resync", epoch: readNumber(message["epoch"]), next: readNumber(message["next"]) };
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/**
 * Make the message about a failed cell. Undefined unless it has the number of a cell and the name of a class: no other
 * text of a user leaves.
 */
export function cellFailed(cell: unknown, error: unknown, next: number): ControlMessage | undefined {
  if (typeof cell !== "string" || !/^In \[\d{1,9}\]$/.test(cell)) return undefined;
  if (typeof error !== "string" || !/^[A-Za-z]\w{0,49}$/.test(error)) return undefined;
  return { type: "cell failed", cell, error, next };
}

function readEntry(entry: unknown): LogEntry {
  const { number, text, named, detail, cell, digest } = entry as Record<string, unknown>;
  return {
    number: readNumber(number),
    text: readText(text),
    ...(named !== undefined && { named: readText(named) }),
    detail: readText(detail),
    cell: cell === undefined ? undefined : readText(cell),
    digest: readText(digest),
  };
}

function readNumber(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > CONTROL) {
    throw new TypeError("not an operation number");
  }
  return value as number;
}

function readText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value.replace(/\p{C}/gu, "").slice(0, TEXT_LENGTH);
}
