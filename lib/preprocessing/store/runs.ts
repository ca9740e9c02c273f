/** Which items of a kind a party has, as ranges of their numbers in the store. */

/** Items that were made in one session: numbers `start` to `end`, without the last. */
export interface Run {
  /** The session, in a few letters. */
  readonly tag: string;
  readonly start: number;
  readonly end: number;
}

/** The items of one kind. */
export interface Holding {
  /** Every item before this number is burnt. */
  readonly burnt: number;
  /** In order, apart. */
  readonly runs: readonly Run[];
}

/** A party that knows nothing of a kind. */
export const HOLDS_NOTHING: Holding = { burnt: 0, runs: [] };

/** Greater than every number of an item that it knows. */
export function endOf({ burnt, runs }: Holding): number {
  return Math.max(burnt, runs.at(-1)?.end ?? 0);
}

/** What both parties have of one kind. */
export interface Common {
  /** Every item before this number is burnt at one of them. */
  readonly burnt: number;
  readonly runs: readonly Run[];
  /** Greater than every number that either of them knows. */
  readonly next: number;
}

/** Joins runs that touch; what is before `burnt` goes. */
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

/** What two parties both have: neither has burnt it, and both made it in the same session. */
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
