/** The result of a bench suite, and the helpers that every suite needs. */

import { fork } from "node:child_process";
import { NODE_FLAGS } from "../kernel/node-flags";
import type { Party } from "../lib/channel/channel";

/** One measured figure, with its reference and its floor. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Name of the reference, such as "numpy uint64"; empty if there is none. */
  readonly reference: string;
  readonly referenceValue: number | null;
  /** How many times better than the reference; the suite divides such that more is better. */
  readonly ratio: number | null;
  /** The least ratio that passes; without a ratio, the least value. null: report only. */
  readonly floor: number | null;
}

/** A suite: `bench/NAME.ts` exports one as its default. */
export type Suite = () => Promise<Row[]>;

/** Whether a row reaches its floor; null if it has none. */
export function passes({ ratio, value, floor }: Row): boolean | null {
  return floor === null ? null : (ratio ?? value) >= floor;
}

/** Units in which less is better. */
const COSTS: readonly string[] = ["ms", "s", "B", "kB", "MB", "MiB"];

/** The median of each figure over several runs of a suite. */
export function medians(runs: readonly (readonly Row[])[]): Row[] {
  return runs[0]!.map((row) => {
    const of = (key: "value" | "referenceValue" | "ratio") => {
      const figures = runs.map((rows) => rows.find(({ name }) => name === row.name)?.[key] ?? null);
      return figures.includes(null) ? null : median(figures as number[]);
    };
    return { ...row, value: of("value")!, referenceValue: of("referenceValue"), ratio: of("ratio") };
  });
}

/**
 * Compare figures with those of another build, which was run in turns with this one.
 *
 * @param floors - the least ratio for each figure, by name
 * @returns the median of both builds, and the median of the ratios of each turn
 */
export function compare(
  runs: readonly (readonly Row[])[],
  others: readonly (readonly Row[])[],
  floors: Readonly<Record<string, number>>,
): Row[] {
  const other = medians(others);
  return medians(runs).flatMap(({ name, value, unit }) => {
    const reference = other.find((row) => row.name === name);
    if (!reference) return [];
    const valueIn = (rows: readonly Row[]) => rows.find((row) => row.name === name)!.value;
    const ratios = runs.map((rows, i) => {
      const [mine, theirs] = [valueIn(rows), valueIn(others[i]!)];
      return COSTS.includes(unit) ? theirs / mine : mine / theirs;
    });
    return [
      {
        name: `${name}, beside`,
        value,
        unit,
        reference: "the other build",
        referenceValue: reference.value,
        ratio: median(ratios),
        floor: floors[name] ?? null,
      },
    ];
  });
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Measure `body` in milliseconds: the median of `runs`, after one warm-up run. */
export async function time(body: () => unknown, runs = 5): Promise<number> {
  await body();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await body();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** How often to run a suite of two processes. */
const RUNS = Number(process.env.SPDZLAB_BENCH_RUNS ?? 3);

type Figures<Name extends string> = Record<Name, number>;

/**
 * Run both parties in separate processes, from the suite's own file, several times.
 *
 * @param file - the suite's file; it calls `serveParty`
 * @param what - passed to both
 * @returns for each figure, the median over all runs of the larger of both parties' figures
 */
export async function measureParties<Name extends string>(
  file: string,
  what = "",
  runs = RUNS,
): Promise<Figures<Name>> {
  const all: Figures<Name>[] = [];
  for (let run = 0; run < runs; run++) {
    const port = 29700 + run + (process.pid % 200);
    const party = (index: Party) => {
      const child = fork(file, ["party", String(index), String(port), what], { execArgv: [...NODE_FLAGS] });
      return new Promise<Figures<Name>>((resolve, reject) => {
        child.on("message", (figures) => resolve(figures as Figures<Name>));
        child.on("exit", (code) => reject(new Error(`party ${index} ended with ${code}`)));
      });
    };
    const [zero, one] = await Promise.all([party(0), party(1)]);
    const names = Object.keys(zero) as Name[];
    all.push(
      Object.fromEntries(names.map((name) => [name, Math.max(zero[name], one[name])])) as Figures<Name>,
    );
  }
  const names = Object.keys(all[0]!) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, median(all.map((figures) => figures[name]))]),
  ) as Figures<Name>;
}

/** In a process that `measureParties` started, run the party and exit; elsewhere do nothing. */
export function serveParty(
  run: (party: Party, address: string, what: string) => Promise<Record<string, number>>,
): void {
  const [, , role, party, port, what] = process.argv;
  if (role !== "party" || !process.send) return;
  run(Number(party) as Party, `tcp://127.0.0.1:${port}`, what ?? "").then(
    (figures) => process.send!(figures, () => process.exit(0)),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
