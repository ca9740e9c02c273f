import { broadcastIndices, type Shape, sameShape, sizeOf } from "../tensor/shape";
import { mapShare } from "./align";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Sum over the axes along which a tensor of the given shape would be broadcast to x's shape. No message. */
export function sumTo(x: SharedTensor, shape: Shape): SharedTensor {
  if (sameShape(x.shape, shape)) return x;
  const { iface, fracBits } = x;
  return issue({ kind: "sum", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) =>
      ring.scatterAdd(vector, broadcastIndices(shape, x.shape), sizeOf(shape)),
    ),
  );
}
