import type { OperationLink } from "../../channel/operation-link";
import { GuardedLink } from "../../crypto/guarded-link";
import type { Identity } from "../../crypto/identity";
import { SpdzError } from "../../errors";
import { toShares } from "../../preprocessing/kinds/raw";
import type { Pool, Reservation } from "../../preprocessing/pool/pool";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import type { AuthenticatedVector, MacKey } from "../../sharing/authenticated";
import { checkBits } from "../../sharing/bit-log";
import { checkMacs, openChecked } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { lowWords, OpeningLog } from "../../sharing/opening";
import type { Setting } from "../protocol";
import type { AuthenticatedContext } from "./context";

/** The number of openings after which an operation checks its openings so far, so that memory stays bounded. */
export const CHECK_EVERY = 1 << 18;

/** The part of the session that its operations use. */
export interface OperationHome {
  readonly pool: Pool;
  readonly setting: Setting;
  /** The error that ended the session, if it has ended. */
  readonly failure: Error | undefined;
  /** The same error, once running operations may no longer finish; until then, checks may still be opened. */
  readonly over: Error | undefined;
  /** Wait for the MAC key. */
  ready(): Promise<MacKey>;
  /** This party's identity in the checks of one operation. */
  identityFor(operation: number): Identity;
  /** End the session for good; return the error that ended it, which may be an earlier one. */
  abort(error: Error): Error;
  /** Called when an operation has ended. */
  ended(operation: AuthenticatedOperation): void;
}

/** One operation of a session, from its issue to its end. */
export class AuthenticatedOperation {
  /** Settles when everything this operation opened or claimed is checked; only for operations that check. */
  readonly checked: Promise<void>;
  readonly log = new OpeningLog();
  #settleChecked!: { resolve(): void; reject(error: Error): void };
  readonly #finished: Promise<void>;
  #settleFinished!: { resolve(): void; reject(error: Error): void };

  #begun = false;

  readonly items: Reservation;
  /** Earlier operations whose openings this one checks. */
  readonly claimed: readonly AuthenticatedOperation[];
  /** Settles with the previous check. */
  readonly before: Promise<void>;
  /** The maximum number of its openings, before it reveals. */
  readonly openings: number;
  /** True if it checks its claimed operations and itself although it reveals nothing, so that logs stay short. */
  readonly checksAll: boolean;
  /** Its demand says that something leaves, so it checks everything before. */
  readonly releases: boolean;

  constructor(
    readonly session: OperationHome,
    readonly number: number,
    issued: Pick<
      AuthenticatedOperation,
      "items" | "claimed" | "before" | "openings" | "checksAll" | "releases"
    >,
  ) {
    ({
      items: this.items,
      claimed: this.claimed,
      before: this.before,
      openings: this.openings,
      checksAll: this.checksAll,
      releases: this.releases,
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
   * Run the operation over its link. An error of `body` ends the session if it came from the peer or the protocol.
   *
   * @throws the error that ended the session
   */
  async run<T>(link: OperationLink, body: (ctx: AuthenticatedContext) => Promise<T>): Promise<T> {
    try {
      const key = await this.session.ready();
      const guard = () => {
        this.begin();
        return this.session.over;
      };
      const ctx = new GuardedContext(this, new GuardedLink(link, guard), key);
      const result = await body(ctx);
      // No later operation checks what this one claimed, or what it opened after its last release.
      if (this.checksAll || this.releases) await ctx.checkClaimed();
      if (this.session.failure) throw this.session.failure;
      this.#settleFinished.resolve();
      this.#settleChecked.resolve();
      return result;
    } catch (error) {
      if (this.failsAlone(error)) {
        this.dismiss();
        throw error;
      }
      // An operation that stops half-way leaves the parties with different logs, so the session cannot continue.
      const cause = this.session.abort(error as Error);
      this.end(cause);
      throw cause;
    } finally {
      this.items.discard();
      this.session.ended(this);
    }
  }

  /**
   * Return whether it ended by a mistake in this party's own code before anything was sent, taken or claimed. The parties'
   * logs are alike then, and the session continues.
   */
  failsAlone(error: unknown): boolean {
    const mistake = error instanceof RangeError || error instanceof TypeError;
    return mistake && !this.session.failure && !this.#begun && this.claimed.length === 0;
  }

  /** Settle an operation that will open nothing. */
  dismiss(): void {
    this.#settleFinished.resolve();
    this.#settleChecked.resolve();
  }

  /** Call this before it sends its first message or takes its first item. */
  begin(): void {
    this.#begun = true;
  }

  /**
   * End the session if the operation will not run or did not finish, because the parties' logs would differ from here
   * on.
   */
  abort(error: unknown): void {
    if (this.failsAlone(error)) this.dismiss();
    else this.session.abort(error as Error);
  }

  /** Settles when this operation has opened everything it will open. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** Called when the session has ended. */
  end(error: Error): void {
    this.#settleFinished.reject(error);
    this.#settleChecked.reject(error);
  }
}

/** The context of this folder's protocols, within one operation. */
class GuardedContext implements AuthenticatedContext {
  readonly log: OpeningLog;
  readonly items: Reservation;
  readonly can: Capabilities;
  readonly #identity;

  constructor(
    readonly operation: AuthenticatedOperation,
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
    this.can = operation.session.setting.can;
    this.#identity = operation.session.identityFor(operation.number);
  }

  async checkIfMany(): Promise<void> {
    if (this.log.size >= CHECK_EVERY) await this.#check([this.log]);
  }

  async reveal(x: AuthenticatedVector): Promise<RingVector> {
    await this.release();
    const masks = await this.#masks(x.value.length);
    // Making the masks may have taken a while, so pass the gate again.
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

  async release(): Promise<void> {
    if (!this.operation.releases)
      throw new SpdzError("internal", "a step gives something away, and its demand does not say `releases`");
    await this.checkClaimed();
    await this.#passGate();
  }

  /** Check the openings of the claimed operations and of this one. @internal */
  async checkClaimed(): Promise<void> {
    await this.operation.before;
    await Promise.all(this.operation.claimed.map(({ finished }) => finished));
    await this.#check([...this.operation.claimed.map(({ log }) => log), this.log]);
  }

  async #check(logs: readonly OpeningLog[]): Promise<void> {
    await checkBits(
      this.link,
      this.#identity,
      logs.map(({ bits }) => bits),
    );
    const count = logs.reduce((sum, { size }) => sum + size, 0);
    if (count === 0) return;
    const masks = await this.#masks(count);
    const openings = logs.flatMap((log) => log.drain());
    await checkMacs(this.link, this.#identity, this.key, openings, masks);
  }

  /** Take a mask for each row of a check of `count` openings. */
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
