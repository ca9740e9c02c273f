import { type Shape, transposedShape, transposeIndices } from "../tensor/shape";
import { mapShare, spread } from "./align";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Transpose a matrix. No message. */
export function transpose(x: SharedTensor): SharedTensor {
  const { iface, fracBits } = x;
  const shape = transposedShape(x.shape);
  return issue({ kind: "t", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) => ring.gather(vector, transposeIndices(x.shape))),
  );
}

/** Broadcast x along missing axes and axes of size 1. No message. */
export function broadcastTo(x: SharedTensor, shape: Shape): SharedTensor {
  const { iface, fracBits } = x;
  return issue({ kind: "broadcast", iface, operands: [x], shape, fracBits }, (ctx, [a]) =>
    spread(ctx, a!, x.shape, shape),
  );
}
