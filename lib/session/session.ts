import type { Channel } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { CheckError, DesyncError, SpdzError, StoreError, TransportError } from "../errors";
import type { Eventual } from "../eventual";
import { kindsOf, type Needs } from "../preprocessing/kinds/kinds";
import type { FileKeeper } from "../preprocessing/store/file-keeper";
import type { Vault } from "../preprocessing/store/vault";
import type { Scheme, Share } from "../protocol/scheme";
import type { SharingSession } from "../protocol/sharing-session";
import { type Calls, checkUses, type Uses } from "../protocol/step";
import type { RingVector } from "../ring";
import type { Source } from "../tensor/origin";
import { restartPublicRandom } from "../tensor/public-random";
import { refuseCounted } from "./executor/counted";
import type { Executor, Notes, Operation } from "./executor/executor";
import { refuseInOwner } from "./executor/input-function";
import { Pending } from "./executor/pending";
import { type Numbered, Runner, reserve } from "./executor/runner";
import { Value } from "./executor/value";
import { host } from "./host/host";
import { ProductionNotice } from "./host/production-notice";
import { type IssuedOperation, Lockstep, type OperationDescription } from "./lockstep/lockstep";
import type { Tampering } from "./lockstep/mailbox";
import type { Recorder } from "./lockstep/recorder";
import { Reservations } from "./lockstep/reservations";
import { Router } from "./lockstep/router";
import { WaitNotice } from "./lockstep/waiting";
import type { SessionConfig } from "./options/options";
import type { CostLedger } from "./report/costs";

/** How many operations a peer can have issued beyond this party. */
const MAX_AHEAD = 2 ** 32;

/** How long closing and suspending wait for commitments that are still to be opened. */
const DRAIN_MS = 2000;

/** How long operations that have all their messages may take to finish after the other party asks to resync. */
const FINISH_MS = 1000;

/** Used instead of an operation's number, so that this failure is reported first. */
const FIRST = -2;

/** The origins of words that are read from one session's values, while its keys last. */
interface Sources {
  /** This party's shares of computed values. */
  readonly share: Source;
  /** Values that were opened. */
  readonly opened: Source;
}

/** @param before - the sources of the previous session: numbers read out of its shares are still around */
const newSources = (before?: Sources): Sources => {
  const readAt = before?.share.readAt;
  return { share: { kind: "share", ...(readAt !== undefined && { readAt }) }, opened: { kind: "opened" } };
};

/**
 * One session over one channel: operations in lockstep with the peer, from the connection until either side closes. The
 * session is suspended when the notebooks fall out of step, and continues after a resync. Once it has ended, it stays so.
 */
export class Session implements Executor {
  #entered = new WeakMap<Value, Eventual<Share>>();
  #sources: Sources;
  #reservations = new Reservations();
  #words = new WeakMap<Eventual<unknown>, Eventual<RingVector>>();
  readonly #channel: Channel;
  readonly #share: SessionConfig["share"];
  readonly #keep: (() => FileKeeper) | undefined;
  #keeper: FileKeeper | undefined;
  #sharing!: SharingSession;
  #making!: ProductionNotice;
  readonly #lockstep = new Lockstep();
  readonly #waiting: WaitNotice;
  readonly #router: Router;
  readonly #runner: Runner;
  readonly #pending = new Pending();
  #epoch = 0;
  #peerResync: { epoch: number; next: number } | undefined;
  #resync: Promise<void> | undefined;
  #resyncing: { resolve(): void; reject(error: unknown): void } | undefined;
  /** Why no operation can run until a resync; undefined while the session runs. */
  #suspended: SpdzError | undefined;
  /** Settles when the operations that were running at the suspension have ended. */
  #suspending: Promise<void> | undefined;
  /** This party has closed the session, and is still opening what it has committed to. */
  #closing: SpdzError | undefined;
  /** Settles when everything committed to is opened. */
  #closed: Promise<void> | undefined;
  #ended: SpdzError | undefined;
  #connected = false;

