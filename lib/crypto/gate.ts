import { CheckError, TransportError, type TransportReason } from "../errors";

/** What the parties are about to commit to and open: public coins, or their shares of a check. */
export type CommittedKind = "coins" | "check";

/** One exchange of commitments and openings, from this party's commitment to the other party's opening. */
export interface Exchange {
  /**
   * The other party has committed, and this party is about to open. Call it before the first byte of the opening is
   * handed to a link. From now on the other party owes its opening.
   */
  open(): Promise<void>;
  /** The other party's opening arrived and was right. An exchange that is never settled has failed. */
  settle(): void;
}

/** Keeps track of exchanges, so that no output leaves while a check in which this party has opened is unsettled. */
export interface Gate {
  /**
   * Registers an exchange before this party's commitment leaves.
   *
   * @throws the error that ended the session, or the reason why nothing new may begin
   */
  begin(kind: CommittedKind): Exchange;
}

/** Says durably that a check share of this party may have left without being answered. */
export interface UnsettledMark {
  /** @returns settles when the mark is on the disk; undefined when there is nothing to mark */
  set(): Promise<void> | undefined;
  /** Everything that was opened is settled. */
  clear(): void;
}

/** Lets everything pass: for protocols outside a session, and for semi-honest ones. */
export const OPEN_GATE: Gate = { begin: () => ({ open: async () => undefined, settle: () => undefined }) };

/** How long the other party may owe an opening. */
const OWED_MS = 300_000;

export interface SessionGateOptions {
  /** How long the other party may owe an opening before it counts as withheld. Default: five minutes. */
  readonly owedMs?: number | undefined;
  /** The other party owed an opening for too long. */
  readonly onWithheld?: (error: CheckError) => void;
}

interface Entry {
  readonly kind: CommittedKind;
  /** This party opens it, or is about to: its mark may still be on its way to the disk. */
  opened: boolean;
  /** What this party has committed to may have left. */
  owed: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly settled: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The one gate of a session, whichever threads its checks run in.
 *
 * A party that has opened its share of a check, or of coins, has told the other party how the check ends. If the other
 * party then withholds its own share, it alone knows the outcome, and with a share of a check it can compute this
 * party's MAC key ("Rushing at SPDZ", ePrint 2025/789). So:
 *
 * - Before a share of a check leaves, a durable mark says so, and the exchange is in the set of unsettled ones.
 * - An output, or a share of one, leaves only after everything that was unsettled at that moment has been settled.
 *   Exchanges that begin later need not be waited for: their shares were not opened yet.
 * - A party that owes an opening past a deadline, or is gone for good while it owes one, has cheated.
 *
 * Only outputs wait. Exchanges wait for nothing but their own messages, so parties whose operations interleave
 * differently do not wait for each other in a circle.
 */
export class SessionGate implements Gate {
  readonly #options: SessionGateOptions;
  readonly #entries = new Set<Entry>();
  #mark: UnsettledMark | undefined;
  #marked = false;
  #closed: Error | undefined;
  #drained: (() => void)[] = [];

  constructor(options: SessionGateOptions = {}) {
    this.#options = options;
  }

  /** Marks unsettled checks durably from now on. */
  markIn(mark: UnsettledMark): void {
    this.#mark = mark;
  }

