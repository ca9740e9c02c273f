import type { Channel } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { CheckError, DesyncError, type SpdzError, StoreError, TransportError } from "../errors";
import type { Eventual } from "../eventual";
import { kindsOf, type Needs } from "../preprocessing/kinds/kinds";
import type { FileKeeper } from "../preprocessing/store/file-keeper";
import type { Scheme, Share } from "../protocol/scheme";
import type { SharingSession } from "../protocol/sharing-session";
import { type Calls, checkUses, type Uses } from "../protocol/step";
import type { RingVector } from "../ring";
import type { Source } from "../tensor/origin";
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

/** How long leaving waits for exchanges of commitments under way. */
const PARTING_MS = 2000;

/** How long operations may take to end that have all their messages as the other party asks to count again. */
const ENDING_MS = 1000;

/** In place of an operation's number: what its failure has to say comes first. */
const OPENING = -2;

/** Sources of words of one session, while its keys last. */
interface Sources {
  /** This party's shares of what it computed. */
  readonly share: Source;
  /** What was opened of it. */
  readonly opened: Source;
}

/** @param before - of the session before: what was read out of its shares are plain numbers still */
const newSources = (before?: Sources): Sources => {
  const readAt = before?.share.readAt;
  return { share: { kind: "share", ...(readAt !== undefined && { readAt }) }, opened: { kind: "opened" } };
};

