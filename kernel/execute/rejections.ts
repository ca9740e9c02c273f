/** Rejected promises that nobody awaits. Node reports each once the code that was running has returned. */

/** Collects them while a cell runs: they are the cell's error. */
export class Rejections {
  private during: Map<Promise<unknown>, unknown> | undefined;

  /** Take a rejection. Returns false between cells. */
  take(reason: unknown, promise: Promise<unknown>): boolean {
    this.during?.set(promise, reason);
    return this.during !== undefined;
  }

  /** Forget a rejection: the cell has awaited the promise after all. */
  forget(promise: Promise<unknown>): void {
    this.during?.delete(promise);
  }

  /**
   * Run a cell.
   *
   * @returns what it returned, and the reasons of the promises that were rejected meanwhile
   */
  async collect<T>(run: () => Promise<T>): Promise<[result: T, reasons: readonly unknown[]]> {
    const rejected = new Map<Promise<unknown>, unknown>();
    this.during = rejected;
    try {
      const result = await run();
      // Node reports rejections after the microtasks, and the turn after that has seen all of this cell.
      await new Promise(setImmediate);
      return [result, [...rejected.values()]];
    } finally {
      this.during = undefined;
    }
  }
}
