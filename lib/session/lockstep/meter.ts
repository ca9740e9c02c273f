import type { Stream } from "../../channel/channel";
import type { TracedOperation } from "./recorder";

/** Measures one operation while it runs. */
export class OperationMeter {
  messagesSent = 0;
  bytesSent = 0;
  bytesReceived = 0;
  triples = 0;
  /** The current round; at the start, the round after which its operands were available. */
  round = 0;
  firstRound = 0;

  constructor(
    private readonly clock: BusyClock,
    /** The record of its messages; undefined if nothing is recorded. */
    public trace?: TracedOperation,
  ) {}

  start(round: number): void {
    this.firstRound = round;
    this.round = round;
    this.clock.started();
    this.trace?.start(round);
  }

  sent(bytes: number, stream: Stream, what?: string): void {
    this.messagesSent++;
    this.bytesSent += bytes;
    this.trace?.message({ direction: "out", stream, round: this.round + 1, bytes, what });
  }

  received(bytes: number, stream: Stream, what?: string): void {
    this.bytesReceived += bytes;
    if (stream === "online") this.round++;
    const round = stream === "online" ? this.round : this.round + 1;
    this.trace?.message({ direction: "in", stream, round, bytes, what });
  }

  /** A message waits for one that goes the other way. */
  passed(stream: Stream): void {
    if (stream === "online") this.round++;
  }

  waits(): () => void {
    return this.clock.waits();
  }

  end(): void {
    this.clock.ended();
    this.trace?.end(this.round);
  }
}

/** Measures the time spent waiting and the time spent computing, for all operations of a session together. */
export class BusyClock {
  #running = 0;
  #waiting = 0;
  #since = 0;
  #waitingMs = 0;
  #computingMs = 0;

  started(): void {
    this.#tick();
    this.#running++;
  }

  ended(): void {
    this.#tick();
    this.#running--;
  }

  waits(): () => void {
    this.#tick();
    this.#waiting++;
    return () => {
      this.#tick();
      this.#waiting--;
    };
  }

  /** Milliseconds so far. */
  read(): { readonly waitingMs: number; readonly computingMs: number } {
    this.#tick();
    return { waitingMs: this.#waitingMs, computingMs: this.#computingMs };
  }

  #tick(): void {
    const now = performance.now();
    if (this.#waiting > 0) this.#waitingMs += now - this.#since;
    else if (this.#running > 0) this.#computingMs += now - this.#since;
    this.#since = now;
  }
}
