/** What a bench suite gives back, and the few helpers that every suite needs. */

/** One measured figure beside what it is held to. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, such as "numpy uint64"; empty where there is nothing to compare with. */
  readonly reference: string;
  readonly referenceValue: number | null;
  /** How many times better than the reference: the suite divides so that more is better. */
  readonly ratio: number | null;
  /** The least ratio that passes; without a ratio, the least value. null: only reported. */
  readonly floor: number | null;
}

/** A suite: `bench/NAME.ts` exports one as its default. */
export type Suite = () => Promise<Row[]>;

/** Whether a row reaches its floor; null where it has none. */
export function passes({ ratio, value, floor }: Row): boolean | null {
  return floor === null ? null : (ratio ?? value) >= floor;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds that `body` takes: the median of `runs`, after one run that is not counted. */
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