  begin(kind: CommittedKind): Exchange {
    if (this.#closed) throw this.#closed;
    const entry = createEntry(kind);
    this.#entries.add(entry);
    return {
      open: () => this.#open(entry),
      settle: () => this.#settle(entry),
    };
  }

  /** Waits until every check that is open now has been settled. Call it before an output leaves or is returned. */
  async pass(): Promise<void> {
    await Promise.all(this.#openChecks().map(({ settled }) => settled));
  }

  /** Whether the other party owes an opening. */
  get owed(): boolean {
    return [...this.#entries].some(({ owed }) => owed);
  }

  /**
   * What ends the session: `error`, or, where the other party is gone while it owes an opening, that it withheld it.
   * Whatever else ends a session leaves the other party the time to open: see `drain` and `conclude`.
   */
  judge(error: Error): Error {
    return isGone(error) ? this.conclude(error) : error;
  }

  /** The same when nothing more will come, whatever the error is. */
  conclude(error: Error): Error {
    return this.owed && !(error instanceof CheckError) ? withheld(error) : error;
  }

  /**
   * Lets nothing new begin and waits for what has begun, so that leaving is not mistaken for withholding.
   *
   * @param reason - what later calls of `begin` throw
   * @param withinMs - how long it waits for what neither party needs; what is owed has its own deadline
   * @returns undefined when nothing has begun
   */
  drain(reason: Error, withinMs: number): Promise<void> | undefined {
    this.#closed ??= reason;
    if (this.#entries.size === 0) return undefined;
    return new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.seal(reason), withinMs);
      this.#drained.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Lets nothing new begin or be opened; what is owed can still be settled. */
  seal(error: Error): void {
    this.#closed ??= error;
    for (const entry of [...this.#entries]) {
      // Whoever leaves stays until the deadline.
      if (entry.owed) entry.timer?.ref();
      else this.#drop(entry, this.#closed);
    }
  }

  /** The session is over: everything that waits throws `error`. */
  fail(error: Error): void {
    this.#closed = error;
    for (const entry of this.#entries) {
      clearTimeout(entry.timer);
      entry.reject(error);
    }
    this.#entries.clear();
    this.#release();
  }

  async #open(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry)) throw this.#closed;
    entry.opened = true;
    if (entry.kind === "check") {
      this.#marked = true;
      try {
        await this.#mark?.set();
      } catch (error) {
        this.#drop(entry, error as Error);
        throw error;
      }
      if (!this.#entries.has(entry)) throw this.#closed;
    }
    const { owedMs = OWED_MS, onWithheld } = this.#options;
    entry.owed = true;
    entry.timer = setTimeout(() => onWithheld?.(withheld()), owedMs);
    entry.timer.unref();
  }

  #settle(entry: Entry): void {
    if (!this.#entries.has(entry)) return;
    entry.resolve();
    this.#forget(entry);
  }

  /** Ends an exchange of which nothing that this party has committed to has left. */
  #drop(entry: Entry, error: Error): void {
    entry.reject(error);
    this.#forget(entry);
  }

  #forget(entry: Entry): void {
    clearTimeout(entry.timer);
    this.#entries.delete(entry);
    if (this.#marked && this.#openChecks().length === 0) {
      this.#marked = false;
      this.#mark?.clear();
    }
    if (this.#entries.size === 0) this.#release();
  }

  #openChecks(): Entry[] {
    return [...this.#entries].filter(({ kind, opened }) => kind === "check" && opened);
  }

  #release(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

const GONE: readonly TransportReason[] = ["closed", "timeout", "restarted", "refused"];

/** Whether an error says that nothing more will come from the other party. */
export function isGone(error: Error): boolean {
  return error instanceof TransportError && GONE.includes(error.reason);
}

function createEntry(kind: CommittedKind): Entry {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const settled = new Promise<void>((...settlers) => {
    [resolve, reject] = settlers;
  });
  settled.catch(() => undefined);
  return { kind, opened: false, owed: false, timer: undefined, settled, resolve, reject };
}

function withheld(cause?: Error): CheckError {
  const how = cause
    ? `was gone before it sent it (${cause.message.replace(/\.$/, "")})`
    : "did not send it in time";
  return new CheckError(
    "withheld",
    `the other party owed the opening of a commitment and ${how}. A party that sees this party's share of a check and ` +
      "keeps back its own may have learned the MAC key, so the session has ended, and its keys, its correlated " +
      "randomness and its store are destroyed. If the other party merely crashed, start a new session on both sides.",
  );
}
