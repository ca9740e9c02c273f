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

/** Openings of all operations together after which one checks what those before it opened, if none reveals. */
const CHECK_ALL_EVERY = 1 << 20;
/** How long a busy machine may take to hand an opening that has arrived to the code that waits for it. */
const TAKING_MS = 10_000;

export interface AuthenticatedSessionOptions {
  /** Secret randomness of this party alone. With it everything is made in this thread. Default: the system's entropy. */
  readonly random?: ByteSource;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Makes correlated randomness for shares with MACs. Default: the parties themselves, by oblivious transfer. */
  readonly producer?: Producer | undefined;
  /** Openings after which an operation checks what those before it opened, if none reveals. Default: 2^20. */
  readonly checkAllEvery?: number;
  /** See Pool. Default: 0. */
  readonly ahead?: number;
  /** How long the other party may owe an opening. Default: five minutes. */
  readonly owedMs?: number;
  /** Called when the other party is caught, also where no operation waits for anything. */
  readonly onCaught?: ((error: CheckError) => void) | undefined;
  /** For tests: another set-up than base transfers between the parties. Everything is made in this thread then. */
  readonly insecureOtState?: typeof setUpOtState;
}

/**
 * One party's end of a session on authenticated shares: values mod 2^64 with MACs.
 *
 * Both parties issue the same operations in the same order and make the same calls within each. Everything that
 * operations share is taken at the issue, synchronously: correlated randomness as ranges of one sequence, and, for an
 * operation that reveals, the list of earlier operations whose openings it checks. So both parties take the same,
 * however their operations interleave afterwards. Within an operation its own link keeps the order.
 *
 * A failed check, or a lost connection, ends the session: key and randomness are overwritten, and every later call and
 * every operation under way throws the error that ended it.
 */
export class AuthenticatedSession
  implements SharingSession<AuthenticatedVector, AuthenticatedContext>, OperationHome
{
  readonly scheme = createAuthenticatedScheme(() => this.ready());
  readonly pool: Pool;
  readonly setting: Setting;
  readonly checks: Checks;
  readonly #checkAllEvery: number;
  #key: { party: Party; alpha: bigint } | undefined;
  readonly #ready: Promise<void>;
  #settleReady!: { resolve(): void; reject(error: Error): void };
  #dead: Error | undefined;
  #issued = 0;
  /** Operations whose openings no later one has claimed to check, in the order of issue. */
  #unchecked: AuthenticatedOperation[] = [];
  /** Elements that they open. */
  #openings = 0;
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
    this.checks = {
      demand: checkDemand,
      get unchecked() {
        return unchecked();
      },
    };
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => undefined);
  }

  async setUp(link: OperationLink): Promise<void> {
    if (this.#dead) throw this.#dead;
    try {
      const key = await this.pool.setUp(link);
      if (this.#dead) throw this.#dead;
      this.#key = { ...key };
      this.#settleReady.resolve();
    } catch (error) {
      throw this.abort(error as Error);
    }
  }

  /** The same as `failure`, once nothing that was under way may finish any more: until then checks may be opened. */
  get over(): Error | undefined {
    return this.pool.closed ? this.#dead : undefined;
  }

  /** The error that ended the session, if one has. */
  get failure(): Error | undefined {
    return this.#dead;
  }

  prefetch(needs: Needs): void {
    if (this.#dead) throw this.#dead;
    this.pool.prefetch(needs);
  }

  async prefetched(): Promise<void> {
    await this.#ready;
    await this.pool.idle();
  }

  /**
   * Issues an operation: its place in the order and its randomness are fixed now.
   *
   * @throws the error that ended the session
   */
  issue({ items, openings = 0, releases = false }: Demand): AuthenticatedOperation {
    if (this.#dead) throw this.#dead;
    const pending = this.#openings + openings;
    const checksAll = !releases && pending > this.#checkAllEvery;
    const checks = releases || checksAll;
    // Each row of a check has a mask: of checks on the way, and of the one of everything before.
    const masks = Math.floor(openings / CHECK_EVERY) * rowsOf(CHECK_EVERY) + (checks ? rowsOf(pending) : 0);
    const reserved = this.pool.reserve(masks > 0 ? addNeeds(items, { random: masks }) : items);
    const claimed = checks ? this.#unchecked : [];
    const operation = new AuthenticatedOperation(this, this.#issued++, {
      items: reserved,
      claimed,
      before: this.#lastCheck,
      openings,
      checksAll,
    });
    this.#live.add(operation);
    if (checks) {
      this.#unchecked = [];
      this.#openings = 0;
      this.#lastCheck = operation.checked;
      operation.checked.catch(() => undefined);
    } else {
      this.#unchecked.push(operation);
      this.#openings = pending;
    }
    return operation;
  }

  async ready(): Promise<MacKey> {
    await this.#ready;
    if (this.#dead) throw this.#dead;
    return this.#key!;
  }

  identityFor(operation: number): Identity {
    return forkIdentity(this.pool.identity, `operation ${operation}`);
  }

  close(error: Error = new SpdzError("closed", "the session was closed; make a new one to continue")): void {
    // Nothing leaves any more, so nothing is opened either.
    if (isGone(error)) this.pool.gate?.seal(error);
    closeWhenIdle(error, () => this.#abortOnceTaken(error));
  }

  /** An opening that arrived before the other party left may still be on its way from thread to thread. */
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

  /** Ends the session for good; the first error stays. */
  abort(cause: Error): Error {
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
    this.#openings = 0;
    for (const operation of this.#live) operation.end(error);
    this.#live.clear();
    this.#settleReady.reject(error);
    return error;
  }

  ended(operation: AuthenticatedOperation): void {
    this.#live.delete(operation);
  }
}
