import { type Shape, transposedShape, transposeIndices } from "../tensor/shape";
import { spread } from "./align";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** The transpose of a matrix. No communication. */
export function transpose(x: SharedTensor): SharedTensor {
  const { iface, fracBits } = x;
  const shape = transposedShape(x.shape);
  return issue({ kind: "t", iface, operands: [x], shape, fracBits }, ({ scheme }, a) =>
    scheme.gather(a, transposeIndices(x.shape)),
  );
}

/** Repeats x along the axes in which it has size 1 or which it lacks. No communication. */
export function broadcastTo(x: SharedTensor, shape: Shape): SharedTensor {
  const { iface, fracBits } = x;
  return issue({ kind: "broadcast", iface, operands: [x], shape, fracBits }, (ctx, a) =>
    spread(ctx, a, x.shape, shape),
  );
}
