import type { Party } from "../../lib/channel/channel";
import type { OperationLink } from "../../lib/channel/operation-link";
import { CheckError, TransportError } from "../../lib/errors";
import { createLinkPair, endLink, type Passing, type Tap } from "./links";

/** A protocol that both parties run from the same start every time. */
export interface Scenario {
  readonly name: string;
  /** Fresh parties; each returns what it outputs. */
  start(
    links: readonly [OperationLink, OperationLink],
  ): readonly [() => Promise<unknown>, () => Promise<unknown>];
}

/** A change to a message. */
type Fate = Pick<Passing, "withheld" | "doubled" | "overtaken">;

/** Change message `index` of the cheater; return undefined if that is not possible. */
type Alteration = (message: Uint8Array, history: History) => Uint8Array | Fate | undefined;

interface History {
  readonly own: readonly Uint8Array[];
  readonly peer: readonly Uint8Array[];
}

function changed(message: Uint8Array, f: (copy: Uint8Array) => void): Uint8Array | undefined {
  const copy = message.slice();
  f(copy);
  return Buffer.from(copy).equals(message) ? undefined : copy;
}

export const alterations: Record<string, Alteration> = {
  "a flipped bit in each 16 bytes": (message) =>
    changed(message, (copy) => {
      for (let i = 0; i < copy.length; i += 16) copy[i]! ^= 1;
    }),
  "the last bit flipped": (message) =>
    changed(message, (copy) => {
      copy[copy.length - 1]! ^= 128;
    }),
  "a shifted value": (message) =>
    changed(message, (copy) => {
      for (let i = 0; i < copy.length; i += 8) copy[i] = (copy[i]! + 64) & 255;
    }),
  zeros: (message) => changed(message, (copy) => copy.fill(0)),
  "a replay": (_, { own }) => own.at(-1),
  "an echo": (_, { peer }) => peer.at(-1),
  "one byte less": (message) => message.subarray(1),
  "a megabyte more": (message) => {
    const huge = new Uint8Array(message.length + 2 ** 20);
    huge.set(message);
    return huge;
  },
  "sent twice": () => ({ doubled: true }),
  "sent after the next": () => ({ overtaken: true }),
  withheld: () => ({ withheld: true }),
};

export type Outcome = "check" | "malformed" | "lost" | "unharmed";

/** Counts over all runs. */
export interface Tally {
  altered: number;
  check: number;
  malformed: number;
  lost: number;
  unharmed: number;
}

/** Time limit for a party that has all its messages. */
const STALL_MS = 100;

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

/** @param stalled - settles when both parties may wait for each other for ever */
async function run(scenario: Scenario, cheater: Party, tap: Tap, stalled: Promise<void>) {
  const links = createLinkPair(tap);
  const bodies = scenario.start(links);
  const honest = (1 - cheater) as Party;
  const cheating = bodies[cheater]().then(
    () => undefined,
    () => undefined,
  );
  const result = bodies[honest]().then(
    (output) => ({ output, error: undefined }),
    (error: unknown) => ({ output: undefined, error }),
  );
  // The cheater's own code may fail first; the honest party still gets all its messages, and time to notice the error.
  await Promise.race([cheating, result, stalled]);
  for (let i = 0; i < 5; i++) await settle();
  endLink(links[honest]);
  endLink(links[cheater]);
  const ended = await result;
  await cheating;
  return ended;
}

/** The number of messages that each party sends in an honest run, and the parties' outputs. */
export async function rehearse(
  scenario: Scenario,
): Promise<{ counts: [number, number]; outputs: [string, string] }> {
  const counts: [number, number] = [0, 0];
  const links = createLinkPair(({ from }) => {
    counts[from]++;
  });
  const bodies = scenario.start(links);
  const outputs = await Promise.all([bodies[0](), bodies[1]()]);
  return { counts, outputs: outputs.map((output) => JSON.stringify(output)) as [string, string] };
}

/**
 * Alter every message of one party in every way, one at a time, and check that the honest party outputs nothing wrong: it
 * throws a CheckError, or a TransportError for a wrong size, or notices that the other party has left.
 *
 * @param names - of the alterations to try
 * @returns counts; throws when the honest party output something wrong or failed otherwise
 */
export async function cheat(
  scenario: Scenario,
  cheater: Party,
  names: readonly string[] = Object.keys(alterations),
): Promise<Tally> {
  const { counts, outputs } = await rehearse(scenario);
  const honest = 1 - cheater;
  const tally: Tally = { altered: 0, check: 0, malformed: 0, lost: 0, unharmed: 0 };
  for (let index = 0; index < counts[cheater]; index++) {
    let caught = 0;
    for (const name of names) {
      let applied = false;
      let stall!: () => void;
      const stalled = new Promise<void>((resolve) => {
        stall = () => setTimeout(resolve, STALL_MS);
      });
      const own: Uint8Array[] = [];
      const peer: Uint8Array[] = [];
      const tap = (message: Passing) => {
        const original = message.payload.slice();
        if (message.from === cheater && message.index === index) {
          const altered = alterations[name]!(message.payload, { own, peer });
          if (altered && !(altered instanceof Uint8Array)) {
            applied = true;
            Object.assign(message, altered);
            stall();
          } else if (altered && !Buffer.from(altered).equals(original)) {
            applied = true;
            message.payload = altered.slice();
          }
        }
        (message.from === cheater ? own : peer).push(original);
      };
      const { output, error } = await run(scenario, cheater, tap, stalled);
      if (!applied) continue;
      tally.altered++;
      const outcome = judge(error, output, outputs[honest]!);
      if (!outcome)
        throw new Error(`${scenario.name}, message ${index} of party ${cheater}, ${name}: ${String(error)}`);
      tally[outcome]++;
      if (outcome !== "unharmed") caught++;
    }
    if (caught === 0) throw new Error(`${scenario.name}: no alteration of message ${index} was caught`);
  }
  return tally;
}

function judge(error: unknown, output: unknown, expected: string): Outcome | undefined {
  if (error instanceof CheckError) return "check";
  if (error instanceof TransportError) return error.reason === "malformed" ? "malformed" : "lost";
  if (error === undefined && JSON.stringify(output) === expected) return "unharmed";
  return undefined;
}

/** The ways tried where a run is slow; all of them with SPDZLAB_CHEAT=all. */
export function slowAlterations(...names: readonly string[]): readonly string[] | undefined {
  return process.env.SPDZLAB_CHEAT === "all" ? undefined : names;
}

/** Adds up the tallies of a file of tests and says what they came to. */
export class Totals {
  readonly #total: Tally = { altered: 0, check: 0, malformed: 0, lost: 0, unharmed: 0 };

  add(tally: Tally): void {
    for (const key of Object.keys(this.#total) as (keyof Tally)[]) this.#total[key] += tally[key];
  }

  toString(): string {
    const { altered, check, malformed, lost, unharmed } = this.#total;
    return (
      `${altered} messages altered: ${check} aborts by CheckError, ${malformed} as malformed, ${lost} where the ` +
      `cheater's own code gave up first, ${unharmed} without any effect, 0 wrong outputs`
    );
  }
}
