import { use } from "../protocol/step";
import { square as squareStep } from "../protocol/steps/square";
import { sizeOf } from "../tensor/shape";
import { issue } from "./issue";
import { rescale } from "./rescale";
import type { SharedTensor } from "./shared-tensor";

/**
 * Square element by element. Truncate if the square has more fractional bits than `precision`.
 *
 * @param precision - Default: the session's
 */
export function square(x: SharedTensor, precision = x.iface.precision): SharedTensor {
  const { iface, shape } = x;
  const { fracBits, cut } = rescale(precision, [x, x]);
  const length = sizeOf(shape);
  const uses = { square: use(squareStep, { length }), cut: cut(length) };
  return issue({ kind: "square", iface, operands: [x], shape, fracBits, uses }, async (_, [a], steps) => {
    const squared = await steps.square(a!);
    return steps.cut ? steps.cut(squared) : squared;
  });
}
