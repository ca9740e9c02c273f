import type { Channel, ChannelListener, Frame, Stream } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { debug } from "../../debug";
import { DesyncError, type SpdzError, TransportError } from "../../errors";
import { host } from "../host/host";
import { Barrier, type Mark } from "./barrier";
import { BUNDLE, Bundler, unbundle } from "./bundle";
import {
  type CellFailure,
  CONTROL,
  type ControlMessage,
  cellFailed,
  decodeControl,
  encodeControl,
  type LogEntry,
} from "./control";
import { contrast, firstDifference, type IssuedOperation, type Lockstep } from "./lockstep";
import { Mailboxes, type ReceivedBytes, type Tampering, type WaitObserver } from "./mailbox";
import type { OperationMeter } from "./meter";

/** How far ahead of this party the peer may run, in messages and in bytes that wait here. */
const MAX_EARLY_FRAMES = 65_536;
const MAX_HELD_BYTES = 2 ** 30;
/** The minimum time between two answers to the peer's positions. */
const ANSWER_MS = 200;

/** Tells users how to continue after the parties have fallen out of step. */
const HOW_TO_CONTINUE =
  "Run `await iface.resync()` on both sides, then run the same cells again on both. (Where shares have MACs, resync " +
  "makes new MAC keys, so share the inputs again too.)";

/** Events that the router reports to the session. */
export interface RouterEvents {
  /** The parties are out of step; they can continue after a resync. */
  suspended(error: DesyncError): void;
  /** Nothing more will arrive. */
  ended(error: SpdzError): void;
  /** The peer asks to resync; old messages of its background work may still arrive. */
  asked(): void;
  /** Everything that the peer sent before it asked has arrived; it restarts numbering at `next`. */
  resync(epoch: number, next: number): void;
}

/** The last operation that the peer issued, and its cell that failed after it. */
export interface PeerState {
  readonly last: LogEntry | undefined;
  readonly failed: CellFailure | undefined;
}

/** The links of one operation; close them when it has ended. */
export interface OperationLinks {
  readonly online: OperationLink;
  readonly background: OperationLink;
  /** Rejects when the operation must end, whatever it waits for. */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Delivers each frame to its operation. Frames of operations that this party has not issued yet are kept until it does. If
 * a frame's digest differs from that of the operation with its number, the parties are out of step.
 */
export class Router implements ChannelListener {
  /** Changes this party's own messages, to show that cheating is caught. */
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
  /** The bytes of early frames, and of messages that operations have not taken yet. */
  readonly #held: ReceivedBytes = { bytes: 0 };
  readonly #barrier = new Barrier();
  #logSent = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #answering: NodeJS.Timeout | undefined;
  #peerPosition: LogEntry | undefined;
  #peerCell: CellFailure | undefined;
  #failure: SpdzError | undefined;

  constructor(channel: Channel, lockstep: Lockstep, observer: WaitObserver, events: RouterEvents) {
    this.#channel = channel;
    this.#bundler = new Bundler(channel);
    this.#lockstep = lockstep;
    this.#observer = observer;
    this.#events = events;
  }

