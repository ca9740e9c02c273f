import { placesOf } from "../protocol/leading-bit-places";
import { use } from "../protocol/step";
import { leadingBit as step } from "../protocol/steps/leading-bit";
import { sizeOf } from "../tensor/shape";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** How many bits magnitudes have at most, and whether numbers below zero count. */
export interface LeadingBitOptions {
  readonly width: number;
  readonly signed: boolean;
}

/**
 * Mark the highest bit of each word of x: integers 0 and 1 along a new last axis, and the sign as the last of them; see
 * `placesOf`. Exact where −2^width ≤ x < 2^width in units of the last place.
 */
export function leadingBit(x: SharedTensor, { width, signed }: LeadingBitOptions): SharedTensor {
  const { iface } = x;
  const sizes = { length: sizeOf(x.shape), width, signed };
  const { count } = placesOf(sizes);
  const choice = { options: `${width}${signed ? " signed" : ""}` };
  return issue(
    {
      kind: "leadingBit",
      iface,
      operands: [x],
      choice,
      shape: [...x.shape, count],
      fracBits: 0,
      uses: { mark: use(step, sizes) },
    },
    (_, [a], steps) => steps.mark(a!),
  );
}
