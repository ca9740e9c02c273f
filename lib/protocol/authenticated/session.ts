import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { isGone } from "../../crypto/gate";
import { forkIdentity, type Identity } from "../../crypto/identity";
import { CheckError, SpdzError, TransportError } from "../../errors";
import { addNeeds, type Needs } from "../../preprocessing/kinds/kinds";
import type { setUpOtState } from "../../preprocessing/malicious/ot-state";
import { maliciousProduction } from "../../preprocessing/malicious/production";
import { Pool, type Progress } from "../../preprocessing/pool/pool";
import type { Producer } from "../../preprocessing/producer";
import { createProducer } from "../../preprocessing/producers/create-producer";
import { LocalProducer } from "../../preprocessing/producers/local-producer";
import type { ByteSource } from "../../ring";
import type { AuthenticatedVector, MacKey } from "../../sharing/authenticated";
import { rowsOf } from "../../sharing/mac-rows";
import { closeWhenIdle } from "../close";
import type { Demand } from "../demand";
import { MatrixMasks } from "../matrix-masks";
import type { Setting } from "../protocol";
import type { Checks, SharingSession } from "../sharing-session";
import { checkDemand } from "./check-demand";
import type { AuthenticatedContext } from "./context";
import { AuthenticatedOperation, CHECK_EVERY, type OperationHome } from "./operation";
import { createAuthenticatedScheme } from "./scheme";

/** The number of openings after which an operation checks all earlier openings, if none reveals. */
const CHECK_ALL_EVERY = 1 << 20;
/** How long a busy machine may take to deliver an opening that has arrived to the code that waits for it. */
const TAKING_MS = 10_000;

export interface AuthenticatedSessionOptions {
  /** Secret randomness of this party alone; everything is then made in this thread. Default: the system's entropy. */
  readonly random?: ByteSource;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Makes correlated randomness for shares with MACs. Default: the parties themselves, by oblivious transfer. */
  readonly producer?: Producer | undefined;
  /** The number of openings after which an operation checks all earlier openings, if none reveals. Default: 2^20. */
  readonly checkAllEvery?: number;
  /** See Pool. Default: 0. */
  readonly ahead?: number;
  /** How long the other party may owe an opening. Default: five minutes. */
  readonly owedMs?: number;
  /** Called when the other party is caught, even if no operation is waiting. */
  readonly onCaught?: ((error: CheckError) => void) | undefined;
  /** For tests: a set-up instead of base OTs between the parties; everything is then made in this thread. */
  readonly insecureOtState?: typeof setUpOtState;
}

/**
 * One party's end of a session on authenticated shares: values mod 2^64 with MACs.
 *
 * Both parties issue the same operations in the same order and make the same calls within each. An operation
 * takes everything shared at its issue, synchronously: correlated randomness as ranges of one sequence, and, if it
 * reveals, the list of earlier operations whose openings it checks. So both parties take the same, however their
 * operations interleave afterwards. Within an operation, its own link keeps the order.
 *
 * A failed check or a lost connection ends the session: key and randomness are overwritten, and every later call and
 * every running operation throws the error that ended it.
 */
