import { inspect } from "node:util";
import { type Kind, kindsOf, type Needs } from "../../preprocessing/kinds/kinds";
import type { Pool } from "../../preprocessing/pool/pool";
import { count, formatBytes, formatMs } from "../../text/figures";
import { htmlTable } from "../../text/html";
import { jupyterDisplay } from "../../text/mime";
import { nameOf } from "../report/names";
import { Planning, within } from "./planning";

/** A network that times are estimated for. */
interface AssumedNetwork {
  readonly name: string;
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
}

const LAN: AssumedNetwork = { name: "LAN (0.5 ms, 1 Gbit/s)", roundTripMs: 0.5, bytesPerSecond: 125e6 };
const WAN: AssumedNetwork = { name: "WAN (40 ms, 100 Mbit/s)", roundTripMs: 40, bytesPerSecond: 12.5e6 };

/** The need for one kind of correlated randomness. */
export interface PlannedItems {
  readonly kind: string;
  readonly needed: number;
  /** How many of them are ready or being made. */
  readonly ready: number;
  /** Bytes that a party sends to make the rest. */
  readonly bytes: number;
}

/** The demand of a computation, as `spdz.plan` reports it. Times are estimates, in milliseconds. */
export interface Plan {
  readonly operations: number;
  /** Triples; a triple for whole matrices counts as one. */
  readonly triples: number;
  /** Squares: of values that are multiplied by themselves. */
  readonly squares: number;
  /** Consecutive rounds, without those for making correlated randomness. */
  readonly rounds: number;
  /** Bytes that each party sends in these rounds. */
  readonly bytes: number;
  /** Bytes that each party sends to make the correlated randomness that is not ready. */
  readonly preparationBytes: number;
  readonly items: readonly PlannedItems[];
  /** On a local network: 0.5 ms there and back, 1 Gbit/s. */
  readonly lanMs: number;
  /** Between two organisations: 40 ms there and back, 100 Mbit/s. */
  readonly wanMs: number;
  toString(): string;
}

/**
 * Report what a computation would take, before it runs: triples, bytes, rounds, and estimated times on a local network
 * and between two organisations. A plan sends nothing, uses no correlated randomness and changes no gradients, and the
 * other party need not take part. Values that were made or revealed within a plan cannot be used after it ends.
 *
 * @param compute - the computation, on existing shared values; whatever it reveals is zeros within the plan
 * @returns a table in a notebook; a promise of it if `compute` is asynchronous
 * @throws {TypeError} `compute` runs no operation, or operations of two interfaces
 *
 * @example
 * spdz.plan(() => x.matmul(w).sigmoid())
 */
export function plan(compute: () => Promise<unknown>): Promise<Plan>;
export function plan(compute: () => unknown): Plan;
export function plan(compute: () => unknown): Plan | Promise<Plan> {
  const planning = new Planning();
  let running: unknown;
  try {
    running = within(planning, compute);
  } catch (error) {
    planning.end();
    throw error;
  }
  // Accept any thenable, because a promise of another realm is not an instance of Promise.
  if (typeof (Object(running) as { then?: unknown }).then === "function")
    return Promise.resolve(running)
      .finally(() => planning.end())
      .then(() => report(planning));
  planning.end();
  return report(planning);
}

function report(planning: Planning): Plan {
  const { session, operations, triples, squares, rounds, bytes, needs } = planning;
  if (!session)
    throw new TypeError(
      "spdz.plan needs a function that computes on shared values, but this one ran no operation on them",
    );
  const { pool } = session.sharing;
  const items = itemsOf(needs, pool);
  const preparationBytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const timeOn = (network: AssumedNetwork) =>
    rounds * network.roundTripMs +
    (1000 * bytes) / network.bytesPerSecond +
    kindsOf(needs).reduce(
      (sum, kind) => sum + preparationMs(kind, missing(needs, pool, kind), pool, network),
      0,
    );
  return new PlanReport({
    operations,
    triples,
    squares,
    rounds,
    bytes,
    preparationBytes,
    items,
    lanMs: timeOn(LAN),
    wanMs: timeOn(WAN),
  });
}

const missing = (needs: Needs, pool: Pool, kind: Kind) => Math.max(0, (needs[kind] ?? 0) - pool.spare(kind));

function preparationMs(kind: Kind, items: number, pool: Pool, network: AssumedNetwork): number {
  if (items === 0) return 0;
  const { bytes, rounds, micros, most } = pool.cost(kind);
  const work = Math.max((items * micros) / 1000, (1000 * items * bytes) / network.bytesPerSecond);
  return work + Math.ceil(items / most) * rounds * network.roundTripMs;
}

function itemsOf(needs: Needs, pool: Pool): PlannedItems[] {
  const sums = new Map<string, { needed: number; ready: number; bytes: number }>();
  for (const kind of kindsOf(needs)) {
    const needed = needs[kind] ?? 0;
    if (needed === 0) continue;
    const toMake = missing(needs, pool, kind);
    const name = nameOf(kind);
    const { needed: n, ready, bytes } = sums.get(name) ?? { needed: 0, ready: 0, bytes: 0 };
    sums.set(name, {
      needed: n + needed,
      ready: ready + needed - toMake,
      bytes: bytes + Math.round(toMake * pool.cost(kind).bytes),
    });
  }
  return [...sums].map(([kind, sum]) => ({ kind, ...sum }));
}

type Figures = Omit<Plan, "toString">;

class PlanReport implements Plan {
  readonly operations!: number;
  readonly triples!: number;
  readonly squares!: number;
  readonly rounds!: number;
  readonly bytes!: number;
  readonly preparationBytes!: number;
  readonly items!: readonly PlannedItems[];
  readonly lanMs!: number;
  readonly wanMs!: number;

  constructor(figures: Figures) {
    Object.assign(this, figures);
  }

  toString(): string {
    const lines = this.items.map(
      ({ kind, needed, ready, bytes }) =>
        `  ${needed.toLocaleString("en")} ${kind}, ${ready.toLocaleString("en")} at hand` +
        (bytes > 0 ? `, the others take ${formatBytes(bytes)}` : ""),
    );
    return [this.#caption(), ...lines].join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): Record<string, string> {
    const rows = this.items.map(({ needed, ready, bytes }) => [
      needed.toLocaleString("en"),
      ready.toLocaleString("en"),
      bytes > 0 ? formatBytes(bytes) : "–",
    ]);
    const html = htmlTable(rows, {
      columns: ["needed", "at hand", "to make"],
      names: this.items.map(({ kind }) => kind),
      corner: "correlated randomness",
      title: this.#caption(),
    });
    return { "text/plain": this.toString(), "text/html": html };
  }

  #caption(): string {
    return [
      `Plan: ${count(this.operations, "operation")}`,
      count(this.rounds, "round"),
      count(this.triples, "triple"),
      ...(this.squares > 0 ? [count(this.squares, "square")] : []),
      `${formatBytes(this.bytes)} each way${
        this.preparationBytes > 0 ? ` and ${formatBytes(this.preparationBytes)} to prepare` : ""
      }`,
      `about ${formatMs(this.lanMs)} on a ${LAN.name}`,
      `${formatMs(this.wanMs)} on a ${WAN.name}`,
    ].join(", ");
  }
}
