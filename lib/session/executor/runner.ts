import type { Channel } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { CheckError } from "../../errors";
import { Eventual } from "../../eventual";
import { productsOf } from "../../protocol/demand";
import type { Scheme } from "../../protocol/scheme";
import type { Issued, SharingSession } from "../../protocol/sharing-session";
import { type Calls, type PlannedSteps, planSteps, type Uses } from "../../protocol/step";
import { ring64 } from "../../ring";
import { PLACE } from "../host/host";
import { Disagreement } from "../lockstep/disagreement";
import { type IssuedOperation, locate } from "../lockstep/lockstep";
import { Recorder } from "../lockstep/recorder";
import type { Router } from "../lockstep/router";
import { CostLedger } from "../report/costs";
import type { Body } from "./executor";
import type { Pending } from "./pending";

/** An operation whose steps are planned and whose correlated randomness is reserved. */
export interface Reserved<U extends Uses> {
  readonly steps: PlannedSteps<U>;
  readonly issued: Issued;
}

/** Plan an operation's steps and reserve their demand. Both parties call it in the order of issue. */
export function reserve<U extends Uses>(sharing: SharingSession, uses: U): Reserved<U> {
  const steps = planSteps(sharing.scheme.name, uses, sharing.setting);
  return { steps, issued: sharing.issue(steps.demand) };
}

/** An operation that has taken its number. */
export interface Numbered<U extends Uses, T> {
  readonly operation: IssuedOperation;
  /** Values that must be available before `body` starts. */
  readonly inputs: readonly Eventual<unknown>[];
  readonly scheme: Scheme;
  /** Reserve its demand, if it has one; call `start` before its first message. */
  reserve(
    online: OperationLink,
    start: () => void,
  ): Reserved<U> | undefined | Promise<Reserved<U> | undefined>;
  readonly body: Body<U, T>;
}

/** Note on an error where the first operation that it failed was issued: its own stack begins in the library. */
function place(error: unknown, operation: IssuedOperation): void {
  if (operation.place === undefined || !(error instanceof Error) || PLACE in error) return;
  Object.defineProperty(error, PLACE, { value: operation.place });
}

/** Runs operations with the other party, and measures their costs. */
export class Runner {
  readonly costs = new CostLedger();
  /** The record of messages, for `trace()`. */
  readonly recorder = new Recorder();
  readonly #channel: Channel;
  readonly #router: Router;
  readonly #pending: Pending;
  readonly #onCaught: (error: CheckError) => void;
  /** The round in which each value became available, to count rounds along dependencies. */
  readonly #rounds = new WeakMap<Eventual<unknown>, number>();
  #roundsSoFar = 0;
  #roundFloor = 0;

  constructor(channel: Channel, router: Router, pending: Pending, onCaught: (error: CheckError) => void) {
    this.#channel = channel;
    this.#router = router;
    this.#pending = pending;
    this.#onCaught = onCaught;
  }

  /**
   * Call this before an operation takes its number. If nothing is running, the next operation depends on everything
   * before it.
   */
  next(): void {
    if (this.#pending.empty) this.#roundFloor = this.#roundsSoFar;
  }

  run<U extends Uses, T>(numbered: Numbered<U, T>): Eventual<T> {
    const { operation } = numbered;
    const running = this.#execute(numbered);
    this.#pending.add(operation.number, running);
    const result = new Eventual(
      running.then(({ value, round }) => {
        this.#rounds.set(result, round);
        return value;
      }),
      `The result of ${locate(operation)}`,
    );
    return result;
  }

  async #execute<U extends Uses, T>({
    operation,
    inputs,
    scheme,
    reserve,
    body,
  }: Numbered<U, T>): Promise<{ value: T; round: number }> {
    const meter = this.costs.meter(this.recorder.begin(operation));
    const links = this.#router.open(operation, meter);
    let started = false;
    let reserved: Reserved<U> | undefined;
    const start = () => {
      if (started) return;
      started = true;
      meter.start(Math.max(this.#roundFloor, ...inputs.map((input) => this.#rounds.get(input) ?? 0)));
    };
    const run = async (steps: Calls<U>): Promise<T> => {
      const values = await Promise.all(inputs.map((input) => input.promise));
      start();
      return body({ ring: ring64, scheme, online: links.online }, steps, values);
    };
    try {
      await this.#channel.connected;
      const reserving = reserve(links.online, start);
      reserved = reserving instanceof Promise ? await reserving : reserving;
      const steps = reserved?.steps;
      if (steps) meter.triples = productsOf(steps.demand.items);
      const running =
        reserved && steps
          ? reserved.issued.run(links.online, (ctx) => run(steps.bind(ctx)))
          : run({} as Calls<U>);
      running.catch(() => undefined);
      const value = await Promise.race([running, links.failed]);
      if (value instanceof Disagreement) {
        // The operation ended alike at both parties, so they are in step and the session continues.
        reserved = undefined;
        throw value;
      }
      // An operation that took items but sent no message has not been compared yet: send the position.
      if (reserved && meter.messagesSent === 0) this.#router.sendPosition(true);
      this.#roundsSoFar = Math.max(this.#roundsSoFar, meter.round);
      return { value, round: meter.round };
    } catch (thrown) {
      const error = thrown instanceof Disagreement ? thrown.error : thrown;
      place(error, operation);
      if (thrown instanceof Disagreement) throw error;
      reserved?.issued.abort(error);
      reserved?.steps.abort(error);
      if (error instanceof CheckError) this.#onCaught(error);
      else this.#router.sendFailed(operation);
      throw error;
    } finally {
      links.close();
      if (started) {
        meter.end();
        this.costs.book(operation, meter);
      }
    }
  }
}