/**
 * One session over one channel: operations in lockstep with the peer, from the moment it comes until either side
 * closes. It can part and resync; once it is dead it stays so.
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
  /** Why no operation can run now; undefined while all is well. */
  #parted: SpdzError | undefined;
  /** Settles when what was under way as the parties parted has ended. */
  #parting: Promise<void> | undefined;
  /** This party has closed the session, and finishes what it must not leave half-done. */
  #leaving: SpdzError | undefined;
  /** Settles when that is done. */
  #leave: Promise<void> | undefined;
  #dead: SpdzError | undefined;
  #connected = false;

  /**
   * @param share - begins to share secrets, anew after each resync
   * @param keep - opens what an earlier session left, likewise
   * @param before - what the session before it left to be read
   */
  constructor(
    channel: Channel,
    share: SessionConfig["share"],
    keep?: () => FileKeeper,
    before?: Pick<Session, "sources">,
  ) {
    this.#sources = newSources(before?.sources);
    this.#channel = channel;
    this.#share = share;
    this.#keep = keep;
    const { party, address } = channel;
    const onWait = () => {
      this.#router.sendPosition();
      return this.#router.peerPosition;
    };
    const whom = `party ${1 - party} on ${address}`;
    this.#waiting = new WaitNotice(`spdzlab-wait-${party}`, whom, onWait, () => channel.transfer);
    this.#router = new Router(channel, this.#lockstep, this.#waiting, {
      parted: (error) => this.#part(error),
      dead: (error) => this.#left(error),
      asked: () => this.#onAsked(),
      resync: (epoch, next) => this.#onResync(epoch, next),
    });
    this.#runner = new Runner(channel, this.#router, this.#pending, (error) => this.#poison(error));
    channel.listen(this.#router);
    const end = this.#waiting.beginFor("to come");
    this.#pending.add(-1, channel.connected.finally(end));
    channel.connected.then(
      () => {
        this.#connected = true;
      },
      (error: SpdzError) => this.die(error),
    );
    this.#prepare();
  }

  /** What operations have cost. */
  get costs(): CostLedger {
    return this.#runner.costs;
  }

  /** Which messages passed. */
  get recorder(): Recorder {
    return this.#runner.recorder;
  }

  /** The scheme's shares of values that were made from classic ones and have entered it. */
  get entered(): WeakMap<Value, Eventual<Share>> {
    return this.#entered;
  }

  /** The classic shares that the scheme's own were read as. */
  get words(): WeakMap<Eventual<unknown>, Eventual<RingVector>> {
    return this.#words;
  }

  /** What words come from that are read of this session's values. */
  get sources(): Sources {
    return this.#sources;
  }

  /** Operations run here. */
  get counting(): undefined {
    return undefined;
  }

  value(): Value {
    return new Value(this.#lockstep.value());
  }

  notes<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
    return notes;
  }

  /** @throws {SpdzError} no operation can run now, and why */
  requireOpen(): void {
    const stopped = this.dead ?? this.#parted;
    if (stopped) throw stopped;
    refuseInOwner();
  }

  /** This party's end of the way in which secrets are shared. */
  get sharing(): SharingSession {
    return this.#sharing;
  }

  /** How secrets are shared. */
  get scheme(): Scheme {
    return this.#sharing.scheme;
  }

  /** Values of another generation are of other keys, and are shared no more. */
  get generation(): object {
    return this.#sharing;
  }

  /** The peer has come, and the session is not over. */
  get connected(): boolean {
    return this.#connected && !this.dead;
  }

  /** Why the session is over; undefined while it is not. */
  get dead(): SpdzError | undefined {
    return this.#dead ?? this.#leaving;
  }

  /** Settles when what is left for the next session is written, once this one is over. */
  get kept(): Promise<void> | undefined {
    return this.#keeper?.closed.catch(() => undefined);
  }

  /** See insecureCheat. */
  get tampering(): Tampering {
    return this.#router.tampering;
  }

  run<U extends Uses, T>({ description, inputs = [], uses, body }: Operation<U, T>): Eventual<T> {
    this.requireOpen();
    // Before it is numbered, so that the parties stay in step.
    refuseCounted(inputs);
    const sharing = this.#sharing;
    const used = uses !== undefined && Object.values(uses).some((each) => each !== undefined);
    if (used) checkUses(sharing.scheme.name, uses, sharing.setting.can);
    // What it takes is reserved now, so that both parties reserve alike however operations interleave; only behind an
    // input whose size is not known yet it is reserved later, in the same order.
    const reserved = used ? this.#reservations.take(() => reserve(sharing, uses)) : undefined;
    const operation = this.#number(description);
    return this.#runner.run({ operation, inputs, scheme: sharing.scheme, reserve: () => reserved, body });
  }

  /**
   * Runs an operation that learns from its own first messages what it takes. It is numbered now, and reserves in the
   * place of its number.
   *
   * @param agree - exchanges messages, the same at both parties
   * @param uses - the protocols that it uses, by what they agreed on
   * @param body - computes the result
   * @returns what they agreed on, and the result, under way
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
      // Where it ended before they agreed, such as by a close.
      settle.reject(error);
    });
    return { agreed, result };
  }

  #number(description: OperationDescription): IssuedOperation {
    this.#runner.next();
    return this.#lockstep.issue(description, host().cell());
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
        // A message, so that the parties notice when they prepare different things.
        await online.exchange(new Uint8Array(1), "begins to prepare");
        await planned;
        await sharing.prefetched();
      },
    });
    // Planned at the same place in the order of issue by both parties.
    const planned = this.#reservations.take(() => sharing.prefetch(needs));
    await made.promise;
  }

  /** See DistributedInterface.settled. */
  settled(): Promise<void> {
    refuseInOwner();
    return this.#pending.settleAll(() => this.#making.rest());
  }

  /** Waits as `settled` does, but not for operations whose wait was interrupted. */
  settleCell(): Promise<void> {
    // Take the bar away at the end: some clients show no update of a cell once it is done.
    return this.#pending.settle(() => this.#making.rest());
  }

  /** Later cells do not wait for what is under way now. */
  letGo(): void {
    this.#pending.release();
  }

  /** See DistributedInterface.resync. */
  resync(): Promise<void> {
    // A cell that was interrupted while it waited here can be run again.
    this.#resync ??= this.#startAgain().finally(() => {
      this.#resync = undefined;
    });
    return this.#resync;
  }

  async #startAgain(): Promise<void> {
    await this.#channel.connected;
    if (this.dead) throw this.dead;
    this.#part(new DesyncError("the operation was given up by resync; run its cell again on both sides"));
    await this.#parting;
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
   * Closes the session from this side.
   *
   * @returns undefined when it is over at once; else settles when what was committed to is opened
   */
  leave(error: SpdzError): Promise<void> | undefined {
    if (this.#leave) return this.#leave;
    // Also where the other party has closed: what it opened before may not have been taken yet.
    const drained = this.#sharing.drain(error, PARTING_MS);
    if (!drained) {
      this.die(error);
      return undefined;
    }
    this.#leaving = error;
    this.#leave = drained.then(() => this.die(error));
    return this.#leave;
  }

  /** The connection is over: after a close, an operation that has all its messages may still come to its end. */
  #left(error: SpdzError): void {
    const closed = error instanceof TransportError && error.reason === "closed";
    // Of what the other party opened before it closed, something may not have been taken yet.
    const late = !this.#leaving || this.#sharing.pool.gate?.owed === true;
    if (this.#dead || !closed || !late) {
      this.die(error);
      return;
    }
    this.#dead = error;
    this.#making.end();
    this.#resyncing?.reject(error);
    this.#reservations.fail(error);
    this.#sharing.close(error);
  }

  /** Ends the session; whatever waits and whatever comes later fails with the error. */
  die(error: SpdzError): void {
    // That a peer was caught says more than that it has left, whichever is noticed first.
    const caught = error instanceof CheckError && !(this.#dead instanceof CheckError);
    if (this.#dead && !caught) {
      // Nobody waits for what still might come to its end after the other party's close.
      this.#sharing.abort(this.#dead);
      return;
    }
    this.#dead = error;
    this.#making.end();
    this.#sharing.abort(error);
    this.#router.fail(error);
    this.#reservations.fail(error);
    this.#resyncing?.reject(error);
  }

  /** Begins to share: keys and the like, over a link that stays for all the correlated randomness to come. */
  #prepare(): void {
    const making = new ProductionNotice(`spdzlab-preparing-${this.#channel.party}`);
    const keeper = this.#keep?.();
    const sharing = this.#share(
      (progress) => making.update(progress),
      (error) => this.#caught(sharing, error),
    );
    this.#keeper = keeper;
    if (keeper) {
      sharing.pool.keepIn(keeper);
      this.#pending.add(
        OPENING,
        keeper.opened.catch((error: unknown) => this.#failed(error)),
      );
    }
    this.#making = making;
    this.#sharing = sharing;
    // What entered under another key enters again under this one.
    this.#entered = new WeakMap();
    this.#sources = newSources(this.#sources);
    this.#reservations = new Reservations();
    this.#words = new WeakMap();
    const operation = this.#lockstep.issue({ kind: "set up", operands: [] }, host().cell());
    this.costs.preparation.trace = this.recorder.begin({ ...operation, kind: "preparation" });
    const { background } = this.#router.open(operation, this.costs.preparation);
    const ready = this.#channel.connected.then(() => sharing.setUp(background));
    this.#pending.add(
      operation.number,
      ready.catch((error: unknown) => this.#failed(error)),
    );
  }

  #failed(error: unknown): never {
    if (error instanceof CheckError || error instanceof StoreError) this.#poison(error);
    throw error;
  }

  /** The other party was caught in the background: whoever waits, and else the next cell, hears of it. */
  #caught(sharing: SharingSession, error: CheckError): void {
    if (sharing !== this.#sharing || this.#dead instanceof CheckError) return;
    this.#pending.add(OPENING, Promise.reject(error));
    // Once the one who found out has done with it.
    queueMicrotask(() => this.#poison(error));
  }

  /** A peer that was caught cheating gets nothing more, and neither does this party's own code. */
  #poison(error: CheckError | StoreError): void {
    this.die(error);
    void this.#channel.close();
  }

  #part(error: DesyncError): void {
    if (this.#parted) return;
    this.#parted = error;
    this.#making.end();
    const sharing = this.#sharing;
    // What waits to reserve has nothing under way.
    this.#reservations.fail(error);
    const end = () => {
      sharing.abort(error);
      if (!this.#dead) this.#router.fail(error);
    };
    // What the parties have committed to is opened first, for what looks like withholding ends the session.
    const drained = sharing.drain(error, PARTING_MS);
    this.#parting = drained ? drained.then(end) : undefined;
    if (!drained) end();
  }

  #onAsked(): void {
    if (this.#resyncing || this.#parted) return;
    const sharing = this.#sharing;
    const peer = 1 - this.#channel.party;
    const part = () => {
      if (sharing !== this.#sharing || this.#dead) return;
      this.#part(
        new DesyncError(`party ${peer} wants to start counting again: run \`await iface.resync()\` here too`),
      );
    };
    // It may be quicker alone: all that it sent before has come, so what lacks no message can end in peace.
    if (this.#pending.empty) part();
    else {
      const late = new Promise<void>((resolve) => setTimeout(resolve, ENDING_MS).unref());
      void Promise.race([this.#pending.ended(), late]).then(part);
    }
  }

  #onResync(epoch: number, next: number): void {
    this.#peerResync = { epoch, next };
    this.#meet();
  }

  /** Starts to count again once both have asked for it. */
  #meet(): void {
    if (!this.#resyncing || !this.#peerResync) return;
    const { epoch, next } = this.#peerResync;
    this.#peerResync = undefined;
    if (epoch !== this.#epoch || next > this.#lockstep.next + MAX_AHEAD) {
      this.die(
        new TransportError("malformed", "the two parties do not agree on where to start counting again"),
      );
      return;
    }
    const { resolve } = this.#resyncing;
    this.#resyncing = undefined;
    this.#parting = undefined;
    this.#parted = undefined;
    this.#lockstep.restart(Math.max(next, this.#lockstep.next));
    // The peer may be further: what is replayed here may ask to count again once more.
    this.#router.restart();
    this.#prepare();
    resolve();
  }
}
