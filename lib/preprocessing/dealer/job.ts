/** Corrections in the making. */

/** What a step came to: a piece, or nothing to send yet; and how long it took, in milliseconds. */
export interface Step {
  readonly bytes: Uint8Array | undefined;
  readonly ms: number;
}

export interface JobSize {
  readonly steps: number;
  /** Bytes of all pieces together, and of the largest one. */
  readonly total: number;
  readonly largest: number;
}

/** The corrections of one request, a step at a time. */
export interface Job {
  readonly size: JobSize;
  /** The next step. It may be asked for before the one before it has ended; they end in order. */
  step(): Promise<Step>;
  /** Nobody wants the rest: overwrites the seeds. */
  end(): void;
}

/** The steps of a generator, in this thread. */
export class LocalJob implements Job {
  readonly #pieces: Iterator<Uint8Array | undefined, void>;
  #before: Promise<unknown> = Promise.resolve();

  constructor(
    readonly size: JobSize,
    pieces: Iterator<Uint8Array | undefined, void>,
    readonly onEnd: () => void = () => undefined,
  ) {
    this.#pieces = pieces;
  }

  step(): Promise<Step> {
    const step = this.#before.then(() => {
      const start = performance.now();
      const { value } = this.#pieces.next();
      return { bytes: value ?? undefined, ms: performance.now() - start };
    });
    this.#before = step.catch(() => undefined);
    return step;
  }

  end(): void {
    void this.#before.then(() => {
      this.#pieces.return?.();
      this.onEnd();
    });
  }
}
