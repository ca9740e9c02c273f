import { UnsettledError } from "./errors";

/**
 * A value that is known now or still pending. Await `promise` to wait for it. Read `value` to use it now; that throws
 * while the value is pending. A failure is kept until somebody asks, and never becomes an unhandled rejection.
 */
export class Eventual<T> {
  readonly promise: Promise<T>;
  readonly #what: string;
  #state: { value: T } | { error: unknown } | undefined;
  /** How to compute the value from others; undefined once it has been computed. */
  #derivation: { sources: readonly Eventual<unknown>[]; compute: () => T } | undefined;

  /** @param what - name of the value in the error for reading it too early, such as `The share` */
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

  /** Wrap a value that is already known. */
  static of<T>(value: T): Eventual<T> {
    const eventual = new Eventual<T>(Promise.resolve(value) as Promise<T>, "");
    eventual.#state = { value };
    return eventual;
  }

  /**
   * Compute a value from others: now if all are known, otherwise as soon as they are. The result settles at the same
   * moment as its last source, so code that waited for the sources can read it. If a source fails, the result fails
   * with the same error.
   *
   * @param compute - synchronous; called once, when `value` of every source can be read
   * @throws what `compute` throws, if all sources are known
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

  /** Whether it settled with a failure. */
  get failed(): boolean {
    return this.settled && "error" in this.#state!;
  }

  /**
   * @throws {UnsettledError} the value is still pending
   * @throws the failure, if computing the value failed
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
