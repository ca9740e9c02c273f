/** Stop a waiting cell. Node itself stops a cell that computes: see `runner.ts`. */

/** Thrown instead of a cell's result when the user interrupts it. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
}

/** Thrown where a cell calls `process.exit()`. The kernel replies to the cell before it exits. */
export class KernelExit extends Interrupted {
  override readonly name = "KernelExit";

  constructor(code: number) {
    super(`A cell called process.exit(${code}), so the kernel is shutting down. All its variables are lost.`);
  }
}

/** How long an interrupted wait may take to end the cell, in milliseconds. */
const PROMPT = 50;

/** Ends a cell's wait when the user interrupts it. */
export class Interrupter {
  private raise: ((reason: Interrupted) => void) | undefined;
  private abandon: ((reason: Interrupted) => void) | undefined;

  /**
   * Wait for `work` or an interrupt, whichever is first. Interrupted work continues, but its result is ignored.
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

  /**
   * Run a whole cell. Its code may have been stopped together with the part of the kernel that called it, such as a
   * display method that computes. Then end the cell here.
   *
   * @throws {Interrupted} nothing else ended the cell
   */
  async guard<T>(cell: Promise<T>): Promise<T> {
    const abandoned = new Promise<never>((_, reject) => {
      this.abandon = reject;
    });
    try {
      return await Promise.race([cell, abandoned]);
    } finally {
      this.abandon = undefined;
    }
  }

  /** The code that was running has been stopped: interrupt its cell. */
  stopped(): void {
    const { abandon } = this;
    this.interrupt();
    setTimeout(() => abandon?.(new Interrupted("The cell was interrupted.")), PROMPT);
  }

  /** Interrupt the current wait, if there is one. */
  interrupt(reason = new Interrupted("The cell was interrupted.")): void {
    this.raise?.(reason);
  }
}
