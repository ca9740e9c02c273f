/** Inflicts one fault after another on running pairs, and checks that a fault causes nothing but delay. */
import { random } from "../../support/channel-contract";
import { FAULTS, type Fault } from "./faults";
import { RESUME_MS, SoakPair } from "./pair";

export interface Tally {
  attempts: number;
  /** Attempts by the kind of fault. */
  readonly kinds: Map<string, number>;
  /** Milliseconds from a fault until both parties have two more products. */
  readonly recoveries: number[];
  /** The failures: processes that died, waits beyond `resumeMs`, wrong products. */
  readonly aborts: string[];
  readonly hangs: string[];
  readonly wrong: string[];
  /** Sessions that an attack ended with an error. */
  readonly ended: string[];
  sessions: number;
  rounds: number;
  mostRss: number;
  mostDescriptors: number;
}

export function emptyTally(): Tally {
  return {
    attempts: 0,
    kinds: new Map(),
    recoveries: [],
    aborts: [],
    hangs: [],
    wrong: [],
    ended: [],
    sessions: 0,
    rounds: 0,
    mostRss: 0,
    mostDescriptors: 0,
  };
}

/** Run a session with `attempts` faults in a row. */
export async function soakSession(
  seed: number,
  encrypted: boolean,
  attempts: number,
  tally: Tally,
  until = Number.POSITIVE_INFINITY,
): Promise<void> {
  const next = random(seed);
  const usable = FAULTS.filter(({ only }) => !only || (only === "encrypted") === encrypted);
  const where = `seed ${seed}, ${encrypted ? "CURVE" : "plain"}`;
  const early = usable.filter(({ name }) => name.startsWith("a stranger"));
  const first = next(3);
  const pair = await SoakPair.start(encrypted, seed + 1, async (address) => {
    await new Promise((resolve) => setTimeout(resolve, first > 0 ? 700 : 0));
    for (let i = 0; i < first; i++) {
      const fault = early.filter(({ only }) => !only)[next(5)]!;
      count(tally, fault);
      await fault.run({ address } as SoakPair, next);
    }
  });
  tally.sessions++;
  const { parties } = pair;
  try {
    const came = await Promise.all(
      parties.map((each) => each.until(() => each.connected || each.over, 60_000)),
    );
    if (came.includes(false)) tally.hangs.push(`${where}: the parties did not connect`);
    for (let i = 0; i < attempts && !over(pair) && Date.now() < until; i++) {
      const fault = usable[next(usable.length)]!;
      count(tally, fault);
      await fault.run(pair, next);
      const start = performance.now();
      const rounds = parties.map(({ round }) => round);
      const went = await Promise.all(
        parties.map((each, k) => each.until(() => each.over || each.round >= rounds[k]! + 2, RESUME_MS)),
      );
      if (over(pair)) break;
      if (went.includes(false)) {
        tally.hangs.push(`${where}, attempt ${i}: ${fault.name}`);
        break;
      }
      tally.recoveries.push(performance.now() - start);
    }
    if (over(pair)) {
      // The other side must be told of it, or notice it, in time.
      const both = await Promise.all(parties.map((each) => each.until(() => each.over, RESUME_MS + 5000)));
      if (both.includes(false)) tally.hangs.push(`${where}: one party ended, the other waits`);
    }
  } finally {
    for (const [k, each] of parties.entries()) {
      if (each.died) tally.aborts.push(`${where}, party ${k}: ${each.died}`);
      if (each.failed) tally.ended.push(`${where}, party ${k}: ${each.failed}`);
      tally.wrong.push(...each.wrong.map((text) => `${where}, party ${k}: ${text}`));
      tally.rounds += each.round;
      tally.mostRss = Math.max(tally.mostRss, each.most.rss);
      tally.mostDescriptors = Math.max(tally.mostDescriptors, each.most.descriptors);
    }
    await pair.close();
  }
}

function over(pair: SoakPair): boolean {
  return pair.parties.some((each) => each.over);
}

function count(tally: Tally, { name }: Fault): void {
  tally.attempts++;
  tally.kinds.set(name, (tally.kinds.get(name) ?? 0) + 1);
}

export function summary(tally: Tally): string {
  const sorted = [...tally.recoveries].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const kinds = [...tally.kinds].sort((a, b) => b[1] - a[1]).map(([name, number]) => `${name} ${number}`);
  return [
    `${tally.attempts} attempts in ${tally.sessions} sessions, ${tally.rounds} rounds of products`,
    `aborts ${tally.aborts.length}, hangs ${tally.hangs.length}, wrong results ${tally.wrong.length}, sessions ended by an error ${tally.ended.length}`,
    `time until two more products: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms`,
    `most memory ${Math.round(tally.mostRss / 2 ** 20)} MiB, most descriptors ${tally.mostDescriptors}`,
    kinds.join(", "),
    ...[...tally.aborts, ...tally.hangs, ...tally.wrong].slice(0, 20),
    ...tally.ended.slice(0, 10),
  ].join("\n");
}
