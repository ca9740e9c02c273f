import type { Eventual } from "../../eventual";
import type { RingVector } from "../../ring";
import type { LongTensor } from "../../tensor/long-tensor";
import type { SecretInput } from "../../tensor/secret";
import { bracketShape, sameShape } from "../../tensor/shape";

/** Stands in for the other party of a session in the clear: gives the values that the notebook lacks. */
export class StandIn {
  readonly #inputs: SecretInput[];
  #taken = 0;
  /** Shares that were sent to it, until this party wraps its own. */
  readonly #sent: LongTensor[] = [];
  readonly #whole = new WeakSet<Eventual<RingVector>>();

  constructor(inputs: readonly SecretInput[]) {
    this.#inputs = [...inputs];
  }

  /**
   * Return the next of the given inputs.
   *
   * @param call - the call that lacks a value, for the error
   * @throws {TypeError} there are no more
   */
  next(call: string): SecretInput {
    if (this.#taken < this.#inputs.length) return this.#inputs[this.#taken++]!;
    const given = this.#inputs.length === 0 ? "none were given" : `all ${this.#inputs.length} are used`;
    throw new TypeError(
      `${call}: this notebook has no values for it; pass them in order, as in ` +
        `spdz.plain({ party: 0, inputs: [[1, 2]] }): ${given}`,
    );
  }

  /** Take a share that this party sends. */
  take(share: LongTensor): void {
    this.#sent.push(share);
  }

  /** Mark words as a whole value, of which the other party holds no share. */
  mark(words: Eventual<RingVector>): void {
    this.#whole.add(words);
  }

  /**
   * Return what the other party would hold of a value, when this party wraps its own words of it. It runs the same cell:
   * it wraps the same plain numbers, or the share that it was sent.
   *
   * @returns undefined if it holds zeros
   */
  counterpart({ vector, isShare, shape, fracBits, origin }: LongTensor): Eventual<RingVector> | undefined {
    if (this.#whole.has(vector) || origin.whole) return undefined;
    if (!isShare) return vector;
    const [share] = this.#sent;
    if (!share) return undefined;
    if (!sameShape(share.shape, shape) || share.fracBits !== fracBits) {
      throw new TypeError(
        `in the clear, shares are put together in the order in which they were sent: this one has shape ` +
          `${bracketShape(shape)} and ${fracBits} fractional bits, the one that was sent first ` +
          `${bracketShape(share.shape)} and ${share.fracBits}`,
      );
    }
    return this.#sent.shift()!.vector;
  }
}
