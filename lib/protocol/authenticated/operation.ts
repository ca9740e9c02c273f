import type { OperationLink } from "../../channel/operation-link";
import { GuardedLink } from "../../crypto/guarded-link";
import type { Identity } from "../../crypto/identity";
import { toShares } from "../../preprocessing/kinds/raw";
import type { Pool, Reservation } from "../../preprocessing/pool/pool";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import type { AuthenticatedVector, MacKey } from "../../sharing/authenticated";
import { checkMacs, openChecked } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { lowWords, OpeningLog } from "../../sharing/opening";
import type { Setting } from "../protocol";
import type { AuthenticatedContext } from "./context";

/** Openings after which an operation checks what it opened so far, so that memory stays bounded. */
export const CHECK_EVERY = 1 << 18;

/** The session of an operation. */
export interface OperationHome {
  readonly pool: Pool;
  readonly setting: Setting;
  /** The error that ended it, if one has. */
  readonly failure: Error | undefined;
  /** The same, once nothing that was under way may finish any more: until then checks may still be opened. */
  readonly over: Error | undefined;
  /** The key, once there is one. */
  ready(): Promise<MacKey>;
  /** Who this party is in a check of what one operation opened. */
  identityFor(operation: number): Identity;
  /** Ends the session for good; returns the error that ended it, which may be an earlier one. */
  abort(error: Error): Error;
  /** An operation is over. */
  ended(operation: AuthenticatedOperation): void;
}

/** One operation of a session, from its issue to its end. */
export class AuthenticatedOperation {
  /** Settles when everything this operation opened or claimed is checked; reveals only. */
  readonly checked: Promise<void>;
  readonly log = new OpeningLog();
  #settleChecked!: { resolve(): void; reject(error: Error): void };
  readonly #finished: Promise<void>;
  #settleFinished!: { resolve(): void; reject(error: Error): void };

  #begun = false;

  readonly items: Reservation;
  /** Operations before it, whose openings it checks. */
  readonly claimed: readonly AuthenticatedOperation[];
  /** The check before. */
  readonly before: Promise<void>;
  /** What it opens at most, before it reveals. */
  readonly openings: number;
  /** It checks what it claimed and opened itself although it reveals nothing, so that logs stay short. */
  readonly checksAll: boolean;

  constructor(
    readonly session: OperationHome,
    readonly number: number,
    issued: Pick<AuthenticatedOperation, "items" | "claimed" | "before" | "openings" | "checksAll">,
  ) {
    ({
      items: this.items,
      claimed: this.claimed,
      before: this.before,
      openings: this.openings,
      checksAll: this.checksAll,
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
  async run<T>(link: OperationLink, body: (ctx: AuthenticatedContext) => Promise<T>): Promise<T> {
    try {
      const key = await this.session.ready();
      const guard = () => {
        this.begin();
        return this.session.over;
      };
      const ctx = new OperationContext(this, new GuardedLink(link, guard), key);
      const result = await body(ctx);
      // Whoever claimed what others opened has checked it by now, whatever its body does.
      if (this.checksAll || this.claimed.length > 0) await ctx.checkClaimed();
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
      const cause = this.session.abort(error as Error);
      this.end(cause);
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

  /** The operation will not run, or did not finish. The parties' logs would differ from here on, so the session ends. */
  abort(error: unknown): void {
    if (this.failsAlone(error)) this.dismiss();
    else this.session.abort(error as Error);
  }

  /** When this operation has opened all it will. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** The session has ended. */
  end(error: Error): void {
    this.#settleFinished.reject(error);
    this.#settleChecked.reject(error);
  }
}

/** What the protocols of this folder run with, within one operation. */
class OperationContext implements AuthenticatedContext {
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
