import { UnsettledError } from "./errors";

/**
 * A value that is known now or under way. What waits for it awaits `promise`; what needs it now reads `value`,
 * which throws while it is under way. A failure is kept for whoever asks and never becomes an unhandled rejection.
 */
export class Eventual<T> {
  readonly promise: Promise<T>;
  readonly #what: string;
  #state: { value: T } | { error: unknown } | undefined;
  /** How it comes of others, until it has. */
  #derivation: { sources: readonly Eventual<unknown>[]; compute: () => T } | undefined;

  /** @param what - names the value in the error for reading it too early, such as `The share` */
  constructor(source: Promise<T>, what: string) {
    this.#what = what;
    this.promise = source.then(
      (value) => {
        this.#state ??= { value };
        return value;
      },
      (error: unknown) => {
        this.#state ??= { error };
        throw error;
      },
    );
    this.promise.catch(() => {});
  }

  /** A value that is known. */
  static of<T>(value: T): Eventual<T> {
    const eventual = new Eventual<T>(Promise.resolve(value) as Promise<T>, "");
    eventual.#state = { value };
    return eventual;
  }

  /**
   * What is computed from others: now where all are known, otherwise as soon as they are. It is settled the moment
   * its sources are, so whoever waited for them can read it. Where a source fails, it fails alike.
   *
   * @param compute - synchronous; called once, when `value` of every source can be read
   * @throws what `compute` throws, where all sources are known
   */
  static derive<T>(sources: readonly Eventual<unknown>[], compute: () => T): Eventual<T> {
    const waiting = sources.find((source) => !source.settled);
    if (waiting === undefined) return Eventual.of(compute());
    const inputs = Promise.all(sources.map((source) => source.promise));
    const derived: Eventual<T> = new Eventual<T>(
      inputs.then(() => derived.value),
      waiting.#what,
    );
    derived.#derivation = { sources, compute };
    return derived;
  }

  get settled(): boolean {
    this.#advance();
    return this.#state !== undefined;
  }

  /** Settled without a value. */
  get failed(): boolean {
    return this.settled && "error" in this.#state!;
  }

  /**
   * @throws {UnsettledError} the value is still under way
   * @throws the failure, when what made it failed
   */
  get value(): T {
    this.#advance();
    if (this.#state === undefined) throw new UnsettledError(this.#what);
    if ("error" in this.#state) throw this.#state.error;
    return this.#state.value;
  }

  #advance(): void {
    if (this.#state !== undefined || !this.#derivation?.sources.every((source) => source.settled)) return;
    const { compute } = this.#derivation;
    this.#derivation = undefined;
    try {
      this.#state = { value: compute() };
    } catch (error) {
      this.#state = { error };
    }
  }
}