  /**
   * @param share - starts secret sharing; called again after each resync
   * @param keep - opens the store of an earlier session; called again after each resync
   * @param before - the session that this one replaces
   */
  constructor(
    channel: Channel,
    share: SessionConfig["share"],
    keep?: () => FileKeeper,
    before?: Pick<Session, "sources">,
  ) {
    restartPublicRandom();
    this.#sources = newSources(before?.sources);
    this.#channel = channel;
    this.#share = share;
    this.#keep = keep;
    const { party, address } = channel;
    const onWait = () => {
      this.#router.sendPosition();
      return this.#router.peer;
    };
    const whom = `party ${1 - party} on ${address}`;
    this.#waiting = new WaitNotice(`spdzlab-wait-${party}`, whom, onWait, () => channel.transfer);
    this.#router = new Router(channel, this.#lockstep, this.#waiting, {
      suspended: (error) => this.#suspend(error),
      ended: (error) => this.#onClosed(error),
      asked: () => this.#onAsked(),
      resync: (epoch, next) => this.#onResync(epoch, next),
    });
    this.#runner = new Runner(channel, this.#router, this.#pending, (error) =>
      this.#abortAndDisconnect(error),
    );
    channel.listen(this.#router);
    const end = this.#waiting.beginFor("to connect");
    this.#pending.add(-1, channel.connected.finally(end));
    channel.connected.then(
      () => {
        this.#connected = true;
      },
      (error: SpdzError) => this.abort(error),
    );
    this.#prepare();
  }

  /** The costs of operations. */
  get costs(): CostLedger {
    return this.#runner.costs;
  }

  /** The record of messages. */
  get recorder(): Recorder {
    return this.#runner.recorder;
  }

  /** The scheme's shares of values that were made from classic shares and have entered the scheme. */
  get entered(): WeakMap<Value, Eventual<Share>> {
    return this.#entered;
  }

  /** The classic shares that were read from the scheme's shares. */
  get words(): WeakMap<Eventual<unknown>, Eventual<RingVector>> {
    return this.#words;
  }

  /** The origins of words that are read from this session's values. */
  get sources(): Sources {
    return this.#sources;
  }

  /** A session runs operations, so nothing is counted. */
  get counting(): undefined {
    return undefined;
  }

  value(): Value {
    return new Value(this.#lockstep.value());
  }

  notes<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
    return notes;
  }

  /** @throws {SpdzError} no operation can run now; the error says why */
  requireOpen(): void {
    const stopped = this.ended ?? this.#suspended;
    if (stopped) throw stopped;
    refuseInOwner();
  }

  /** This party's end of the secret sharing. */
  get sharing(): SharingSession {
    return this.#sharing;
  }

  /** The number that the next operation will take. */
  get next(): number {
    return this.#lockstep.next;
  }

  /** The sharing scheme. */
  get scheme(): Scheme {
    return this.#sharing.scheme;
  }

  /** Values of another generation belong to other keys and cannot be used any more. */
  get generation(): object {
    return this.#sharing;
  }

  /** The peer has connected, and the session has not ended. */
  get connected(): boolean {
    return this.#connected && !this.ended;
  }

  /** Why the session has ended; undefined while it has not. */
  get ended(): SpdzError | undefined {
    return this.#ended ?? this.#closing;
  }

  /** Settles when the store for the next session is written, once this session has ended. */
  get kept(): Promise<void> | undefined {
    return this.#keeper?.closed.catch(() => undefined);
  }

  /** Whether this party has named a store. */
  get hasStore(): boolean {
    return this.#keep !== undefined;
  }

  /** Whether the other party is known to have named none, so that it saves and loads nothing. */
  get storeIsAlone(): boolean {
    return this.#keeper?.alone === true;
  }

  /**
   * Return what seals saved values, once the session is set up.
   *
   * @throws {SavedError} the session has no store that outlives it; the message says why
   */
  vault(): Promise<Vault> {
    return this.#keeper?.vault() ?? Promise.reject(new SpdzError("internal", "the session has no store"));
  }

  /** See insecureCheat. */
  get tampering(): Tampering {
    return this.#router.tampering;
  }

  run<U extends Uses, T>({ description, inputs = [], uses, body }: Operation<U, T>): Eventual<T> {
    this.requireOpen();
    // Refuse before taking a number, so that the parties stay in step.
    refuseCounted(inputs);
    const sharing = this.#sharing;
    const used = uses !== undefined && usesSteps(uses);
    if (used) checkUses(sharing.scheme.name, uses, sharing.setting.can);
    // Reserve now, so that both parties reserve alike however operations interleave. Behind an input of unknown size
    // the reservation waits, in the same order.
    const reserved = used ? this.#reservations.take(() => reserve(sharing, uses)) : undefined;
    let operation: IssuedOperation;
    try {
      operation = this.#number(description);
    } catch (error) {
      // A description that cannot be numbered; what is reserved for it would keep later operations waiting.
      void Promise.resolve(reserved).then((taken) => {
        taken?.issued.abort(error);
        taken?.steps.abort(error);
      });
      throw error;
    }
    return this.#runner.run({ operation, inputs, scheme: sharing.scheme, reserve: () => reserved, body });
  }

  /**
   * Run an operation that learns its demand from its own first messages. It takes its number now, and reserves at that
   * number's place in the order.
   *
   * @param agree - exchanges messages and returns the same at both parties
   * @param uses - returns the protocols that it uses, given what the parties agreed on
   * @param body - computes the result
   * @returns what the parties agreed on, and the result; both pending
   */
  runSized<A, U extends Uses, T>(
    description: OperationDescription,
    agree: (online: OperationLink) => Promise<A>,
    uses: (agreed: A) => U,
    body: (steps: Calls<U>, agreed: A) => T | Promise<T>,
  ): { agreed: Promise<A>; result: Eventual<T> } {
    this.requireOpen();
    const sharing = this.#sharing;
    const place = this.#reservations.hold();
    const operation = this.#number(description);
    let settle!: { resolve(agreed: Promise<A>): void; reject(error: unknown): void };
    const agreed = new Promise<A>((resolve, reject) => {
      settle = { resolve, reject };
    });
    agreed.catch(() => undefined);
    let known: A;
    const reserving: Numbered<U, T>["reserve"] = async (online, start) => {
      start();
      const agreeing = Promise.race([agree(online), place.failed]);
      settle.resolve(agreeing);
      known = await agreeing;
      return place.take(() => reserve(sharing, uses(known)));
    };
    const result = this.#runner.run<U, T>({
      operation,
      inputs: [],
      scheme: sharing.scheme,
      reserve: reserving,
      body: (_, steps) => body(steps, known),
    });
    result.promise.catch((error: unknown) => {
      place.giveUp();
      // It may have ended before they agreed, for example by a close.
      settle.reject(error);
    });
    return { agreed, result };
  }

  #number(description: OperationDescription): IssuedOperation {
    this.#runner.next();
    const operation = this.#lockstep.issue(description, host().cell());
    const place = host().place?.();
    return place ? { ...operation, place } : operation;
  }

  /** See DistributedInterface.prepare. */
  async prepare(needs: Needs): Promise<void> {
    const constants = new TextEncoder().encode(
      JSON.stringify(kindsOf(needs).map((kind) => [kind, needs[kind]])),
    );
    const sharing = this.#sharing;
    const made = this.run({
      description: { kind: "prepare", operands: [], constants },
      async body({ online }) {
        // Send a message, so that the parties notice if they prepare different amounts.
        await online.exchange(new Uint8Array(1), "begins to prepare");
        await planned;
        await sharing.prefetched();
      },
    });
    // Both parties plan this at the same place in the order of issue.
    const planned = this.#reservations.take(() => sharing.prefetch(needs));
    await made.promise;
  }

  /** See DistributedInterface.settled. */
  settled(): Promise<void> {
    refuseInOwner();
    return this.#pending.settleAll(() => this.#making.rest());
  }

  /** Like `settled`, but do not wait for released operations. */
  settleCell(): Promise<void> {
    // Remove the bar before the cell ends: some clients show no updates after that.
    return this.#pending.settle(() => this.#making.rest());
  }

  /** Stop waiting for running operations at the end of later cells. */
  release(): void {
    this.#pending.release();
  }

  /** Tell the other party that a cell has failed here: the cell's name and the class of the error. */
  tellFailed(cell: string, error: string): void {
    if (this.connected) this.#router.sendCellFailed(cell, error);
  }

  /** Wait for released operations at the end of later cells again. */
  awaitAgain(): void {
    this.#pending.awaitAgain();
  }

  /** No operation has run yet, besides the set-up. */
  get unused(): boolean {
    return this.#epoch === 0 && this.#lockstep.next === 1;
  }

  /** See DistributedInterface.resync. */
  resync(): Promise<void> {
    // A cell that was interrupted here can be run again.
    this.#resync ??= this.#startAgain().finally(() => {
      this.#resync = undefined;
    });
    return this.#resync;
  }

  async #startAgain(): Promise<void> {
    await this.#channel.connected;
    if (this.ended) throw this.ended;
    this.#suspend(new DesyncError("resync cancelled this operation; run its cell again on both sides"));
    await this.#suspending;
    this.#epoch++;
    this.#router.sendResync(this.#epoch, this.#lockstep.next);
    const end = this.#waiting.beginFor("to run `await iface.resync()` too");
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resyncing = { resolve, reject };
        this.#meet();
      });
    } finally {
      this.#resyncing = undefined;
      end();
    }
  }

  /**
   * Close the session from this side.
   *
   * @returns undefined if it ended at once; else a promise that settles when everything committed to is opened
   */
  close(error: SpdzError): Promise<void> | undefined {
    if (this.#closed) return this.#closed;
    // Drain even if the other party has closed: its last openings may not have been taken yet.
    const drained = this.#sharing.drain(error, DRAIN_MS);
    if (!drained) {
      this.abort(error);
      return undefined;
    }
    this.#closing = error;
    this.#closed = drained.then(() => this.abort(error));
    return this.#closed;
  }

  /** The connection has ended. After an orderly close, let operations that have all their messages finish. */
  #onClosed(error: SpdzError): void {
    const closed = error instanceof TransportError && error.reason === "closed";
    // Openings that the other party sent before it closed may not have been taken yet.
    const late = !this.#closing || this.#sharing.pool.gate?.owed === true;
    if (this.#ended || !closed || !late) {
      this.abort(error);
      return;
    }
    this.#ended = error;
    this.#making.end();
    this.#resyncing?.reject(error);
    this.#reservations.fail(error);
    this.#sharing.close(error);
  }

  /** End the session for good; everything that waits, and everything later, fails with the error. */
  abort(error: SpdzError): void {
    // A CheckError takes precedence over a disconnect, whichever we notice first.
    const caught = error instanceof CheckError && !(this.#ended instanceof CheckError);
    if (this.#ended && !caught) {
      // No one waits any more for operations that could finish after the other party's close.
      this.#sharing.abort(this.#ended);
      return;
    }
    this.#ended = error;
    this.#making.end();
    this.#sharing.abort(error);
    this.#router.fail(error);
    this.#reservations.fail(error);
    this.#resyncing?.reject(error);
  }

  /** Start secret sharing: set up keys, over a link that later carries the making of correlated randomness. */
  #prepare(): void {
    const making = new ProductionNotice(
      `spdzlab-preparing-${this.#channel.party}`,
      () => !this.#pending.empty,
    );
    const keeper = this.#keep?.();
    const sharing = this.#share(
      (progress) => making.update(progress),
      (error) => this.#caught(sharing, error),
    );
    this.#keeper = keeper;
    if (keeper) {
      sharing.pool.keepIn(keeper);
      this.#pending.add(
        FIRST,
        keeper.opened.catch((error: unknown) => this.#failed(error)),
      );
    }
    this.#making = making;
    this.#sharing = sharing;
    // Values that entered under an earlier key enter again under the new one.
    this.#entered = new WeakMap();
    this.#sources = newSources(this.#sources);
    this.#reservations = new Reservations();
    this.#words = new WeakMap();
    const operation = this.#lockstep.issue({ kind: "set up", operands: [] }, host().cell());
    this.costs.preparation.trace = this.recorder.begin({ ...operation, kind: "preparation" });
    // The set-up's online link carries what a producer has to say at any time, so waiting there is no delay.
    const { background, online } = this.#router.open(operation, this.costs.preparation, "online");
    const ready = this.#channel.connected.then(() => sharing.setUp(background, online));
    this.#pending.add(
      operation.number,
      ready.catch((error: unknown) => this.#failed(error)),
    );
  }

  #failed(error: unknown): never {
    if (error instanceof CheckError || error instanceof StoreError) this.#abortAndDisconnect(error);
    throw error;
  }

  /** The other party was caught in the background: fail the waiting cell, or else the next one. */
  #caught(sharing: SharingSession, error: CheckError): void {
    if (sharing !== this.#sharing || this.#ended instanceof CheckError) return;
    this.#pending.add(FIRST, Promise.reject(error));
    // Let the code that found it finish first.
    queueMicrotask(() => this.#abortAndDisconnect(error));
  }

  /** After cheating or a damaged store, end the session and send the peer nothing more. */
  #abortAndDisconnect(error: CheckError | StoreError): void {
    this.abort(error);
    void this.#channel.close();
  }

  #suspend(error: DesyncError): void {
    if (this.#suspended) return;
    this.#suspended = error;
    this.#making.end();
    const sharing = this.#sharing;
    // Operations that wait to reserve have sent nothing yet.
    this.#reservations.fail(error);
    const end = () => {
      sharing.abort(error);
      if (!this.#ended) this.#router.fail(error);
    };
    // First open what the parties have committed to: withholding an opening would end the session.
    const drained = sharing.drain(error, DRAIN_MS);
    this.#suspending = drained ? drained.then(end) : undefined;
    if (!drained) end();
  }

  #onAsked(): void {
    if (this.#resyncing || this.#suspended) return;
    const sharing = this.#sharing;
    const peer = 1 - this.#channel.party;
    const suspend = () => {
      if (sharing !== this.#sharing || this.#ended) return;
      this.#suspend(
        new DesyncError(
          `party ${peer} called \`iface.resync()\`: run \`await iface.resync()\` here too to continue`,
        ),
      );
    };
    // Everything the peer sent before has arrived, so operations that lack no message can still finish.
    if (this.#pending.empty) suspend();
    else {
      const late = new Promise<void>((resolve) => setTimeout(resolve, FINISH_MS).unref());
      void Promise.race([this.#pending.ended(), late]).then(suspend);
    }
  }

  #onResync(epoch: number, next: number): void {
    this.#peerResync = { epoch, next };
    this.#meet();
  }

  /** Restart numbering once both parties have asked for it. */
  #meet(): void {
    if (!this.#resyncing || !this.#peerResync) return;
    const { epoch, next } = this.#peerResync;
    this.#peerResync = undefined;
    if (epoch !== this.#epoch || next > this.#lockstep.next + MAX_AHEAD) {
      this.abort(
        new TransportError("malformed", "the two parties disagree on the operation number to restart from"),
      );
      return;
    }
    const { resolve } = this.#resyncing;
    this.#resyncing = undefined;
    this.#suspending = undefined;
    this.#suspended = undefined;
    this.#lockstep.restart(Math.max(next, this.#lockstep.next));
    // The peer may be further ahead: a frame replayed here may be its next request to resync.
    this.#router.restart();
    this.#prepare();
    resolve();
  }
}

function usesSteps(uses: Uses): boolean {
  for (const name in uses) if (uses[name] !== undefined) return true;
  return false;
}
