import type { Channel, ChannelListener, Frame, Party, Stream } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { DesyncError, type SpdzError, TransportError } from "../errors";
import {
  contrast,
  decodeLog,
  encodeLog,
  firstDifference,
  type IssuedOperation,
  type Lockstep,
  type LogEntry,
  locate,
} from "./lockstep";

/** The operation number of messages about the session itself; operations stay below it. */
const CONTROL = 2 ** 48 - 1;
/** The steps of those messages: the whole log, when the parties have parted, or the last entry, when one waits. */
const LOG = 0;
const POSITION = 1;
/** How far ahead of this party the peer may run, in messages and in bytes that wait for us. */
const MAX_EARLY_FRAMES = 65_536;
const MAX_EARLY_BYTES = 2 ** 30;
/** The log of a peer is read up to this size. */
const MAX_LOG_BYTES = 2 ** 18;

/** What the router needs of whoever shows that this party waits. */
export interface WaitObserver {
  /** Called when an operation begins to wait for a message; the result is called when it ends. */
  begin(operation: IssuedOperation): () => void;
}

/** The links of one operation, to be closed when it is done. */
export interface OperationLinks {
  readonly online: OperationLink;
  readonly background: OperationLink;
  close(): void;
}

/**
 * Brings each frame to the operation it belongs to. Frames of operations that this party has not issued yet wait
 * for it; a frame whose digest is not that of the operation of its number means that the parties have parted.
 */
export class Router implements ChannelListener {
  readonly #channel: Channel;
  readonly #lockstep: Lockstep;
  readonly #observer: WaitObserver;
  readonly #onFailure: (error: SpdzError) => void;
  readonly #running = new Map<number, Mailboxes>();
  readonly #early = new Map<number, Frame[]>();
  #earlyFrames = 0;
  #earlyBytes = 0;
  #logSent = false;
  #peerPosition: LogEntry | undefined;
  #failure: SpdzError | undefined;

  /** @param onFailure - told once, when nothing will come any more */
  constructor(
    channel: Channel,
    lockstep: Lockstep,
    observer: WaitObserver,
    onFailure: (e: SpdzError) => void,
  ) {
    this.#channel = channel;
    this.#lockstep = lockstep;
    this.#observer = observer;
    this.#onFailure = onFailure;
  }

