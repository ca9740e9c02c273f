import type { Party } from "../../channel/channel";
import type { Eventual } from "../../eventual";
import { fromWords, wrapTo } from "../../protocol/plain/values";
import type { Share } from "../../protocol/scheme";
import type { Uses } from "../../protocol/step";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import type { Operation } from "../executor/executor";
import type { Session } from "../session";
import { type Evaluated, evaluate } from "./evaluate";
import { fractions, largest, type Place, RangeLedger } from "./ledger";

/** Watches the values of operations, where all of them are in this process. */
export abstract class Watch {
  readonly ledger = new RangeLedger();
  readonly #work = new Set<Promise<unknown>>();

  /** Whether operations that are issued now are watched. */
  abstract on: boolean;

  /** Run an operation, and note its values. */
  abstract run<U extends Uses, T>(party: Party, session: Session, operation: Operation<U, T>): Eventual<T>;

  /**
   * Open shared values for the report.
   *
   * @param party - the party that asks; with two parties each asks, and the second one gets the values
   * @param key - the same at both parties
   * @param words - the party's classic shares
   * @returns words mod 2^64; undefined at the party that asked first
   */
  abstract open(
    party: Party,
    key: string,
    words: readonly Eventual<RingVector>[],
  ): Promise<RingVector[]> | undefined;

  /** Run a synchronous part of one party's operation; its primitives belong to it. */
  within<T>(party: Party, operation: string, run: () => T): T {
    return this.on ? this.ledger.within(operation, run, this.counts(party)) : run();
  }

  /** Whether this party's calls are counted: one party's are. */
  protected abstract counts(party: Party): boolean;

  /** Do something before `idle` settles. A failure is that of the operation, which reports it itself. */
  add(work: Promise<unknown>): void {
    const tracked = work.catch(() => undefined).finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Settles when the values of every operation that has ended are noted. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}

/** Watches a session in the clear, by running its operations itself. */
export class PlainWatch extends Watch {
  on = true;

  protected counts(): boolean {
    return true;
  }

  run<U extends Uses, T>(party: Party, session: Session, operation: Operation<U, T>): Eventual<T> {
    const { description } = operation;
    const { result, kind } = description;
    const place = result && this.on ? this.ledger.begin(kind) : undefined;
    return session.run<Record<never, never>, T>({
      ...operation,
      uses: undefined,
      body: async (_ctx, _steps, inputs) => {
        const { value, cuts } = await evaluate(operation, inputs, party);
        if (!result) return value;
        const exact = value as RingVector;
        if (place) this.ledger.note(place, { ...result, value: exact, cuts });
        return wrapTo(exact, 64) as T;
      },
    });
  }

  open(_party: Party, _key: string, words: readonly Eventual<RingVector>[]): Promise<RingVector[]> {
    return Promise.all(words.map(({ promise }) => promise));
  }
}

/** One party's shares of an operation's operands and of its result. */
interface Half {
  readonly party: Party;
  readonly words: Promise<RingVector[]>;
}

/** Watches a live session of two parties in one process, by adding up their shares. */
export class PairWatch extends Watch {
  #on = false;
  readonly #waiting = new Map<string, Half>();

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    this.#waiting.clear();
  }

  protected counts(party: Party): boolean {
    return party === 0;
  }

  run<U extends Uses, T>(party: Party, session: Session, operation: Operation<U, T>): Eventual<T> {
    const { inputs = [], description } = operation;
    const { number, scheme } = { number: session.next, scheme: session.scheme };
    const issued = session.run(operation);
    const { result, kind } = description;
    // Entering changes no value.
    if (!this.on || !result || kind === "enter") return issued;
    const place = this.ledger.place(kind);
    const shares = [...inputs, issued] as readonly Eventual<Share>[];
    const words = Promise.all(shares.map(({ promise }) => promise.then((share) => scheme.words(share))));
    const both = this.#meet(`operation ${number}`, { party, words });
    if (!both) return issued;
    // One of the two parties counts it.
    this.ledger.begin(kind);
    this.add(both.then((opened) => this.#note(place, operation, opened, result)));
    return issued;
  }

  open(party: Party, key: string, words: readonly Eventual<RingVector>[]): Promise<RingVector[]> | undefined {
    return this.#meet(key, { party, words: Promise.all(words.map(({ promise }) => promise)) });
  }

  /** Add up the shares of both parties, at the one that comes second. */
  #meet(key: string, half: Half): Promise<RingVector[]> | undefined {
    half.words.catch(() => undefined);
    const other = this.#waiting.get(key);
    if (!other || other.party === half.party) {
      this.#waiting.set(key, half);
      return undefined;
    }
    this.#waiting.delete(key);
    return Promise.all([half.words, other.words]).then(([mine, theirs]) =>
      mine.map((words, i) => ring64.add(words, theirs[i]!)),
    );
  }

  async #note<U extends Uses, T>(
    place: Place,
    operation: Operation<U, T>,
    opened: readonly RingVector[],
    result: NonNullable<Operation<U, T>["description"]["result"]>,
  ): Promise<void> {
    const values = opened.map(fromWords);
    const actual = values.pop()!;
    const { value, cuts } = (await evaluate(operation, values, 0)) as Evaluated<RingVector>;
    this.ledger.note(place, { ...result, value, cuts });
    if (cuts.length === 0) return;
    // What the protocol made of it, against the value before the truncation.
    const above = ring128.toFloat64(
      scope(() => ring128.sub(actual, wrapTo(value, 64))),
      0,
    );
    const [cut] = cuts;
    const rest = cuts.length === 1 && cut!.before.length === above.length ? fractions(cut!) : undefined;
    this.ledger.rounding(place, largest(rest ? above.map((each, i) => each - rest[i]!) : above));
  }
}
