import type { Stream } from "../../channel/channel";
import type { IssuedOperation } from "./lockstep";

/** What is remembered of a message: what everybody on the network could see, and its round; never what it holds. */
export interface TracedMessage {
  readonly direction: "out" | "in";
  readonly stream: Stream;
  /** Counted through the session, from 1: messages of one round do not wait for one another. */
  readonly round: number;
  readonly bytes: number;
  /** What it carries, where the protocol says so: `opens masked factors`. */
  readonly what: string | undefined;
}

/** Messages of one operation that are remembered one by one; the sums go on. */
const MESSAGES_EACH = 64;
/** Operations that are remembered. */
const OPERATIONS = 1024;
/** Messages that are remembered in all. */
const MESSAGES = 8192;

/** One operation and its messages. */
export class TracedOperation {
  readonly number: number;
  readonly kind: string;
  /** `matmul [1,2]·[2,1]`. */
  readonly text: string;
  readonly cell: string | undefined;
  /** The first ones, in the order in which this party sent and took them. */
  readonly messages: TracedMessage[] = [];
  messagesSent = 0;
  messagesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
  rounds = 0;
  /** From when its operands were there until its result was. */
  ms = 0;
  /** The round after which its operands were there. */
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

/** Remembers the latest operations of a session and their messages, in bounded memory. */
export class Recorder {
  #operations: TracedOperation[] = [];
  #kept = 0;
  #forgotten = 0;

  /** Begins to remember an operation that was just issued. */
  begin(operation: Pick<IssuedOperation, "number" | "kind" | "text" | "cell">): TracedOperation {
    const traced = new TracedOperation(operation, () => {
      this.#kept++;
      if (this.#kept > MESSAGES) this.#forget();
    });
    this.#operations.push(traced);
    if (this.#operations.length > OPERATIONS) this.#forget();
    return traced;
  }

  /** The operations remembered, in the order of issue. */
  get operations(): readonly TracedOperation[] {
    return this.#operations;
  }

  /** How many earlier ones are not remembered any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Forgets the older quarter at once, so that it seldom has to. */
  #forget(): void {
    const count = Math.ceil(this.#operations.length / 4);
    this.#operations = this.#operations.slice(count);
    this.#forgotten += count;
    this.#kept = this.#operations.reduce((sum, { messages }) => sum + messages.length, 0);
  }
}