export class AuthenticatedSession
  implements SharingSession<AuthenticatedVector, AuthenticatedContext>, OperationHome
{
  readonly scheme = createAuthenticatedScheme(() => this.ready());
  readonly pool: Pool;
  readonly setting: Setting;
  readonly checks: Checks;
  readonly #checkAllEvery: number;
  #key: { party: Party; alpha: bigint; delta?: Uint8Array } | undefined;
  readonly #ready: Promise<void>;
  #settleReady!: { resolve(): void; reject(error: Error): void };
  #ended: Error | undefined;
  #issued = 0;
  /** Operations whose openings no later operation has claimed to check, in the order of issue. */
  #unchecked: AuthenticatedOperation[] = [];
  /** The number of elements that they open. */
  #openings = 0;
  /** The number of bits that they open. */
  #bits = 0;
  readonly #live = new Set<AuthenticatedOperation>();
  #lastCheck: Promise<void> = Promise.resolve();
  readonly #onCaught: AuthenticatedSessionOptions["onCaught"];

  constructor({
    random,
    onProgress,
    producer,
    ahead = 0,
    checkAllEvery,
    owedMs,
    onCaught,
    insecureOtState,
  }: AuthenticatedSessionOptions = {}) {
    this.#onCaught = onCaught;
    this.#checkAllEvery = checkAllEvery ?? CHECK_ALL_EVERY;
    const local =
      random || insecureOtState ? new LocalProducer(maliciousProduction(insecureOtState), random) : undefined;
    this.pool = new Pool(
      producer ?? local ?? createProducer("malicious"),
      onProgress,
      (error) => this.close(error),
      ahead,
      owedMs,
    );
    this.setting = { can: this.pool.capabilities, masks: new MatrixMasks() };
    const unchecked = () => this.#openings;
    const uncheckedBits = () => this.#bits;
    this.checks = {
      demand: checkDemand,
      get unchecked() {
        return unchecked();
      },
      get uncheckedBits() {
        return uncheckedBits();
      },
    };
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => undefined);
  }

  async setUp(link: OperationLink): Promise<void> {
    if (this.#ended) throw this.#ended;
    try {
      const key = await this.pool.setUp(link);
      if (this.#ended) throw this.#ended;
      this.#key = { ...key };
      this.#settleReady.resolve();
    } catch (error) {
      throw this.abort(error as Error);
    }
  }

  /** The same as `failure`, once running operations may no longer finish; until then, checks may still be opened. */
  get over(): Error | undefined {
    return this.pool.closed ? this.#ended : undefined;
  }

  /** The error that ended the session, if one has. */
  get failure(): Error | undefined {
    return this.#ended;
  }

  prefetch(needs: Needs): void {
    if (this.#ended) throw this.#ended;
    this.pool.prefetch(needs);
  }

  async prefetched(): Promise<void> {
    await this.#ready;
    await this.pool.idle();
  }

  /**
   * Issue an operation: fix its place in the order and its randomness now.
   *
   * @throws the error that ended the session
   */
  issue({ items, openings = 0, bits = 0, releases = 0 }: Demand): AuthenticatedOperation {
    if (this.#ended) throw this.#ended;
    const pending = this.#openings + openings;
    const checksAll = releases === 0 && pending > this.#checkAllEvery;
    const checks = releases > 0 || checksAll;
    // Each row of a check takes a mask: in checks along the way, in the check of everything before, and, after its first
    // release, in checks of what it opens itself.
    const masks =
      Math.floor(openings / CHECK_EVERY) * rowsOf(CHECK_EVERY) +
      (checks ? rowsOf(pending) : 0) +
      releases * rowsOf(openings);
    const reserved = this.pool.reserve(masks > 0 ? addNeeds(items, { random: masks }) : items);
    const claimed = checks ? this.#unchecked : [];
    const operation = new AuthenticatedOperation(this, this.#issued++, {
      items: reserved,
      claimed,
      before: this.#lastCheck,
      openings,
      checksAll,
      releases: releases > 0,
    });
    this.#live.add(operation);
    if (checks) {
      this.#unchecked = [];
      this.#openings = 0;
      this.#bits = 0;
      this.#lastCheck = operation.checked;
      operation.checked.catch(() => undefined);
    } else {
      this.#unchecked.push(operation);
      this.#openings = pending;
      this.#bits += bits;
    }
    return operation;
  }

  async ready(): Promise<MacKey> {
    await this.#ready;
    if (this.#ended) throw this.#ended;
    return this.#key!;
  }

  identityFor(operation: number): Identity {
    return forkIdentity(this.pool.identity, `operation ${operation}`);
  }

  close(error: Error = new SpdzError("closed", "the session was closed; make a new one to continue")): void {
    // Nothing can be sent any more, so seal the gate to openings too.
    if (isGone(error)) this.pool.gate?.seal(error);
    closeWhenIdle(error, () => this.#abortOnceTaken(error));
  }

  /** Abort, but first wait for an opening that arrived before the close and is still passing between threads. */
  #abortOnceTaken(error: Error): void {
    const closed = error instanceof TransportError && error.reason === "closed";
    const taken = closed && this.pool.gate?.owed ? this.pool.gate.drain(error, TAKING_MS) : undefined;
    if (!taken) {
      this.abort(error);
      return;
    }
    const timer = setTimeout(() => this.abort(error), TAKING_MS);
    void taken.then(() => {
      clearTimeout(timer);
      this.abort(error);
    });
  }

  drain(reason: Error, withinMs: number): Promise<void> | undefined {
    return this.pool.gate?.drain(reason, withinMs);
  }

  /** End the session for good; the first error stays. */
  abort(cause: Error): Error {
    const error = this.pool.gate?.judge(cause) ?? cause;
    if (error instanceof CheckError && !(this.#ended instanceof CheckError)) this.#onCaught?.(error);
    if (this.#ended) {
      // Destroy kept items after cheating, even if another error ended the session first.
      if (error instanceof CheckError) this.pool.destroy(error);
      return this.#ended;
    }
    this.#ended = error;
    if (this.#key) this.#key.alpha = 0n;
    this.#key?.delta?.fill(0);
    this.#key = undefined;
    this.pool.destroy(error);
    this.#unchecked = [];
    this.#openings = 0;
    this.#bits = 0;
    for (const operation of this.#live) operation.end(error);
    this.#live.clear();
    this.#settleReady.reject(error);
    return error;
  }

  ended(operation: AuthenticatedOperation): void {
    this.#live.delete(operation);
  }
}
