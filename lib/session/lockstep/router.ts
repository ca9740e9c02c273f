import type { Channel, ChannelListener, Frame, Stream } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { debug } from "../../debug";
import { DesyncError, type SpdzError, TransportError } from "../../errors";
import { host } from "../host/host";
import { Barrier, type Mark } from "./barrier";
import { BUNDLE, Bundler, unbundle } from "./bundle";
import { CONTROL, type ControlMessage, decodeControl, encodeControl, type LogEntry } from "./control";
import { contrast, firstDifference, type IssuedOperation, type Lockstep } from "./lockstep";
import { type Held, Mailboxes, type Tampering, type WaitObserver } from "./mailbox";
import type { OperationMeter } from "./meter";

/** How far ahead of this party the peer may run, in messages and in bytes that wait for us. */
const MAX_EARLY_FRAMES = 65_536;
const MAX_HELD_BYTES = 2 ** 30;
/** How often the peer is told where this party is, however often it asks. */
const ANSWER_MS = 200;

/** What both parties do to go on after they have parted. */
const HOW_TO_GO_ON =
  "Run `await iface.resync()` on both sides, then the cells again, the same on both. (Where shares have MACs the keys " +
  "are new then, so share the inputs again too.)";

/** What the router tells the session. */
export interface RouterEvents {
  /** The parties have parted; they can go on after a resync. */
  parted(error: DesyncError): void;
  /** Nothing will come any more. */
  dead(error: SpdzError): void;
  /** The peer asks to count again; old messages of its background work may still arrive. */
  asked(): void;
  /** All that the peer sent before it asked has arrived: it counts again from `next` on. */
  resync(epoch: number, next: number): void;
}

/** The links of one operation, to be closed when it is done. */
export interface OperationLinks {
  readonly online: OperationLink;
  readonly background: OperationLink;
  /** Rejects when the operation is to end, whatever it waits for. */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Brings each frame to the operation it belongs to. Frames of operations that this party has not issued yet wait
 * for it; a frame whose digest is not that of the operation of its number means that the parties have parted.
 */
export class Router implements ChannelListener {
  /** What this party does to its own messages to show that cheating is caught. */
  readonly tampering: Tampering = {};
  readonly #channel: Channel;
  readonly #bundler: Bundler;
  readonly #lockstep: Lockstep;
  readonly #observer: WaitObserver;
  readonly #events: RouterEvents;
  readonly #running = new Map<number, Mailboxes>();
  readonly #early = new Map<number, Frame[]>();
  readonly #failedAtPeer = new Set<number>();
  #earlyFrames = 0;
  /** Of early frames, and of messages that an operation has not taken yet. */
  readonly #held: Held = { bytes: 0 };
  readonly #barrier = new Barrier();
  #logSent = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #answering: NodeJS.Timeout | undefined;
  #peerPosition: LogEntry | undefined;
  #failure: SpdzError | undefined;

  constructor(channel: Channel, lockstep: Lockstep, observer: WaitObserver, events: RouterEvents) {
    this.#channel = channel;
    this.#bundler = new Bundler(channel);
    this.#lockstep = lockstep;
    this.#observer = observer;
    this.#events = events;
  }

