/** Rejected promises that nobody awaits. Node reports each once the code that was running has returned. */

import { type Cell, currentCell } from "../cell/cell";

/** Collects those of the running cell: they are its error. Those of earlier cells belong to these. */
export class Rejections {
  private cell: Cell | undefined;
  private during: Map<Promise<unknown>, unknown> | undefined;

  /** Take a rejection. Returns false if the running cell did not cause it. */
  take(reason: unknown, promise: Promise<unknown>): boolean {
    // Node reports a rejection in the context of the promise.
    if (this.during === undefined || currentCell() !== this.cell) return false;
    this.during.set(promise, reason);
    return true;
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
  async collect<T>(cell: Cell, run: () => Promise<T>): Promise<[result: T, reasons: readonly unknown[]]> {
    const rejected = new Map<Promise<unknown>, unknown>();
    this.during = rejected;
    this.cell = cell;
    try {
      const result = await run();
      // Node reports rejections after the microtasks, and the turn after that has seen all of this cell.
      await new Promise(setImmediate);
      return [result, [...rejected.values()]];
    } finally {
      this.during = undefined;
      this.cell = undefined;
    }
  }
}
