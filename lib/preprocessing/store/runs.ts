/** The items of a kind that a party has, as ranges of their numbers in the store. */

/** Items that one session made: numbers `start` to `end`, without the last. */
export interface Run {
  /** A short name of the session. */
  readonly tag: string;
  readonly start: number;
  readonly end: number;
}

/** The items of one kind. */
export interface Holding {
  /** Every item before this number is burnt. */
  readonly burnt: number;
  /** In order, not overlapping. */
  readonly runs: readonly Run[];
}

/** The holding of a party that has nothing of a kind. */
export const HOLDS_NOTHING: Holding = { burnt: 0, runs: [] };

/** A number greater than that of every item that the party knows. */
export function endOf({ burnt, runs }: Holding): number {
  return Math.max(burnt, runs.at(-1)?.end ?? 0);
}

/** The items of one kind that both parties have. */
export interface Common {
  /** Every item before this number is burnt at one of the parties. */
  readonly burnt: number;
  readonly runs: readonly Run[];
  /** A number greater than that of every item that either party knows. */
  readonly next: number;
}

/** Join adjacent runs, and drop items before `burnt`. */
export function joinRuns(runs: readonly Run[], burnt: number): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const cut = { ...run, start: Math.max(run.start, burnt) };
    if (cut.start >= cut.end) continue;
    const last = joined.at(-1);
    if (last && last.tag === cut.tag && last.end === cut.start)
      joined.splice(-1, 1, { ...last, end: cut.end });
    else joined.push(cut);
  }
  return joined;
}

/** Find the items that both parties have: neither has burnt them, and both made them in the same session. */
export function commonRuns(mine: Holding, theirs: Holding): Common {
  const burnt = Math.max(mine.burnt, theirs.burnt);
  const runs: Run[] = [];
  for (const run of mine.runs)
    for (const other of theirs.runs) {
      if (run.tag !== other.tag) continue;
      const start = Math.max(run.start, other.start, burnt);
      const end = Math.min(run.end, other.end);
      if (start < end) runs.push({ tag: run.tag, start, end });
    }
  runs.sort((a, b) => a.start - b.start);
  return { burnt, runs, next: Math.max(endOf(mine), endOf(theirs)) };
}