  /** Opens the links of an operation that was just issued. */
  open(operation: IssuedOperation): OperationLinks {
    const mailboxes = new Mailboxes(this.#channel, operation, this.#observer);
    if (this.#failure) {
      mailboxes.fail(this.#failure);
    } else {
      this.#running.set(operation.number, mailboxes);
      this.#comparePosition();
      const early = this.#early.get(operation.number) ?? [];
      this.#early.delete(operation.number);
      for (const frame of early) {
        this.#earlyFrames--;
        this.#earlyBytes -= frame.payload.length;
        this.frame(frame);
      }
    }
    return {
      online: mailboxes.online,
      background: mailboxes.background,
      close: () => this.#running.delete(operation.number),
    };
  }

  frame(frame: Frame): void {
    if (this.#failure) return;
    if (frame.operation === CONTROL) {
      this.#control(frame);
    } else if (frame.operation >= this.#lockstep.next) {
      this.#keepEarly(frame);
    } else if (Buffer.from(frame.digest).toString("hex") !== this.#lockstep.digestOf(frame.operation)) {
      this.#sendLog();
    } else {
      // An operation that ended early, by an error of its own, has no use for the rest of its messages.
      const error = this.#running.get(frame.operation)?.deliver(frame);
      if (error) this.fail(error);
    }
  }

  closed(error: SpdzError | undefined): void {
    this.fail(
      error ?? new TransportError("closed", "this interface was closed; make a new DistributedInterface"),
    );
  }

  /** Ends everything that waits, now and later, with one error. */
  fail(error: SpdzError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#early.clear();
    for (const mailboxes of this.#running.values()) mailboxes.fail(error);
    this.#running.clear();
    this.#onFailure(error);
  }

  #keepEarly(frame: Frame): void {
    this.#earlyFrames++;
    this.#earlyBytes += frame.payload.length;
    if (this.#earlyFrames > MAX_EARLY_FRAMES || this.#earlyBytes > MAX_EARLY_BYTES) {
      this.fail(
        new TransportError(
          "malformed",
          "the other party runs further ahead than is allowed; start both notebooks again",
        ),
      );
      return;
    }
    const frames = this.#early.get(frame.operation);
    if (frames) frames.push(frame);
    else this.#early.set(frame.operation, [frame]);
  }

  /**
   * Tells the peer the last operation issued here. Sent while this party waits, so that two parties that wait for
   * different things find out, though neither sends what the other expects.
   */
  sendPosition(): void {
    const last = this.#lockstep.log.at(-1);
    if (last) this.#sendControl(POSITION, [last]);
  }

  #sendLog(): void {
    if (this.#logSent) return;
    this.#logSent = true;
    this.#sendControl(LOG, this.#lockstep.log);
  }

  #sendControl(step: number, log: readonly LogEntry[]): void {
    const payload = encodeLog(log);
    this.#channel.send({ stream: "online", operation: CONTROL, step, digest: new Uint8Array(16), payload });
  }

  #control({ step, payload }: Frame): void {
    const log = payload.length <= MAX_LOG_BYTES ? decodeLog(payload) : undefined;
    if (log && step === LOG) {
      this.#compareLogs(log);
    } else if (log?.length === 1 && step === POSITION) {
      this.#peerPosition = log[0];
      this.#comparePosition();
    } else {
      this.fail(new TransportError("malformed", "the other party sent a log that cannot be read"));
    }
  }

  #comparePosition(): void {
    if (!this.#peerPosition) return;
    const mine = this.#lockstep.digestOf(this.#peerPosition.number);
    if (mine !== undefined && mine !== this.#peerPosition.digest) this.#sendLog();
  }

  #compareLogs(theirs: readonly LogEntry[]): void {
    this.#sendLog();
    const difference = firstDifference(this.#lockstep.log, theirs);
    const peer = `party ${1 - this.#channel.party}`;
    const where = difference
      ? contrast(...difference, peer)
      : `this party and ${peer} differ in an operation too long ago to name`;
    this.fail(
      new DesyncError(
        `The two notebooks are out of step: ${where}. Both must run the same operations in the same order, with ` +
          "the same shapes and scales. Make a new DistributedInterface on both sides and run the cells again.",
      ),
    );
  }
}

/** The messages of one operation, apart for each stream. */
class Mailboxes {
  readonly online: Mailbox;
  readonly background: Mailbox;

  constructor(channel: Channel, operation: IssuedOperation, observer: WaitObserver) {
    this.online = new Mailbox(channel, "online", operation, observer);
    this.background = new Mailbox(channel, "background", operation, observer);
  }

  deliver(frame: Frame): TransportError | undefined {
    return this[frame.stream].deliver(frame);
  }

  fail(error: SpdzError): void {
    this.online.fail(error);
    this.background.fail(error);
  }
}

class Mailbox implements OperationLink {
  readonly party: Party;
  readonly #arrived: Uint8Array[] = [];
  #waiting: { resolve(payload: Uint8Array): void; reject(error: SpdzError): void } | undefined;
  #sent = 0;
  #received = 0;
  #failure: SpdzError | undefined;

  constructor(
    readonly channel: Channel,
    readonly stream: Stream,
    readonly operation: IssuedOperation,
    readonly observer: WaitObserver,
  ) {
    this.party = channel.party;
  }

  send(payload: Uint8Array): void {
    const { number, digest } = this.operation;
    this.channel.send({ stream: this.stream, operation: number, step: this.#sent++, digest, payload });
  }

  async receive(length: number): Promise<Uint8Array> {
    const payload = this.#arrived.shift() ?? (await this.#next());
    if (payload.length !== length) {
      throw new TransportError(
        "malformed",
        `${locate(this.operation)}: a message of ${payload.length} bytes came where ${length} belong`,
      );
    }
    return payload;
  }

  exchange(payload: Uint8Array): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload);
    return this.receive(length);
  }

  deliver({ step, payload }: Frame): TransportError | undefined {
    if (step !== this.#received) {
      return new TransportError(
        "malformed",
        `${locate(this.operation)}: message ${step} came where ${this.#received} belongs`,
      );
    }
    this.#received++;
    if (this.#waiting) this.#waiting.resolve(payload);
    else this.#arrived.push(payload);
    return undefined;
  }

  fail(error: SpdzError): void {
    this.#failure = error;
    this.#waiting?.reject(error);
  }

  async #next(): Promise<Uint8Array> {
    if (this.#failure) throw this.#failure;
    const end = this.observer.begin(this.operation);
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      this.#waiting = undefined;
      end();
    }
  }
}
