import { CheckError, TransportError, type TransportReason } from "../errors";

/** The values that the parties commit to and open: public coins, or their shares of a check. */
export type CommittedKind = "coins" | "check";

/** One exchange of commitments and openings, from this party's commitment to the other party's opening. */
export interface Exchange {
  /**
   * The other party has committed, and this party is about to open. Call this before handing the first byte of the
   * opening to a link. From now on the other party owes its opening.
   */
  open(): Promise<void>;
  /** The other party's opening arrived and was correct. An exchange that is never settled has failed. */
  settle(): void;
}

/** Tracks exchanges, so that no output leaves while a check that this party has opened is unsettled. */
export interface Gate {
  /**
   * Register an exchange. Call it before this party's commitment leaves.
   *
   * @throws the error that ended the session, or the reason why nothing new may begin
   */
  begin(kind: CommittedKind): Exchange;
}

/** A durable mark: a check share of this party may have left without being answered. */
export interface UnsettledMark {
  /** @returns a promise that settles when the mark is on disk; undefined if there is nothing to mark */
  set(): Promise<void> | undefined;
  /** Clear the mark: everything that was opened is settled. */
  clear(): void;
}

/** A gate that lets everything pass, for protocols outside a session and for semi-honest ones. */
export const OPEN_GATE: Gate = { begin: () => ({ open: async () => undefined, settle: () => undefined }) };

/** How long the other party may owe an opening. */
const OWED_MS = 300_000;

export interface SessionGateOptions {
  /** How long the other party may owe an opening before it counts as withheld. Default: five minutes. */
  readonly owedMs?: number | undefined;
  /** Called when the other party has owed an opening for too long. */
  readonly onWithheld?: (error: CheckError) => void;
}

interface Entry {
  readonly kind: CommittedKind;
  /** This party has opened it or is about to; the mark may not be on disk yet. */
  opened: boolean;
  /** This party's opening may have left, so the other party owes its own. */
  owed: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly settled: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The only gate of a session, whichever threads its checks run in.
 *
 * A party that opens its share of a check, or of coins, reveals the outcome to the other party. If the other party then
 * withholds its own share, it alone knows the outcome. With a share of a check it can also compute this party's MAC key
 * ("Rushing at SPDZ", ePrint 2025/789). Therefore:
 *
 * - Before a share of a check leaves, write a durable mark and add the exchange to the unsettled ones.
 * - An output, or a share of one, leaves only after every check that was open at that moment has been settled. It need
 *   not wait for exchanges that begin later, because their shares had not been opened.
 * - A party that owes an opening past a deadline, or is gone for good while it owes one, has cheated.
 *
 * Only outputs wait. Exchanges wait only for their own messages, so parties whose operations interleave differently
 * cannot deadlock.
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

  /** From now on, mark unsettled checks durably. */
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

  /** Wait until every check that is open now has been settled. Call it before an output leaves or is returned. */
  async pass(): Promise<void> {
    await Promise.all(this.#openChecks().map(({ settled }) => settled));
  }

  /** Whether the other party owes an opening. */
  get owed(): boolean {
    return [...this.#entries].some(({ owed }) => owed);
  }

  /**
   * Decide which error ends the session: if the other party is gone while it owes an opening, that it withheld it;
   * otherwise `error`. In all other cases the other party still has time to open: see `drain` and `conclude`.
   */
  judge(error: Error): Error {
    return isGone(error) ? this.conclude(error) : error;
  }

  /** The same, if nothing more will arrive, whatever the error is. */
  conclude(error: Error): Error {
    return this.owed && !(error instanceof CheckError) ? withheld(error) : error;
  }

  /**
   * Let no exchange begin, and wait for those that have begun, so that leaving is not mistaken for withholding.
   *
   * @param reason - the error that later calls of `begin` throw
   * @param withinMs - how long to wait for exchanges in which nothing is owed; openings that are owed have a deadline
   *   of their own
   * @returns undefined if no exchange has begun
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

  /** Let no exchange begin or be opened. Openings that are owed can still be settled. */
  seal(error: Error): void {
    this.#closed ??= error;
    for (const entry of [...this.#entries]) {
      // Keep the process alive until the deadline.
      if (entry.owed) entry.timer?.ref();
      else this.#drop(entry, this.#closed);
    }
  }

  /** The session is over: everything that is waiting throws `error`. */
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

  /** End an exchange in which this party's opening has not left. */
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

/** Whether an error means that nothing more will arrive from the other party. */
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
      "withholds its own may have learned the MAC key, so the session has ended, and its keys, its correlated " +
      "randomness and its store are destroyed. If the other party merely crashed, start a new session on both sides.",
  );
}
