import { UnsettledError } from "../errors";

/**
 * A value that is known now or under way. What waits for it awaits `promise`; what needs it now reads `value`,
 * which throws while it is under way. A failure is kept for whoever asks and never becomes an unhandled rejection.
 */
export class Eventual<T> {
  readonly promise: Promise<T>;
  readonly #what: string;
  #state: { value: T } | { error: unknown } | undefined;

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

  /** What `f` makes of the value, at once where it is known. */
  map<U>(f: (value: T) => U): Eventual<U> {
    if (this.#state && "value" in this.#state) return Eventual.of(f(this.#state.value));
    return new Eventual(this.promise.then(f), this.#what);
  }

  get settled(): boolean {
    return this.#state !== undefined;
  }

  /**
   * @throws {UnsettledError} the value is still under way
   * @throws the failure, when what made it failed
   */
  get value(): T {
    if (this.#state === undefined) throw new UnsettledError(this.#what);
    if ("error" in this.#state) throw this.#state.error;
    return this.#state.value;
  }
}