  /**
   * Open the links of an operation that was just issued.
   *
   * @param idle - the stream on which nobody waits for a message. Default: none.
   */
  open(operation: IssuedOperation, meter: OperationMeter, idle?: Stream): OperationLinks {
    const mailboxes = new Mailboxes({
      tampering: this.tampering,
      held: this.#held,
      party: this.#channel.party,
      channel: this.#bundler,
      operation,
      observer: this.#observer,
      meter,
      idle,
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
      else this.#abort(new TransportError("malformed", "the other party sent a message that cannot be read"));
    } else if (frame.operation === CONTROL) {
      this.#control(decodeControl(frame.payload), frame);
    } else if (this.#failure) {
      return;
    } else if (frame.operation >= this.#lockstep.next) {
      this.#keepEarly(frame);
    } else {
      const running = this.#running.get(frame.operation);
      const digest = running?.digest ?? this.#lockstep.digestOf(frame.operation);
      // Ignore frames of operations that have ended here.
      if (digest === undefined) return;
      if (digest !== Buffer.from(frame.digest).toString("hex")) this.#sendLog();
      else {
        const error = running?.deliver(frame);
        if (error) this.#abort(error);
        else this.#checkHeld();
      }
    }
  }

  /** Notify the first time and whenever the count reaches a power of ten, so that attempts cannot flood a notebook. */
  stranger(count: number): void {
    if (!/^10*$/.test(String(count))) return;
    const times = count === 1 ? "" : ` ${count} times so far`;
    host().notify({
      id: "spdzlab-stranger",
      kind: "warning",
      text: `someone who is not the other party tried to connect to ${this.#channel.address} and was rejected${times}.`,
    });
  }

  connection(state: "lost" | "resumed"): void {
    debug("router: the connection is %s", state);
    this.#observer.broken(state === "lost");
  }

  closed(error: SpdzError | undefined): void {
    this.#abort(
      error ?? new TransportError("closed", "this interface was closed; make a new DistributedInterface"),
    );
  }

  /** Fail everything that waits, now and until `restart`, with one error. */
  fail(error: SpdzError): void {
    if (this.#failure) return;
    debug("router: ends what is under way, %s", error.code);
    this.#failure = error;
    this.#forget();
    for (const mailboxes of this.#running.values()) mailboxes.fail(error);
    this.#running.clear();
  }

  /** Resume after a resync, once the new numbers are known. */
  restart(): void {
    this.#failure = undefined;
    this.#logSent = false;
    this.#peerPosition = undefined;
    this.#peerCell = undefined;
    this.#forget();
    for (const frame of this.#barrier.open()) this.frame(frame);
  }

  /** Ask the peer to resync. After this, send nothing with old numbers. */
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

  /** Where the peer is, as far as known; for messages to users. */
  get peer(): PeerState {
    const last = this.#peerPosition;
    const failed = this.#peerCell;
    // Once it has issued a further operation, it has run another cell.
    return { last, failed: failed && (last?.number ?? -1) >= failed.next ? undefined : failed };
  }

  /** Tell the peer that a cell has failed here. */
  sendCellFailed(cell: string, error: string): void {
    const message = cellFailed(cell, error, this.#lockstep.next);
    if (message && !this.#failure) this.#send(message);
  }

  /**
   * Send the peer the last operation issued here. This party sends it while it waits, so that two parties that wait for
   * different operations notice, although neither sends what the other expects.
   */
  sendPosition(answer = false): void {
    this.#send({ type: "position", last: this.#lockstep.log.at(-1), answer });
  }

  /** Tell the peer that this party cannot finish an operation. */
  sendFailed(operation: IssuedOperation): void {
    if (!this.#failure) this.#send({ type: "failed", number: operation.number });
  }

  /** Answer at once, or once the last answer is long enough ago, so that a peer cannot fill a queue by asking. */
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

  #abort(error: SpdzError): void {
    this.fail(error);
    this.#events.ended(error);
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
    const what = "the other party is too far ahead of this one; restart both notebooks";
    this.#abort(new TransportError("malformed", what));
  }

  #sendLog(): void {
    if (this.#logSent) return;
    this.#logSent = true;
    this.#send({ type: "log", log: this.#lockstep.log });
  }

  #control(message: ControlMessage | undefined, { stream }: Frame): void {
    switch (message?.type) {
      case undefined:
        this.#abort(new TransportError("malformed", "the other party sent a message that cannot be read"));
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
      case "cell failed":
        this.#peerCell = message;
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
    else
      this.#abort(
        new TransportError("malformed", "the other party asked to resync from two different numbers"),
      );
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
        `same shapes and scales. ${HOW_TO_CONTINUE}`,
    );
    this.#events.suspended(error);
  }
}
