/** Primitives that add up elements along axes, by strides. None sends a message. */
import { addUp, around, planReduction, type Reduction } from "../tensor/reduction";
import { bracketShape, type Shape, sameShape } from "../tensor/shape";
import { mapShare } from "./align";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Add up the elements of a reduction. */
export function sumAxes(x: SharedTensor, reduction: Reduction): SharedTensor {
  return sumBy(x, reduction, reduction.shape, `over ${bracketShape(reduction.axes)}`);
}

/** Sum over the axes along which a tensor of the given shape would be broadcast to x's shape. */
export function sumTo(x: SharedTensor, shape: Shape): SharedTensor {
  if (sameShape(x.shape, shape)) return x;
  const ahead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((extent, axis) =>
    axis < ahead || (shape[axis - ahead] === 1 && extent !== 1) ? [axis] : [],
  );
  // The shapes alone say which axes these are.
  return sumBy(x, planReduction("sum", x.shape, axes), shape);
}

function sumBy(x: SharedTensor, reduction: Reduction, shape: Shape, options?: string): SharedTensor {
  const { iface, fracBits } = x;
  const choice = options === undefined ? undefined : { options };
  return issue({ kind: "sum", iface, operands: [x], choice, shape, fracBits }, (ctx, [a]) =>
    reduction.sums.length === 0 ? a! : mapShare(ctx, a!, (ring, vector) => addUp(ring, vector, reduction)),
  );
}

/** Running sums along an axis. */
export function cumulate(x: SharedTensor, axis: number): SharedTensor {
  const { iface, shape, fracBits } = x;
  const { outer, axis: extent, inner } = around("cumsum", axis, shape);
  const choice = { options: `along ${outer}×${extent}×${inner}` };
  return issue({ kind: "cumsum", iface, operands: [x], choice, shape, fracBits }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) => ring.cumulateAxis(vector, outer, extent, inner)),
  );
}
