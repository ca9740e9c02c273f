import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { isGone } from "../../crypto/gate";
import { GuardedLink } from "../../crypto/guarded-link";
import { forkIdentity } from "../../crypto/identity";
import { CheckError, SpdzError, TransportError } from "../../errors";
import { addNeeds, type Needs } from "../../preprocessing/kinds/kinds";
import { toShares } from "../../preprocessing/kinds/raw";
import type { setUpMachine } from "../../preprocessing/malicious/ot-state";
import { maliciousMethod } from "../../preprocessing/malicious/production";
import { Pool, type Progress, type Reservation } from "../../preprocessing/pool/pool";
import type { Offers, Producer } from "../../preprocessing/producer";
import { createProducer } from "../../preprocessing/producers/create-producer";
import { LocalProducer } from "../../preprocessing/producers/local-producer";
import { type ByteSource, type RingVector, ring64, ring128, scope } from "../../ring";
import { type AuthenticatedVector, addShares, type MacKey } from "../../sharing/authenticated";
import { checkMacs, openChecked } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { lowWords, OpeningLog } from "../../sharing/opening";
import { leave } from "../leave";
import type { AuthenticatedContext } from "./context";
import { inputNeeds } from "./input";

/** Openings after which an operation checks what it opened so far, so that memory stays bounded. */
const CHECK_EVERY = 1 << 18;
/** Openings of all operations together after which one checks what those before it opened, if none reveals. */
const CHECK_ALL_EVERY = 1 << 20;
/** What a busy machine may take to hand an opening that has come to whoever waits for it. */
const TAKING_MS = 10_000;

export interface MaliciousSessionOptions {
  /** Secret randomness of this party alone; OS entropy unless a test fixes it, and then all is made in this thread. */
  readonly random?: ByteSource;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Makes the correlated randomness, of shares with MACs; the parties themselves, from OT, unless given. */
  readonly producer?: Producer | undefined;
  /** Openings after which an operation checks what those before it opened, unless one reveals; a test takes fewer. */
  readonly checkAllEvery?: number;
  /** See Pool; 0 unless given. */
  readonly ahead?: number;
  /** For tests alone: another set-up than base transfers between the parties, and all is made in this thread. */
  /** How long the other party may owe an opening. Default: five minutes. */
  readonly owedMs?: number;
  /** Called when the other party was caught, also where no operation waits for anything. */
  readonly onCaught?: ((error: CheckError) => void) | undefined;
  readonly insecureMachine?: typeof setUpMachine;
}

/** What an operation will use, told when it is issued. */
export interface OperationPlan {
  readonly needs: Needs;
  /** Elements that it opens before it reveals, at most; by default what its triples, squares and masks open. */
  readonly openings?: number;
  /** Elements that it reveals, at most; if it reveals, it checks everything issued before it. */
  readonly reveals?: number;
  /** It gives something away that is not revealed, and checks everything issued before it as well. */
  readonly releases?: boolean;
}

/**
 * One party's end of a session with malicious security and no third party: values mod 2^64 shared with MACs.
 *
 * Both parties issue the same operations in the same order and make the same calls within each. Everything that
 * operations share is taken at the issue, synchronously: correlated randomness as ranges of one sequence, and for a
 * reveal the list of earlier operations whose openings it checks. So both parties take the same, however their
 * operations interleave afterwards. Within an operation its own link keeps the order.
 *
 * A failed check, or a lost connection, ends the session: key and randomness are overwritten, and every later call and
 * every operation under way throws the error that ended it.
 */
export class MaliciousSession {
  readonly pool: Pool;
  readonly #checkAllEvery: number;
  #key: { party: Party; alpha: bigint } | undefined;
  readonly #ready: Promise<void>;
  #settleReady!: { resolve(): void; reject(error: Error): void };
  #dead: Error | undefined;
  #issued = 0;
  /** Operations whose openings no reveal has claimed yet, in the order of issue. */
  #unchecked: MaliciousOperation[] = [];
  readonly #live = new Set<MaliciousOperation>();
  #lastCheck: Promise<void> = Promise.resolve();
  readonly #onCaught: MaliciousSessionOptions["onCaught"];

