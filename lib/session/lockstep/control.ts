/** The operation number of messages about the session itself; operations stay below it. */
export const CONTROL = 2 ** 48 - 1;

/** Longest message about the session that is read. */
const MAX_BYTES = 2 ** 18;
/** How many operations a log holds at most. */
export const LOG_LENGTH = 256;
/** Characters of a text in it. */
export const TEXT_LENGTH = 200;

/** What one party tells the other of an operation when they have fallen out of step. */
export interface LogEntry {
  readonly number: number;
  readonly text: string;
  readonly named?: string | undefined;
  readonly detail: string;
  readonly cell: string | undefined;
  /** Hex of the digest. */
  readonly digest: string;
}

/** What the parties tell each other about the session, apart from their operations. */
export type ControlMessage =
  /** All that this party lately issued: sent when the parties have parted. */
  | { readonly type: "log"; readonly log: readonly LogEntry[] }
  /** The last operation that this party issued: sent while it waits, and in answer to that. */
  | { readonly type: "position"; readonly last: LogEntry | undefined; readonly answer: boolean }
  /** This party cannot finish an operation, so the other need not wait for it. */
  | { readonly type: "failed"; readonly number: number }
  /** This party wants to start counting again; both do, from the larger `next`. */
  | { readonly type: "resync"; readonly epoch: number; readonly next: number };

export function encodeControl(message: ControlMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Reads a peer's message; undefined where it is none. Its texts are shown to people, so they are cut and cleaned. */
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
      case "resync":
        return { type: "resync", epoch: readNumber(message["epoch"]), next: readNumber(message["next"]) };
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
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
    throw new TypeError("no operation number");
  }
  return value as number;
}

function readText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("no text");
  return value.replace(/\p{C}/gu, "").slice(0, TEXT_LENGTH);
}
