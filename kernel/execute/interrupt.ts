/** Stopping a cell that waits. A cell that computes is stopped by Node itself, see `runner.ts`. */

/** Thrown in place of a cell's own result when the person interrupts it. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
}

/** Thrown where a cell calls `process.exit()`: the kernel says goodbye before it goes. */
export class KernelExit extends Interrupted {
  override readonly name = "KernelExit";

  constructor(code: number) {
    super(`The kernel is ending, for a cell called process.exit(${code}). Nothing of it is kept.`);
  }
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
  interrupt(reason = new Interrupted("The cell was interrupted.")): void {
    this.raise?.(reason);
  }
}
