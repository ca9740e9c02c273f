/** Reports Jupyter messages that the kernel refused, instead of dropping them silently. */

import { debug } from "../../lib/debug";

/** Why a message was refused. */
export type Refusal = "malformed" | "unsigned" | "repeated" | "own";

const REASONS: Readonly<Record<Refusal, string>> = {
  malformed: "it does not follow Jupyter's messaging protocol",
  unsigned: "its signature does not fit the key of the connection file",
  repeated: "it has arrived before; somebody may have recorded it and sent it again",
  own: "this kernel sent it, and somebody sent it back",
};

/** Where the kernel was started, also once cells have taken over the process's own streams. */
const toTerminal = process.stderr.write.bind(process.stderr);

/** The least time between two lines on stderr. */
const QUIET_MS = 60_000;

/** Counts refused messages. Logs each one under NODE_DEBUG=spdzlab; on stderr at most one line a minute. */
export class Refusals {
  readonly #counts = new Map<Refusal, number>();
  #saidAt = Number.NEGATIVE_INFINITY;

  /**
   * @param write - prints a line
   * @param now - a clock in milliseconds
   */
  constructor(
    private readonly write: (line: string) => void = (line) => void toTerminal(line),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many messages were refused, by reason. */
  get counts(): ReadonlyMap<Refusal, number> {
    return this.#counts;
  }

  /** Report one refused message. */
  add(refusal: Refusal, channel: string): void {
    this.#counts.set(refusal, (this.#counts.get(refusal) ?? 0) + 1);
    debug("kernel: refused a message on %s, %s", channel, refusal);
    if (this.now() - this.#saidAt < QUIET_MS) return;
    this.#saidAt = this.now();
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const before = total > 1 ? ` ${total} refused so far.` : "";
    this.write(
      `spdzlab kernel: refused a message on the ${channel} channel: ${REASONS[refusal]}.${before}\n`,
    );
  }
}
