import { AsyncLocalStorage } from "node:async_hooks";
import { SpdzError } from "../errors";
import { Eventual } from "../eventual";
import { addNeeds, type Needs } from "../preprocessing/kinds/kinds";
import { HEADER_BYTES } from "../primitives/input-header";
import type { Work } from "../protocol/scheme";
import type { PlanState } from "../protocol/sharing-session";
import { type RingVector, ring64 } from "../ring";
import type { Source } from "../tensor/origin";
import type { Session } from "./session";

/** What is written within a plan, over what there is; nothing of it stays. */
class Overlay<K extends object, V> {
  readonly #own = new WeakMap<K, V>();

  constructor(readonly base: Pick<WeakMap<K, V>, "get">) {}

  get(key: K): V | undefined {
    return this.#own.get(key) ?? this.base.get(key);
  }

  set(key: K, value: V): void {
    this.#own.set(key, value);
  }
}

/** Notes of what a session has read as what. */
export type Notes<K extends object, V> = Pick<Overlay<K, V>, "get" | "set">;

/**
 * Counts what operations would take, in place of running them. Nothing leaves, nothing is numbered, and nothing that
 * the session remembers changes.
 */
export class Planning {
  operations = 0;
  triples = 0;
  rounds = 0;
  bytes = 0;
  needs: Needs = {};
  /** Of what is opened within the plan: zeros, which are refused once it is over. */
  readonly source: Source = { kind: "planned", use: () => this.#requireRunning() };
  #over = false;
  #session: Session | undefined;
  #state: PlanState | undefined;
  #floor = 0;
  readonly #depths = new WeakMap<Eventual<unknown>, number>();
  readonly #overlays = new WeakMap<object, Overlay<object, unknown>>();

  /** The session whose operations are counted; undefined while there was none. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** The plan is over: what was begun in it and still runs throws at its next step, and so does what it made. */
  end(): void {
    this.#over = true;
  }

  get over(): boolean {
    return this.#over;
  }

  #requireRunning(): void {
    if (this.#over || current.getStore() === undefined) throw onlyPlanned();
  }

  /** @throws {TypeError} operations of two sessions in one plan */
  issue<T>(session: Session, inputs: readonly Eventual<unknown>[], work: Work = {}): Eventual<T> {
    this.#session ??= session;
    if (this.#session !== session)
      throw new TypeError("a plan is of one party's computation: use one interface");
    this.#state ??= session.sharing.planState();
    const { needs, triples, rounds, bytes } = session.sharing.estimate(work, this.#state);
    // The parties say first what an input is.
    const header = work.inputs ? { rounds: 1, bytes: HEADER_BYTES } : { rounds: 0, bytes: 0 };
    this.operations++;
    this.triples += triples;
    this.bytes += bytes + header.bytes;
    this.needs = addNeeds(this.needs, needs);
    const depth =
      Math.max(this.#floor, ...inputs.map((input) => this.#depths.get(input) ?? 0)) + rounds + header.rounds;
    // What is computed in the clear from what came is not followed: everything after a swap comes after it.
    if (work.swaps !== undefined) this.#floor = Math.max(this.#floor, depth);
    this.rounds = Math.max(this.rounds, depth);
    const opened = (work.reveals ?? 0) + (work.swaps ?? 0);
    const result = opened > 0 ? Eventual.of(ring64.zeros(opened) as RingVector) : plannedValue();
    this.#depths.set(result, depth);
    return result as Eventual<unknown> as Eventual<T>;
  }

  /** The session's notes, with those of this plan over them. */
  notesOver<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
    let overlay = this.#overlays.get(notes);
    if (!overlay) {
      overlay = new Overlay(notes as Pick<WeakMap<object, unknown>, "get">);
      this.#overlays.set(notes, overlay);
    }
    return overlay as unknown as Overlay<K, V>;
  }
}

/** The notes of whoever asks: within a plan, those of the plan over them. */
export function notesHere<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
  return planning()?.notesOver(notes) ?? notes;
}

const plannedValues = new WeakSet<Eventual<unknown>>();

/** The result of an operation that was only counted. */
function plannedValue(): Eventual<never> {
  const value = new Eventual<never>(Promise.reject(onlyPlanned()), "A value that was only planned");
  plannedValues.add(value);
  return value;
}

function onlyPlanned(): SpdzError {
  return new SpdzError("planned", "this value was only planned by spdz.plan: run the computation itself");
}

/** @throws {SpdzError} `planned`: one of the values was only counted, so that nothing can be computed from it */
export function refusePlanned(inputs: readonly Eventual<unknown>[]): void {
  if (inputs.some((input) => plannedValues.has(input))) throw onlyPlanned();
}

const current = new AsyncLocalStorage<Planning>();

/**
 * The plan within which this code runs, if it does.
 *
 * @throws {SpdzError} `planned`: it was begun within one, and that is over
 */
export function planning(): Planning | undefined {
  const plan = current.getStore();
  if (plan?.over) {
    throw new SpdzError(
      "planned",
      "this code was begun within spdz.plan and runs on after the plan is over: return its promise from the function " +
        "that is planned, or begin it outside",
    );
  }
  return plan;
}

/** @throws {SpdzError} `planned`: this code runs within a plan, where it would be real */
export function refuseInPlan(what: string): void {
  if (planning())
    throw new SpdzError("planned", `${what} is not available within spdz.plan: call it outside the plan`);
}

/** @throws {SpdzError} `planned`: the value was made in another plan than the one that runs here */
export function refuseOtherPlan(plan: Planning | undefined): void {
  if (plan && (plan.over || !planning())) throw onlyPlanned();
}

/** Runs code within a plan. */
export function within<T>(planning: Planning, run: () => T): T {
  return current.run(planning, run);
}
