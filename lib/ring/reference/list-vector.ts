import { disposedError } from "../check";
import type { Ring, RingVector } from "../ring";

/** A vector stored as a list of reduced integers of some library. */
export class ListVector<E> implements RingVector {
  readonly length: number;
  #values: readonly E[] | undefined;

  constructor(
    readonly ring: Ring,
    values: readonly E[],
  ) {
    this.length = values.length;
    this.#values = values;
  }

  get values(): readonly E[] {
    if (this.#values === undefined) throw disposedError();
    return this.#values;
  }

  dispose(): void {
    this.#values = undefined;
  }
}
