import { inspect } from "node:util";
import { count, formatBytes, formatMs } from "../../text/figures";
import { htmlTable } from "../../text/html";
import { jupyterDisplay, type MimeBundle } from "../../text/mime";
import type { IssuedOperation } from "../lockstep/lockstep";
import { BusyClock, OperationMeter } from "../lockstep/meter";
import type { TracedOperation } from "../lockstep/recorder";

/** The costs of some operations to this party. */
export interface Costs {
  readonly operations: number;
  /**
   * The longest chain of messages that had to wait for one another: independent operations share rounds, the rounds of
   * dependent operations add up. Rounds times the network's round-trip time is the time that faster computing cannot save.
   */
  readonly rounds: number;
  readonly messagesSent: number;
  /** Bytes of payload; the channel adds a small header to each message. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Multiplications of single elements, for which correlated randomness was used. */
  readonly triples: number;
  /** Milliseconds in which at least one operation waited for the other party. */
  readonly waitingMs: number;
  /** Milliseconds in which operations ran and none of them waited. */
  readonly computingMs: number;
}

interface Mutable {
  operations: number;
  messagesSent: number;
  bytesSent: number;
  bytesReceived: number;
  triples: number;
  waitingMs: number;
  computingMs: number;
  firstRound: number;
  lastRound: number;
  /** The sum of each operation's own rounds. */
  ownRounds: number;
}

/** Adds up the costs of operations: in total, by cell and by kind of operation. */
export class CostLedger {
  readonly clock = new BusyClock();
  /** The cost of making correlated randomness, apart from the operations that use it. */
  readonly preparation = new OperationMeter(new BusyClock());
  readonly #total = empty();
  readonly #byCell = new Map<string, Mutable>();
  readonly #byKind = new Map<string, Mutable>();
  #read = { waitingMs: 0, computingMs: 0 };

  meter(trace?: TracedOperation): OperationMeter {
    return new OperationMeter(this.clock, trace);
  }

