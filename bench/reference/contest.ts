/** A contest between the engine and references that do the same work: they take turns, so that other load affects all. */

import { scope } from "../../lib/ring";
import { median, type Row } from "../harness";
import type { Reference } from "./process";

/** Rounds of a contest; its figures are their medians. */
export const ROUNDS = 5;

/** One implementation of the work. A process identifies the work by name. */
export interface Contender {
  readonly name: string;
  /** The least ratio that the engine must reach; null: report only. */
  readonly floor: number | null;
  /** Its own units of work in one run, if they are not the engine's. */
  readonly amount?: number;
  readonly run: (() => unknown) | { readonly process: Reference; readonly work: string };
}

export interface Contest {
  readonly name: string;
  readonly unit: string;
  /** Units of work in one run, so that speed = amount / milliseconds. */
  readonly amount: number;
  /** Runs in each round; the best one counts. */
  readonly repetitions: number;
  readonly engine: () => unknown;
  readonly against: readonly Contender[];
}

/** End a round at the next run after this time, so that slow references do not take minutes. */
const ROUND_MILLISECONDS = 300;

/** Warm-up runs before those that count, if a round has time for them. */
const WARMING = 5000;

/** Measure the best of several runs, in milliseconds, to exclude other load on the machine. */
export function best(work: () => unknown, repetitions: number): number {
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + ROUND_MILLISECONDS;
  for (let i = 0; i < repetitions && (i === 0 || performance.now() < end); i++) {
    const start = performance.now();
    scope(() => void work());
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

export async function hold({ name, unit, amount, repetitions, engine, against }: Contest): Promise<Row[]> {
  const mine: number[] = [];
  const theirs = against.map((): number[] => []);
  // The first round warms up compilers and caches: V8 compiles the code around a kernel only after a thousand calls.
  for (let round = 0; round <= ROUNDS; round++) {
    const time = best(engine, round === 0 ? WARMING : repetitions);
    if (round > 0) mine.push(time);
    for (const [i, { run }] of against.entries()) {
      const other =
        typeof run === "function" ? best(run, repetitions) : await run.process.measure(run.work, repetitions);
      if (round > 0) theirs[i]!.push(other);
    }
  }
  const value = amount / median(mine);
  if (against.length === 0) {
    return [{ name, value, unit, reference: "", referenceValue: null, ratio: null, floor: null }];
  }
  return against.map(({ name: reference, floor, amount: own = amount }, i) => {
    const referenceValue = own / median(theirs[i]!);
    return { name, value, unit, reference, referenceValue, ratio: value / referenceValue, floor };
  });
}

/** References in processes of their own; those that are missing are left out. */
export function processes(
  list: readonly (readonly [Reference | null, string, number | null])[],
): Contender[] {
  return list.flatMap(([process, work, floor]) =>
    process === null
      ? []
      : [{ name: process.name + (work.endsWith("-out") ? ", in place" : ""), floor, run: { process, work } }],
  );
}
