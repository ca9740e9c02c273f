import { AsyncLocalStorage } from "node:async_hooks";
import { SpdzError } from "../../errors";
import { addNeeds, type Needs } from "../../preprocessing/kinds";
import type { Work } from "../../protocol/scheme";
import type { PlanState } from "../../protocol/sharing-session";
import { type RingVector, ring64 } from "../../ring";
import { Eventual } from "../../tensor/eventual";
import type { Session } from "../session";

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
  #session: Session | undefined;
  #state: PlanState | undefined;
  #floor = 0;
  readonly #depths = new WeakMap<Eventual<unknown>, number>();
  readonly #overlays = new WeakMap<object, Overlay<object, unknown>>();

  /** The session whose operations are counted; undefined while there was none. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** @throws {TypeError} operations of two sessions in one plan */
  issue<T>(session: Session, inputs: readonly Eventual<unknown>[], work: Work = {}): Eventual<T> {
    this.#session ??= session;
    if (this.#session !== session)
      throw new TypeError("a plan is of one party's computation: use one interface");
    this.#state ??= session.sharing.planState();
    const { needs, triples, rounds, bytes } = session.sharing.estimate(work, this.#state);
    this.operations++;
    this.triples += triples;
    this.bytes += bytes;
    this.needs = addNeeds(this.needs, needs);
    const depth = Math.max(this.#floor, ...inputs.map((input) => this.#depths.get(input) ?? 0)) + rounds;
    // What is computed in the clear from what came is not followed: everything after a swap comes after it.
    if (work.swaps !== undefined) this.#floor = Math.max(this.#floor, depth);
    this.rounds = Math.max(this.rounds, depth);
    const opened = (work.reveals ?? 0) + (work.swaps ?? 0);
    const result = opened > 0 ? Eventual.of(ring64.zeros(opened) as RingVector) : plannedValue();
    this.#depths.set(result, depth);
    return result as Eventual<unknown> as Eventual<T>;
  }

  /** The session's notes, with those of this plan over them. */
  over<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
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
  return planning()?.over(notes) ?? notes;
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

/** The plan within which this code runs, if it does. */
export function planning(): Planning | undefined {
  return current.getStore();
}

/** Runs code within a plan. */
export function within<T>(planning: Planning, run: () => T): T {
  return current.run(planning, run);
}
