interface Failure {
  readonly number: number;
  readonly error: unknown;
}

/** Running operations, and failures that have not been reported yet. */
export class Pending {
  readonly #work = new Set<Promise<unknown>>();
  #released = new WeakSet<Promise<unknown>>();
  #failures: Failure[] = [];

  get empty(): boolean {
    return this.#work.size === 0;
  }

  /** @param number - its operation's number; failures are reported in that order */
  add(number: number, work: Promise<unknown>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.#failures.push({ number, error });
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Wait for everything, including released work; see `settle`. */
  settleAll(onIdle: () => void): Promise<void> {
    this.awaitAgain();
    return this.settle(onIdle);
  }

  /**
   * Wait for everything except released work.
   *
   * @param onIdle - called when everything has ended, unless this wait was interrupted
   * @throws the first failure by number; each is thrown once
   */
  async settle(onIdle: () => void): Promise<void> {
    const released = this.#released;
    const awaited = () => [...this.#work].filter((work) => !this.#released.has(work));
    for (let work = awaited(); work.length > 0; work = awaited()) await Promise.allSettled(work);
    // If this wait was interrupted, nobody is listening; leave the failures for the next waiter.
    if (released !== this.#released) return;
    onIdle();
    const [first] = this.#failures.sort((a, b) => a.number - b.number);
    this.#failures = [];
    if (first) throw first.error;
  }

  /** Stop waiting for running operations at the end of a cell: the user has interrupted that wait. */
  release(): void {
    this.#released = new WeakSet(this.#work);
  }

  /** Wait for released work again. */
  awaitAgain(): void {
    this.#released = new WeakSet();
  }

  /** Settles when everything that is running now has ended. */
  ended(): Promise<unknown> {
    return Promise.allSettled(this.#work);
  }
}