  constructor({
    random,
    onProgress,
    producer,
    ahead = 0,
    checkAllEvery,
    owedMs,
    onCaught,
    insecureMachine,
  }: MaliciousSessionOptions = {}) {
    this.#onCaught = onCaught;
    this.#checkAllEvery = checkAllEvery ?? CHECK_ALL_EVERY;
    const local =
      random || insecureMachine ? new LocalProducer(maliciousMethod(insecureMachine), random) : undefined;
    this.pool = new Pool(
      producer ?? local ?? createProducer("malicious"),
      onProgress,
      (error) => this.lose(error),
      ahead,
      owedMs,
    );
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => undefined);
  }

  /**
   * Base oblivious transfers and MAC key. Operations may be issued before; they wait for it.
   *
   * @param link - stays in use: all correlated randomness is made over it, apart from the operations' own links
   * @throws {CheckError} the other party deviated
   */
  async setUp(link: OperationLink): Promise<void> {
    if (this.#dead) throw this.#dead;
    try {
      const key = await this.pool.setUp(link);
      if (this.#dead) throw this.#dead;
      this.#key = { ...key };
      this.#settleReady.resolve();
    } catch (error) {
      throw this.fail(error as Error);
    }
  }

  /** Which kinds of items its operations should ask for. */
  get offers(): Offers {
    return this.pool.offers;
  }

  /** The same once nothing that was under way is finished any more: until then checks may still be opened. */
  get over(): Error | undefined {
    return this.pool.ended ? this.#dead : undefined;
  }

  /** The error that ended the session, if one has. */
  get failure(): Error | undefined {
    return this.#dead;
  }

  /** Makes items ahead; both parties call it at the same place in the order of issue. */
  prefetch(needs: Needs): void {
    if (this.#dead) throw this.#dead;
    this.pool.prefetch(needs);
  }

  /** Waits until every item planned so far is made. */
  async prefetched(): Promise<void> {
    await this.#ready;
    await this.pool.idle();
  }

  /**
   * Issues an operation: its place in the order and its randomness are fixed now.
   *
   * @throws the error that ended the session
   */
  issue({ needs, openings, reveals = 0, releases = false }: OperationPlan): MaliciousOperation {
    if (this.#dead) throw this.#dead;
    const expected = openings ?? 2 * (needs.triple ?? 0) + (needs.square ?? 0) + (needs.mask ?? 0);
    const pending = this.#unchecked.reduce((sum, operation) => sum + operation.openings, expected);
    const gives = reveals > 0 || releases;
    const relieves = !gives && pending > this.#checkAllEvery;
    const checks = gives || relieves;
    // Each row of a check has a mask: of checks on the way, of the one of what came before, and of what is revealed.
    const masks =
      Math.floor(expected / CHECK_EVERY) * rowsOf(CHECK_EVERY) +
      (checks ? rowsOf(pending) : 0) +
      rowsOf(reveals);
    const items = this.pool.reserve(addNeeds(needs, masks > 0 ? { random: masks } : {}));
    const claimed = checks ? this.#unchecked.splice(0) : [];
    const operation = new MaliciousOperation(this, this.#issued++, {
      items,
      claimed,
      before: this.#lastCheck,
      openings: expected,
      relieves,
    });
    this.#live.add(operation);
    if (checks) {
      this.#lastCheck = operation.checked;
      operation.checked.catch(() => undefined);
    } else this.#unchecked.push(operation);
    return operation;
  }

  /** For operations: the key, once there is one. */
  async ready(): Promise<MacKey> {
    await this.#ready;
    if (this.#dead) throw this.#dead;
    return this.#key!;
  }

  /** @internal A check of what one operation of the session opened. */
  identityFor(operation: number) {
    return forkIdentity(this.pool.identity, `operation ${operation}`);
  }

  /** Ends the session; after a mere close, once operations that lack no message have had the time to end. */
  lose(error: Error): void {
    // Nothing leaves any more, so nothing is opened either.
    if (isGone(error)) this.pool.gate?.seal(error);
    leave(error, () => this.#failOnceTaken(error));
  }

  /** An opening that came before the other party left may still be on its way from thread to thread. */
  #failOnceTaken(error: Error): void {
    const closed = error instanceof TransportError && error.reason === "closed";
    const taken = closed && this.pool.gate?.owed ? this.pool.gate.drain(error, TAKING_MS) : undefined;
    if (!taken) {
      this.fail(error);
      return;
    }
    const timer = setTimeout(() => this.fail(error), TAKING_MS);
    void taken.then(() => {
      clearTimeout(timer);
      this.fail(error);
    });
  }

  /** Elements that operations opened, or will, and that no operation issued so far checks. */
  get unchecked(): number {
    return this.#unchecked.reduce((sum, { openings }) => sum + openings, 0);
  }

  /**
   * Lets no exchange of commitments begin any more, and waits for those under way, so that leaving is not mistaken for
   * withholding.
   *
   * @returns undefined when none is under way
   */
  drain(reason: Error, withinMs: number): Promise<void> | undefined {
    return this.pool.gate?.drain(reason, withinMs);
  }

  /** Ends the session for good; the first error stays. */
  fail(cause: Error): Error {
    const error = this.pool.gate?.judge(cause) ?? cause;
    if (error instanceof CheckError && !(this.#dead instanceof CheckError)) this.#onCaught?.(error);
    if (this.#dead) {
      // What is kept is destroyed, whatever ended the session first.
      if (error instanceof CheckError) this.pool.destroy(error);
      return this.#dead;
    }
    this.#dead = error;
    if (this.#key) this.#key.alpha = 0n;
    this.#key = undefined;
    this.pool.destroy(error);
    this.#unchecked = [];
    for (const operation of this.#live) operation.abandon(error);
    this.#live.clear();
    this.#settleReady.reject(error);
    return error;
  }

  /** @internal An operation is over. */
  ended(operation: MaliciousOperation): void {
    this.#live.delete(operation);
  }

  /** Ends the session in peace. */
  close(): void {
    this.fail(new SpdzError("closed", "the session was closed; make a new one to go on"));
  }
}

/** One operation of a session, from its issue to its end. */
export class MaliciousOperation {
  /** Settles when everything this operation opened or claimed is checked; reveals only. */
  readonly checked: Promise<void>;
  readonly log = new OpeningLog();
  #settleChecked!: { resolve(): void; reject(error: Error): void };
  readonly #finished: Promise<void>;
  #settleFinished!: { resolve(): void; reject(error: Error): void };

  #begun = false;

  readonly items: Reservation;
  /** Operations before it, whose openings it checks. */
  readonly claimed: readonly MaliciousOperation[];
  /** The check before. */
  readonly before: Promise<void>;
  /** What it opens at most, before it reveals. */
  readonly openings: number;
  /** It checks what it claimed and opened itself although it reveals nothing, so that logs stay short. */
  readonly relieves: boolean;

  constructor(
    readonly session: MaliciousSession,
    readonly number: number,
    issued: Pick<MaliciousOperation, "items" | "claimed" | "before" | "openings" | "relieves">,
  ) {
    ({
      items: this.items,
      claimed: this.claimed,
      before: this.before,
      openings: this.openings,
      relieves: this.relieves,
    } = issued);
    this.checked = new Promise((resolve, reject) => {
      this.#settleChecked = { resolve, reject };
    });
    this.#finished = new Promise((resolve, reject) => {
      this.#settleFinished = { resolve, reject };
    });
    this.checked.catch(() => undefined);
    this.#finished.catch(() => undefined);
  }

  /**
   * Runs the operation over its link. What `body` throws ends the session if it came from the peer or the protocol.
   *
   * @throws the error that ended the session
   */
  async run<T>(link: OperationLink, body: (ctx: OperationContext) => Promise<T>): Promise<T> {
    try {
      const key = await this.session.ready();
      const guard = () => {
        this.begin();
        return this.session.over;
      };
      const ctx = new OperationContext(this, new GuardedLink(link, guard), key);
      const result = await body(ctx);
      // Whoever claimed what others opened has checked it by now, whatever its body does.
      if (this.relieves || this.claimed.length > 0) await ctx.checkClaimed();
      if (this.session.failure) throw this.session.failure;
      this.#settleFinished.resolve();
      this.#settleChecked.resolve();
      return result;
    } catch (error) {
      if (this.failsAlone(error)) {
        this.dismiss();
        throw error;
      }
      // An operation that stops half-way leaves the parties with different logs, so nothing can go on after it.
      const cause = this.session.fail(error as Error);
      this.abandon(cause);
      throw cause;
    } finally {
      this.items.discard();
      this.session.ended(this);
    }
  }

  /**
   * Whether it ended by a mistake of this party's own code before anything was sent, taken or claimed. The parties' logs
   * are alike then, and the session goes on.
   */
  failsAlone(error: unknown): boolean {
    const mistake = error instanceof RangeError || error instanceof TypeError;
    return mistake && !this.session.failure && !this.#begun && this.claimed.length === 0;
  }

  /** It will open nothing. */
  dismiss(): void {
    this.#settleFinished.resolve();
    this.#settleChecked.resolve();
  }

  /** Something of it is on its way: a message, or an item that was taken. */
  begin(): void {
    this.#begun = true;
  }

  /** When this operation has opened all it will. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  abandon(error: Error): void {
    this.#settleFinished.reject(error);
    this.#settleChecked.reject(error);
  }
}

/** What runs within an operation; pass it to the protocols of this folder. */
export class OperationContext implements AuthenticatedContext {
  readonly log: OpeningLog;
  readonly items: Reservation;
  readonly #identity;

  constructor(
    readonly operation: MaliciousOperation,
    readonly link: OperationLink,
    readonly key: MacKey,
  ) {
    this.log = operation.log;
    this.items = {
      take: (kind, count) => {
        operation.begin();
        return operation.items.take(kind, count);
      },
      discard: () => operation.items.discard(),
    };
    this.#identity = operation.session.identityFor(operation.number);
  }

  /** Checks this operation's openings where they have become many; call it after each step. */
  async relieve(): Promise<void> {
    if (this.log.size >= CHECK_EVERY) await this.#check([this.log]);
  }

  /**
   * Reveals to both parties: checks everything opened by operations issued before and by this one, opens, checks the
   * opening, and only then returns.
   *
   * @returns the values mod 2^64
   * @throws {CheckError} the other party deviated; nothing was output
   *
   * What is opened and every share of it wait until no check is unsettled, in whichever thread it runs.
   */
  async reveal(x: AuthenticatedVector): Promise<RingVector> {
    await this.release();
    const masks = await this.#masks(x.value.length);
    // Making the masks may have taken a while.
    await this.#passGate();
    const value = await openChecked(
      this.link,
      this.#identity,
      this.key,
      x,
      this.log,
      masks,
      "opens the result",
    );
    await this.#passGate();
    return scope(() => ring64.fromBytes(lowWords(ring128.toBytes(value)), x.value.length));
  }

  /**
   * Reveals to one party, under a mask that it alone knows. Needs `revealToNeeds`.
   *
   * @returns the values mod 2^64 at `owner`, undefined at the other party
   */
  async revealTo(owner: Party, x: AuthenticatedVector): Promise<RingVector | undefined> {
    const { length } = x.value;
    const [mask] = (await this.items.take(`input${owner}`, length)).map(toShares) as [AuthenticatedVector];
    const masked = await this.reveal(scope(() => addShares(x, mask)));
    if (this.link.party !== owner) return undefined;
    return scope(() => ring64.sub(masked, ring64.fromBytes(lowWords(ring128.toBytes(mask.value)), length)));
  }

  /**
   * Waits until everything that this party has opened is checked, and no check is unsettled: before it gives away
   * something that is not masked by randomness of its own.
   */
  async release(): Promise<void> {
    await this.checkClaimed();
    await this.#passGate();
  }

  /** Checks what operations that this one claimed have opened, and what it has opened itself. @internal */
  async checkClaimed(): Promise<void> {
    await this.operation.before;
    await Promise.all(this.operation.claimed.map(({ finished }) => finished));
    await this.#check([...this.operation.claimed.map(({ log }) => log), this.log]);
  }

  async #check(logs: readonly OpeningLog[]): Promise<void> {
    const count = logs.reduce((sum, { size }) => sum + size, 0);
    if (count === 0) return;
    const masks = await this.#masks(count);
    const openings = logs.flatMap((log) => log.drain());
    await checkMacs(this.link, this.#identity, this.key, openings, masks);
  }

  /** One for each row of a check of `count` openings. */
  async #masks(count: number): Promise<AuthenticatedVector> {
    const [masks] = (await this.items.take("random", rowsOf(count))).map(toShares);
    return masks!;
  }

  async #passGate(): Promise<void> {
    const { session } = this.operation;
    await session.pool.gate?.pass();
    if (session.failure) throw session.failure;
  }
}

/** What revealing to one party takes besides. */
export function revealToNeeds(owner: Party, length: number): Needs {
  return inputNeeds(owner, length);
}
