/** Corrections that are being made. */

import type { DealRequest } from "../wire/messages";

/** The result of a step: a piece, or nothing to send yet, and how many milliseconds it took. */
export interface DealingStep {
  readonly bytes: Uint8Array | undefined;
  readonly ms: number;
}

export interface DealingSize {
  readonly steps: number;
  /** Bytes of all pieces together, and of the largest one. */
  readonly total: number;
  readonly largest: number;
}

/** The corrections of one request, a step at a time. */
export interface DealingJob {
  readonly size: DealingSize;
  /** Run the next step. It may be requested before the previous one has ended; steps end in order. */
  step(): Promise<DealingStep>;
  /** Stop, and overwrite the seeds. */
  close(): void;
}

/** Deals party 1's corrections of a request. Throws if the request cannot or must not be served. */
export type Deal = (
  request: DealRequest,
  seeds: readonly [Uint8Array, Uint8Array],
  authenticated: boolean,
) => DealingJob;

/** The steps of a generator, in this thread. */
export class LocalDealingJob implements DealingJob {
  readonly #pieces: Iterator<Uint8Array | undefined, void>;
  #before: Promise<unknown> = Promise.resolve();

  constructor(
    readonly size: DealingSize,
    pieces: Iterator<Uint8Array | undefined, void>,
    readonly onClose: () => void = () => undefined,
  ) {
    this.#pieces = pieces;
  }

  step(): Promise<DealingStep> {
    const step = this.#before.then(() => {
      const start = performance.now();
      const { value } = this.#pieces.next();
      return { bytes: value ?? undefined, ms: performance.now() - start };
    });
    this.#before = step.catch(() => undefined);
    return step;
  }

  close(): void {
    void this.#before.then(() => {
      this.#pieces.return?.();
      this.onClose();
    });
  }
}