  /** Add an operation that has ended. */
  book({ cell, kind }: IssuedOperation, meter: OperationMeter): void {
    const now = this.clock.read();
    const spent = {
      waitingMs: now.waitingMs - this.#read.waitingMs,
      computingMs: now.computingMs - this.#read.computingMs,
    };
    this.#read = now;
    for (const entry of [this.#total, take(this.#byKind, kind), take(this.#byCell, cell ?? "")]) {
      entry.operations++;
      entry.messagesSent += meter.messagesSent;
      entry.bytesSent += meter.bytesSent;
      entry.bytesReceived += meter.bytesReceived;
      entry.triples += meter.triples;
      entry.waitingMs += spent.waitingMs;
      entry.computingMs += spent.computingMs;
      entry.firstRound = Math.min(entry.firstRound, meter.firstRound);
      entry.lastRound = Math.max(entry.lastRound, meter.round);
      entry.ownRounds += meter.round - meter.firstRound;
    }
  }

  /** Return what a cell cost so far; undefined if it ran no operation. */
  ofCell(cell: string): Costs | undefined {
    const entry = this.#byCell.get(cell);
    return entry && spanned(entry);
  }

  report(): CostReport {
    const named = (map: Map<string, Mutable>, read: (entry: Mutable) => Costs) =>
      [...map].filter(([name]) => name !== "").map(([name, entry]): [string, Costs] => [name, read(entry)]);
    const { messagesSent, bytesSent, bytesReceived } = this.preparation;
    const prepared = { ...costs(empty(), 0), messagesSent, bytesSent, bytesReceived };
    const total = spanned(this.#total);
    return new CostReport(
      {
        ...total,
        messagesSent: total.messagesSent + messagesSent,
        bytesSent: total.bytesSent + bytesSent,
        bytesReceived: total.bytesReceived + bytesReceived,
      },
      named(this.#byCell, spanned),
      [...named(this.#byKind, alone), ...(messagesSent > 0 ? [["preparation", prepared] as const] : [])],
    );
  }
}

/**
 * The costs of a session so far: in total, by cell, and by kind of operation. Shown as a table in a notebook: cells and
 * kinds with the most bytes first, zeros blank.
 */
export class CostReport {
  constructor(
    readonly total: Costs,
    /** By cell, in the order of first use. */
    readonly byCell: readonly (readonly [cell: string, costs: Costs])[],
    /**
     * By kind of operation. Rounds are the sum of each operation's own rounds, although concurrent operations share
     * them.
     */
    readonly byKind: readonly (readonly [kind: string, costs: Costs])[],
  ) {}

  toString(): string {
    const rows = this.#rows().map(([name, costs]) => [name, ...cells(costs)]);
    const table = [["", ...HEADINGS], ...rows];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    return table
      .map((row) =>
        row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("  "),
      )
      .join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    const rows = this.#rows();
    const html = htmlTable(
      rows.map(([, costs]) => cells(costs)),
      { columns: HEADINGS, names: rows.map(([name]) => name) },
    );
    return { "text/plain": this.toString(), "text/html": html };
  }

  #rows(): (readonly [string, Costs])[] {
    return [...largestFirst(this.byCell), ...largestFirst(this.byKind), ["session", this.total]];
  }
}

/**
 * Summarise costs in one line for below a cell: `2 rounds, 48 B sent, 48 B received, 1 triple, 3 ms of which 2 ms
 * waiting`.
 */
export function summarize(costs: Costs): string {
  const total = costs.waitingMs + costs.computingMs;
  return [
    count(costs.rounds, "round"),
    `${formatBytes(costs.bytesSent)} sent`,
    `${formatBytes(costs.bytesReceived)} received`,
    ...(costs.triples > 0 ? [count(costs.triples, "triple")] : []),
    `${formatMs(total)} of which ${formatMs(costs.waitingMs)} waiting`,
  ].join(", ");
}

const HEADINGS = ["operations", "rounds", "messages", "sent", "received", "triples", "waiting", "computing"];

/** Sort by bytes, then by time. */
function largestFirst(entries: CostReport["byKind"]): CostReport["byKind"] {
  const bytes = ({ bytesSent, bytesReceived }: Costs) => bytesSent + bytesReceived;
  const time = ({ waitingMs, computingMs }: Costs) => waitingMs + computingMs;
  return [...entries].sort(([, a], [, b]) => bytes(b) - bytes(a) || time(b) - time(a));
}

/** The figures of a row. Leave a zero blank, also one that is zero only as it is shown. */
function cells(costs: Costs): string[] {
  return [
    String(costs.operations),
    String(costs.rounds),
    String(costs.messagesSent),
    formatBytes(costs.bytesSent),
    formatBytes(costs.bytesReceived),
    String(costs.triples),
    formatMs(costs.waitingMs),
    formatMs(costs.computingMs),
  ].map((text) => (/^0(\.0+)?( |$)/.test(text) ? "" : text));
}

function empty(): Mutable {
  return {
    operations: 0,
    messagesSent: 0,
    bytesSent: 0,
    bytesReceived: 0,
    triples: 0,
    waitingMs: 0,
    computingMs: 0,
    firstRound: Number.POSITIVE_INFINITY,
    lastRound: 0,
    ownRounds: 0,
  };
}

function take(map: Map<string, Mutable>, key: string): Mutable {
  let entry = map.get(key);
  if (!entry) {
    entry = empty();
    map.set(key, entry);
  }
  return entry;
}

function spanned(entry: Mutable): Costs {
  return costs(entry, entry.operations === 0 ? 0 : entry.lastRound - entry.firstRound);
}

function alone(entry: Mutable): Costs {
  return costs(entry, entry.ownRounds);
}

function costs({ firstRound, lastRound, ownRounds, ...entry }: Mutable, rounds: number): Costs {
  return { ...entry, rounds };
}
