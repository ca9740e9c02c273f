interface Failure {
  readonly number: number;
  readonly error: unknown;
}

/** Work that is under way, and failures that nobody has been told of yet. */
export class Pending {
  readonly #work = new Set<Promise<unknown>>();
  #released = new WeakSet<Promise<unknown>>();
  #failures: Failure[] = [];

  get empty(): boolean {
    return this.#work.size === 0;
  }

  /** @param number - of its operation; failures are told in that order */
  add(number: number, work: Promise<unknown>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.#failures.push({ number, error });
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Waits for everything, also for what was released; see `settle`. */
  settleAll(onIdle: () => void): Promise<void> {
    this.#released = new WeakSet();
    return this.settle(onIdle);
  }

  /**
   * Waits for everything but what was released.
   *
   * @param onIdle - called when all has ended, unless this wait was interrupted
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

  /** What is under way is not waited for at the end of a cell any more: the person has interrupted that wait. */
  release(): void {
    this.#released = new WeakSet(this.#work);
  }

  /** Settles when what is under way now has ended. */
  ended(): Promise<unknown> {
    return Promise.allSettled(this.#work);
  }
}
