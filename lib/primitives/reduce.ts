import { broadcastIndices, type Shape, sameShape, sizeOf } from "../tensor/shape";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Sums over the axes along which a tensor of that shape would be broadcast to x. No communication. */
export function sumTo(x: SharedTensor, shape: Shape): SharedTensor {
  if (sameShape(x.shape, shape)) return x;
  const { iface, fracBits } = x;
  return issue({ kind: "sum", iface, operands: [x], shape, fracBits }, ({ scheme }, a) =>
    scheme.scatterAdd(a, broadcastIndices(shape, x.shape), sizeOf(shape)),
  );
}
