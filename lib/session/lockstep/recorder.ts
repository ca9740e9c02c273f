import type { Stream } from "../../channel/channel";
import type { IssuedOperation } from "./lockstep";

/** The record of a message: what anyone on the network could see, and its round, but never its content. */
export interface TracedMessage {
  readonly direction: "out" | "in";
  readonly stream: Stream;
  /** The round, counted from 1 through the session; messages of one round do not wait for one another. */
  readonly round: number;
  readonly bytes: number;
  /** The protocol's label, if it has one: `opens masked factors`. */
  readonly what: string | undefined;
}

/** How many messages of one operation are recorded one by one; the sums include all. */
const MESSAGES_EACH = 64;
/** How many operations are recorded. */
const OPERATIONS = 1024;
/** How many messages are recorded in total. */
const MESSAGES = 8192;

/** One operation and its messages. */
export class TracedOperation {
  readonly number: number;
  readonly kind: string;
  /** `matmul [1,2]·[2,1]`. */
  readonly text: string;
  readonly cell: string | undefined;
  /** The first messages, in the order in which this party sent and took them. */
  readonly messages: TracedMessage[] = [];
  messagesSent = 0;
  messagesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
  rounds = 0;
  /** Milliseconds from when its operands were available until its result was. */
  ms = 0;
  /** The round after which its operands were available. */
  firstRound = 0;
  #started = 0;

  constructor(
    { number, kind, text, cell }: Pick<IssuedOperation, "number" | "kind" | "text" | "cell">,
    private readonly onKept: () => void,
  ) {
    this.number = number;
    this.kind = kind;
    this.text = text;
    this.cell = cell;
  }

  start(round: number): void {
    this.firstRound = round;
    this.#started = performance.now();
  }

  message(message: TracedMessage): void {
    if (message.direction === "out") {
      this.messagesSent++;
      this.bytesSent += message.bytes;
    } else {
      this.messagesReceived++;
      this.bytesReceived += message.bytes;
    }
    if (this.messages.length === MESSAGES_EACH) return;
    this.messages.push(message);
    this.onKept();
  }

  end(round: number): void {
    this.rounds = round - this.firstRound;
    this.ms = performance.now() - this.#started;
  }
}

/** Records the latest operations of a session and their messages, in bounded memory. */
export class Recorder {
  #operations: TracedOperation[] = [];
  #kept = 0;
  #forgotten = 0;

  /** Start recording an operation that was just issued. */
  begin(operation: Pick<IssuedOperation, "number" | "kind" | "text" | "cell">): TracedOperation {
    const traced = new TracedOperation(operation, () => {
      this.#kept++;
      if (this.#kept > MESSAGES) this.#forget();
    });
    this.#operations.push(traced);
    if (this.#operations.length > OPERATIONS) this.#forget();
    return traced;
  }

  /** The recorded operations, in the order of issue. */
  get operations(): readonly TracedOperation[] {
    return this.#operations;
  }

  /** How many earlier operations are no longer recorded. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Drop the oldest quarter at once, so that this happens seldom. */
  #forget(): void {
    const count = Math.ceil(this.#operations.length / 4);
    this.#operations = this.#operations.slice(count);
    this.#forgotten += count;
    this.#kept = this.#operations.reduce((sum, { messages }) => sum + messages.length, 0);
  }
}
