import { AsyncLocalStorage } from "node:async_hooks";
import { SpdzError } from "../../errors";
import { Eventual } from "../../eventual";
import { addNeeds, type Needs } from "../../preprocessing/kinds/kinds";
import { addDemands, type Demand, productsOf } from "../../protocol/demand";
import { MatrixMasks } from "../../protocol/matrix-masks";
import { checkUses, planSteps, type Uses } from "../../protocol/step";
import { type RingVector, ring64 } from "../../ring";
import type { Source } from "../../tensor/origin";
import { countedResult, onlyPlanned } from "../executor/counted";
import type { Executor, Notes, Operation } from "../executor/executor";
import { type Counting, Value } from "../executor/value";
import type { Session } from "../session";

/** A plan's notes, layered over existing notes that they never change. */
class Overlay<K extends object, V> {
  readonly #own = new WeakMap<K, V>();

  constructor(readonly base: Pick<WeakMap<K, V>, "get">) {}

  get(key: K): V | undefined {
    return this.#own.has(key) ? this.#own.get(key) : this.base.get(key);
  }

  set(key: K, value: V): void {
    this.#own.set(key, value);
  }
}

/**
 * Counts what operations would take instead of running them. It sends nothing, takes no numbers, and does not change the
 * session's state.
 */
export class Planning implements Counting {
  operations = 0;
  triples = 0;
  squares = 0;
  rounds = 0;
  bytes = 0;
  needs: Needs = {};
  readonly source: Source = { kind: "planned", use: () => this.#requireRunning() };
  #over = false;
  #session: Session | undefined;
  #masks: MatrixMasks | undefined;
  /** Elements that were opened and have not been checked. */
  #unchecked = 0;
  #uncheckedBits = 0;
  #floor = 0;
  readonly #depths = new WeakMap<Eventual<unknown>, number>();
  readonly #overlays = new WeakMap<object, Overlay<object, unknown>>();

  /** The session whose operations are counted; undefined before the first operation. */
  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * End the plan. Code that was started in it and still runs throws at its next operation, and so does using its
   * values.
   */
  end(): void {
    this.#over = true;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Return an executor that counts the operations of one session. */
  executorOf(session: Session): Executor {
    return {
      run: (operation) => this.#count(session, operation),
      value: () => new Value(undefined, this),
      notes: (notes) => this.#notesOver(notes),
      counting: this,
    };
  }

  /**
   * Add an operation's demand.
   *
   * @param inputs - the values it waits for
   * @param waits - true if every later operation waits for it, whatever that one computes from
   * @param result - a placeholder for its result
   */
  add<T>(
    demand: Demand,
    inputs: readonly Eventual<unknown>[],
    waits: boolean,
    result: Eventual<T>,
  ): Eventual<T> {
    this.operations++;
    const squares = demand.items.square ?? 0;
    this.squares += squares;
    this.triples += productsOf(demand.items) - squares;
    this.bytes += demand.bytes;
    this.needs = addNeeds(this.needs, demand.items);
    const depth =
      Math.max(this.#floor, ...inputs.map((input) => this.#depths.get(input) ?? 0)) + demand.rounds;
    if (waits) this.#floor = Math.max(this.#floor, depth);
    this.rounds = Math.max(this.rounds, depth);
    this.#depths.set(result, depth);
    return result;
  }

  /** @throws {TypeError} operations of two sessions in one plan */
  #count<U extends Uses, T>(
    session: Session,
    { inputs = [], uses, opens, swaps = false }: Operation<U, T>,
  ): Eventual<T> {
    const demand = this.demandOf(session, uses ?? {});
    const result: Eventual<unknown> =
      opens === undefined ? countedResult() : Eventual.of(ring64.zeros(opens) as RingVector);
    return this.add(demand, inputs, swaps, result as Eventual<T>);
  }

  /** Return an operation's demand, including the checks that precede it. */
  demandOf(session: Session, uses: Uses): Demand {
    session.requireOpen();
    this.#session ??= session;
    if (this.#session !== session)
      throw new TypeError(
        "a plan covers one party's computation, and this one uses two interfaces: use only one",
      );
    const { scheme, setting, checks } = session.sharing;
    if (!this.#masks) {
      this.#masks = new MatrixMasks(setting.masks);
      this.#unchecked = checks?.unchecked ?? 0;
      this.#uncheckedBits = checks?.uncheckedBits ?? 0;
    }
    checkUses(scheme.name, uses, setting.can);
    const { demand } = planSteps(scheme.name, uses, { can: setting.can, masks: this.#masks });
    const { openings = 0, bits = 0 } = demand;
    this.#unchecked += openings;
    this.#uncheckedBits += bits;
    if (!demand.releases || !checks) return demand;
    // After its first release an operation checks what it opens itself.
    const own = Array.from({ length: demand.releases }, () => checks.demand(openings, bits));
    const before = checks.demand(this.#unchecked, this.#uncheckedBits);
    this.#unchecked = 0;
    this.#uncheckedBits = 0;
    return addDemands(before, demand, ...own);
  }

  #notesOver<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V> {
    let overlay = this.#overlays.get(notes);
    if (!overlay) {
      overlay = new Overlay(notes as Pick<WeakMap<object, unknown>, "get">);
      this.#overlays.set(notes, overlay);
    }
    return overlay as unknown as Overlay<K, V>;
  }

  #requireRunning(): void {
    if (this.#over || current.getStore() === undefined) throw onlyPlanned();
  }
}

const current = new AsyncLocalStorage<Planning>();

/**
 * Return the plan that this code runs in, if any.
 *
 * @throws {SpdzError} `planned`: this code was started within a plan that has ended
 */
export function planning(): Planning | undefined {
  const plan = current.getStore();
  if (plan?.over) {
    throw new SpdzError(
      "planned",
      "this code was started within spdz.plan and still runs after the plan has ended: return its promise from the " +
        "planned function, or start it outside",
    );
  }
  return plan;
}

/** Return the executor of a session's operations: the session itself, or the plan that this code runs in. */
export function executorHere(session: Session): Executor {
  return planning()?.executorOf(session) ?? session;
}

/** @throws {SpdzError} `planned`: this code runs within a plan, and the call would have real effects */
export function refuseInPlan(what: string): void {
  if (planning())
    throw new SpdzError("planned", `${what} is not available within spdz.plan: call it outside the plan`);
}

/** @throws {SpdzError} `planned`: the value was made in another plan */
export function refuseOtherPlan(counting: Counting | undefined): void {
  if (counting && (counting.over || !planning())) throw onlyPlanned();
}

/** Run code within a plan. */
export function within<T>(planning: Planning, run: () => T): T {
  return current.run(planning, run);
}
