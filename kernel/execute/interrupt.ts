/** Stopping a cell that waits. A cell that computes is stopped by Node itself, see `runner.ts`. */

/** Thrown in place of a cell's own result when the person interrupts it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Lets whatever a cell waits for lose against the person's interrupt. */
export class Interrupter {
  private raise: ((reason: Interrupted) => void) | undefined;

  /**
   * Waits for `work` or an interrupt, whichever is first. Interrupted work goes on, unheard.
   *
   * @throws {Interrupted} there was an interrupt
   */
  async race<T>(work: PromiseLike<T>): Promise<T> {
    const interrupt = new Promise<never>((_, reject) => {
      this.raise = reject;
    });
    try {
      return await Promise.race([work, interrupt]);
    } finally {
      this.raise = undefined;
      Promise.resolve(work).catch(() => {});
    }
  }

  /** Interrupts the wait under way, if there is one. */
  interrupt(): void {
    this.raise?.(new Interrupted("The cell was interrupted."));
  }
}