  /** Opens the links of an operation that was just issued. */
  open(operation: IssuedOperation, meter: OperationMeter): OperationLinks {
    const mailboxes = new Mailboxes({
      tampering: this.tampering,
      held: this.#held,
      party: this.#channel.party,
      channel: this.#bundler,
      operation,
      observer: this.#observer,
      meter,
    });
    const { number } = operation;
    if (this.#failure) {
      mailboxes.fail(this.#failure);
    } else {
      this.#running.set(number, mailboxes);
      this.#comparePosition();
      const early = this.#early.get(number) ?? [];
      this.#early.delete(number);
      debug("router: opens operation %d, %d frames came early", number, early.length);
      for (const frame of early) {
        this.#earlyFrames--;
        this.#held.bytes -= frame.payload.length;
        this.frame(frame);
      }
      if (this.#failedAtPeer.delete(number)) mailboxes.giveUp(this.#peerFailed(operation.text));
    }
    return {
      online: mailboxes.online,
      background: mailboxes.background,
      failed: mailboxes.failed,
      close: () => {
        mailboxes.release();
        if (this.#running.get(number) === mailboxes) this.#running.delete(number);
      },
    };
  }

  frame(frame: Frame): void {
    if (this.#barrier.keep(frame)) {
      this.#checkHeld();
    } else if (frame.operation === BUNDLE) {
      const frames = unbundle(frame);
      if (frames) for (const part of frames) this.frame(part);
      else this.#die(new TransportError("malformed", "the other party sent a message that cannot be read"));
    } else if (frame.operation === CONTROL) {
      this.#control(decodeControl(frame.payload), frame);
    } else if (this.#failure) {
      return;
    } else if (frame.operation >= this.#lockstep.next) {
      this.#keepEarly(frame);
    } else {
      const running = this.#running.get(frame.operation);
      const digest = running?.digest ?? this.#lockstep.digestOf(frame.operation);
      // An operation that is done or failed here has no use for what still comes for it.
      if (digest === undefined) return;
      if (digest !== Buffer.from(frame.digest).toString("hex")) this.#sendLog();
      else {
        const error = running?.deliver(frame);
        if (error) this.#die(error);
        else this.#checkHeld();
      }
    }
  }

  /** Told the first time and then each time the number has grown tenfold, so that knocking cannot flood a notebook. */
  stranger(count: number): void {
    if (!/^10*$/.test(String(count))) return;
    const times = count === 1 ? "" : ` ${count} times by now`;
    host().notify({
      id: "spdzlab-stranger",
      kind: "warning",
      text: `somebody who is not the other party tried to connect to ${this.#channel.address} and was turned away${times}.`,
    });
  }

  connection(state: "lost" | "resumed"): void {
    debug("router: the connection is %s", state);
    this.#observer.broken(state === "lost");
  }

  closed(error: SpdzError | undefined): void {
    this.#die(
      error ?? new TransportError("closed", "this interface was closed; make a new DistributedInterface"),
    );
  }

  /** Ends everything that waits, now and until `restart`, with one error. */
  fail(error: SpdzError): void {
    if (this.#failure) return;
    debug("router: ends what is under way, %s", error.code);
    this.#failure = error;
    this.#forget();
    for (const mailboxes of this.#running.values()) mailboxes.fail(error);
    this.#running.clear();
  }

  /** Takes up work again after a resync, once the new numbers are known. */
  restart(): void {
    this.#failure = undefined;
    this.#logSent = false;
    this.#peerPosition = undefined;
    this.#forget();
    for (const frame of this.#barrier.open()) this.frame(frame);
  }

  /** Asks the peer to count again. After it, nothing of the old count is sent. */
  sendResync(epoch: number, next: number): void {
    for (const stream of ["online", "background"] as const) {
      this.#send({ type: "resync", epoch, next }, stream);
    }
  }

  #send(message: ControlMessage, stream: Stream = "online"): void {
    const digest = new Uint8Array(16);
    const payload = encodeControl(message);
    this.#bundler.send({ stream, operation: CONTROL, step: 0, digest, payload });
  }

  /** Where the peer was when it last told; for messages to people. */
  get peerPosition(): LogEntry | undefined {
    return this.#peerPosition;
  }

  /**
   * Tells the peer the last operation issued here. Sent while this party waits, so that two parties that wait for
   * different things find out, though neither sends what the other expects.
   */
  sendPosition(answer = false): void {
    this.#send({ type: "position", last: this.#lockstep.log.at(-1), answer });
  }

  /** Tells the peer that this party cannot finish an operation. */
  sendFailed(operation: IssuedOperation): void {
    if (!this.#failure) this.#send({ type: "failed", number: operation.number });
  }

  /** At once, or when the last answer is long enough ago: a peer that asks without end fills no queue. */
  #answerPosition(): void {
    if (this.#answering) return;
    const answer = () => {
      this.#answering = undefined;
      if (this.#failure) return;
      this.#answeredAt = performance.now();
      this.sendPosition(true);
    };
    const wait = this.#answeredAt + ANSWER_MS - performance.now();
    if (wait <= 0) answer();
    else this.#answering = setTimeout(answer, wait).unref();
  }

  #die(error: SpdzError): void {
    this.fail(error);
    this.#events.dead(error);
  }

  #forget(): void {
    for (const frame of [...this.#early.values()].flat()) this.#held.bytes -= frame.payload.length;
    this.#early.clear();
    this.#failedAtPeer.clear();
    this.#earlyFrames = 0;
  }

  #keepEarly(frame: Frame): void {
    this.#earlyFrames++;
    this.#held.bytes += frame.payload.length;
    const frames = this.#early.get(frame.operation);
    if (frames) frames.push(frame);
    else this.#early.set(frame.operation, [frame]);
    this.#checkHeld();
  }

  #checkHeld(): void {
    const behind = this.#barrier.held;
    const frames = this.#earlyFrames + behind.frames;
    if (frames <= MAX_EARLY_FRAMES && this.#held.bytes + behind.bytes <= MAX_HELD_BYTES) return;
    const what = "the other party runs further ahead than is allowed; start both notebooks again";
    this.#die(new TransportError("malformed", what));
  }

  #sendLog(): void {
    if (this.#logSent) return;
    this.#logSent = true;
    this.#send({ type: "log", log: this.#lockstep.log });
  }

  #control(message: ControlMessage | undefined, { stream }: Frame): void {
    switch (message?.type) {
      case undefined:
        this.#die(new TransportError("malformed", "the other party sent a message that cannot be read"));
        break;
      case "resync": {
        if (stream === "online") this.#events.asked();
        const marks = this.#barrier.arrive(stream, message);
        if (marks) this.#meet(...marks);
        break;
      }
      case "log":
        if (!this.#failure) this.#compareLogs(message.log);
        break;
      case "position":
        this.#peerPosition = message.last;
        if (this.#failure) break;
        this.#comparePosition();
        if (!message.answer) this.#answerPosition();
        break;
      case "failed": {
        const { number } = message;
        const text = this.#lockstep.log.find((entry) => entry.number === number)?.text;
        if (text !== undefined) this.#running.get(number)?.giveUp(this.#peerFailed(text));
        else if (number >= this.#lockstep.next && this.#failedAtPeer.size < MAX_EARLY_FRAMES) {
          this.#failedAtPeer.add(number);
        }
      }
    }
  }

  #meet(online: Mark, background: Mark): void {
    if (online.epoch === background.epoch && online.next === background.next)
      this.#events.resync(online.epoch, online.next);
    else this.#die(new TransportError("malformed", "the other party asked to count again from two places"));
  }

  #peerFailed(text: string): DesyncError {
    return new DesyncError(
      `Party ${1 - this.#channel.party} could not finish ${text}: look at its notebook for the reason, then run the ` +
        "cell again on both sides.",
    );
  }

  #comparePosition(): void {
    if (!this.#peerPosition) return;
    const mine = this.#lockstep.digestOf(this.#peerPosition.number);
    if (mine !== undefined && mine !== this.#peerPosition.digest) this.#sendLog();
  }

  #compareLogs(theirs: readonly LogEntry[]): void {
    this.#sendLog();
    const peer = `party ${1 - this.#channel.party}`;
    const difference = firstDifference(this.#lockstep.log, theirs);
    const where = difference
      ? contrast(...difference, peer)
      : `this party and ${peer} differ in an operation too long ago to name`;
    const error = new DesyncError(
      `The two notebooks are out of step: ${where}. Both must run the same operations in the same order, with the ` +
        `same shapes and scales. ${HOW_TO_GO_ON}`,
    );
    this.#events.parted(error);
  }
}
