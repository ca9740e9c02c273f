import { combine } from "../../primitives/add";
import { selectNegative } from "../../primitives/compare";
import { join, rearrange } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { weigh } from "../../primitives/weigh";
import { compose, sameElements } from "../../tensor/layout";
import { joinAsNew } from "../../tensor/parts";
import { rangeLayout } from "../../tensor/slices";

/** A number's magnitude up to a bound, and whether it is below zero. */
export interface Folded {
  /** |x|, or the bound where |x| is larger, at the scale of x. */
  readonly magnitude: SharedTensor;
  /** 1 where x < 0, else 0; integers. */
  readonly isNegative: SharedTensor;
  /** x where x < 0, else 0. */
  readonly negative: SharedTensor;
}

/**
 * Fold the number line at zero and cut it at a bound, by three comparisons at once. Exact.
 *
 * With n, l and g for x < 0, x < −bound and x > bound, |x| up to the bound is (1 − 2n + l − g)·x + (l + g)·bound.
 */
export function fold(x: SharedTensor, bound: number): Folded {
  const { shape, fracBits } = x;
  const shifted = (sign: 1 | -1, constant: number) =>
    weigh([x], { weights: [sign], constant, fracBits: 0 }, fracBits);
  const stack = (parts: readonly SharedTensor[]) =>
    join(
      "stack",
      parts,
      joinAsNew(
        parts.map((part) => part.shape),
        0,
      ),
    );
  const { chosen, product } = selectNegative(
    stack([x, shifted(1, bound), shifted(-1, bound)]),
    stack([x, x, x]),
  );
  const part = (whole: SharedTensor, index: number) => {
    const layout = rangeLayout(whole.shape, 0, index, index + 1);
    return rearrange("part", whole, compose(layout, sameElements(layout.shape, shape)));
  };
  const [negative, less, greater] = [0, 1, 2].map((index) => part(product, index)) as [
    SharedTensor,
    SharedTensor,
    SharedTensor,
  ];
  const inside = weigh([x, negative, less, greater], { weights: [1, -2, 1, -1], fracBits: 0 }, fracBits);
  const outside = weigh([part(chosen, 1), part(chosen, 2)], { weights: [bound, bound], fracBits }, fracBits);
  return { magnitude: combine("add", inside, outside), isNegative: part(chosen, 0), negative };
}
