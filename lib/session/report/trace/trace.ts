import { inspect } from "node:util";
import type { Party } from "../../../channel/channel";
import { count, formatBytes, formatMs } from "../../../text/figures";
import { jupyterDisplay, type MimeBundle } from "../../../text/mime";
import type { Recorder, TracedOperation } from "../../lockstep/recorder";
import { type KindSum, kindCounts, orDash, passedIn, type Row, rowsOf, sumsOf } from "./rows";
import { drawSvg } from "./svg";

/** Which messages to show. */
export interface TraceOptions {
  /** A cell's number, or `"last"` for the latest cell that ran operations. Default: the whole session. */
  readonly cell?: number | "last";
}

/** The maximum number of bars, one for each kind of operation. */
const BARS = 10;
const BAR_LENGTH = 12;

/**
 * The messages of a session or a cell. It reads them when it is shown, so it includes earlier operations of its own cell.
 */
export class Trace {
  readonly #party: Party;
  readonly #recorder: Recorder;
  readonly #cell: number | "last" | undefined;

  /** Made by `iface.trace()`. */
  constructor(party: Party, recorder: Recorder, { cell }: TraceOptions) {
    if (cell !== undefined && cell !== "last" && !(Number.isInteger(cell) && cell > 0)) {
      throw new TypeError(`cell must be the number of a cell or "last", got ${String(cell)}`);
    }
    this.#party = party;
    this.#recorder = recorder;
    this.#cell = cell;
  }

  /** Return the sequence diagram as an SVG image, for example to save it. */
  get svg(): string {
    const { rows, sums, caption } = this.#read();
    return drawSvg({ party: this.#party, caption, rows, sums });
  }

  toString(): string {
    const { rows, sums, caption } = this.#read();
    return [caption, ...rows.map((row) => rowText(row, this.#party)), ...barTexts(sums)].join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    return { "text/plain": this.toString(), "text/html": this.svg };
  }

  #read(): { rows: Row[]; sums: KindSum[]; caption: string } {
    const { operations, forgotten } = this.#recorder;
    const cell =
      this.#cell === "last"
        ? operations.at(-1)?.cell
        : this.#cell === undefined
          ? undefined
          : `In [${this.#cell}]`;
    const chosen = this.#cell === undefined ? operations : operations.filter((one) => one.cell === cell);
    return { rows: rowsOf(chosen), sums: sumsOf(chosen, BARS), caption: captionOf(chosen, cell, forgotten) };
  }
}

function captionOf(
  operations: readonly TracedOperation[],
  cell: string | undefined,
  forgotten: number,
): string {
  const where = cell ?? "Session";
  const older = forgotten > 0 ? `; ${count(forgotten, "earlier operation")} no longer remembered` : "";
  if (operations.length === 0) return `${where}: no operation${older}`;
  const { messagesSent, messagesReceived, bytesSent, bytesReceived } = passedIn(operations);
  const busy = operations.filter(({ rounds }) => rounds > 0);
  const first = busy.reduce((least, { firstRound }) => Math.min(least, firstRound), Number.POSITIVE_INFINITY);
  const last = busy.reduce((most, { firstRound, rounds }) => Math.max(most, firstRound + rounds), 0);
  const silent = operations.filter((one) => one.messagesSent + one.messagesReceived === 0);
  return (
    [
      `${where}: ${count(operations.filter(({ kind }) => kind !== "preparation").length, "operation")}`,
      count(messagesSent + messagesReceived, "message"),
      count(busy.length > 0 ? last - first : 0, "round"),
      `${formatBytes(bytesSent)} sent`,
      `${formatBytes(bytesReceived)} received`,
    ].join(", ") +
    (silent.length > 0 ? `; without messages: ${shortCounts(silent)}` : "") +
    older
  );
}

/** Shorten a text for a caption. */
function shortCounts(operations: readonly TracedOperation[]): string {
  const counts = kindCounts(operations);
  return counts.length <= 40 ? counts : count(operations.length, "operation");
}

function rowText(row: Row, party: Party): string {
  if (row.type === "gap") return `  ${row.text}`;
  const name = "cell" in row ? [row.cell, row.text].filter((part) => part !== "").join(" ") : row.label;
  if (row.type === "heading") return name;
  const { messagesSent, messagesReceived, bytesSent, bytesReceived } = row;
  const [toOne, toZero] = party === 0 ? [messagesSent, messagesReceived] : [messagesReceived, messagesSent];
  const line = `0 ${toZero > 0 ? "<" : "─"}───${toOne > 0 ? ">" : "─"} 1`;
  const sizes = [
    ...(messagesSent > 0 ? [`${formatBytes(bytesSent)} sent`] : []),
    ...(messagesReceived > 0 ? [`${formatBytes(bytesReceived)} received`] : []),
    ...(row.type === "group" ? [count(messagesSent + messagesReceived, "message")] : []),
  ];
  const round = row.rounds === "" ? "" : `round ${row.rounds}`;
  return `  ${line}  ${round.padEnd(14)}  ${name.padEnd(24)}  ${sizes.join(", ")}`;
}

function barTexts(sums: readonly KindSum[]): string[] {
  if (sums.length === 0) return [];
  const name = ({ kind, operations }: KindSum) => (operations === 1 ? kind : `${kind} × ${operations}`);
  const width = Math.max(...sums.map((sum) => name(sum).length));
  const column = (read: (sum: KindSum) => number, format: (value: number) => string) => {
    const most = Math.max(...sums.map(read), Number.MIN_VALUE);
    return (sum: KindSum) =>
      `${"█".repeat(Math.round((BAR_LENGTH * read(sum)) / most)).padEnd(BAR_LENGTH)} ${orDash(format)(read(sum)).padEnd(9)}`;
  };
  const columns = [
    column(
      ({ rounds }) => rounds,
      (rounds) => count(rounds, "round"),
    ),
    column(({ bytes }) => bytes, formatBytes),
    column(({ ms }) => ms, formatMs),
  ];
  return [
    "",
    ...sums.map((sum) => [name(sum).padEnd(width), ...columns.map((show) => show(sum))].join("  ").trimEnd()),
  ];
}
