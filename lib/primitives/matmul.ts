import { matmulShape, sizeOf } from "../tensor/shape";
import { issue } from "./issue";
import { rescale } from "./rescale";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/** The matrix product of two secrets. 1 round, and 1 more where it is truncated. */
export function timesMatrix(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const sizes = matmulShape(x.shape, y.shape);
  const shape = [sizes[0], sizes[2]];
  const scale = rescale(iface, [x, y]);
  const { fracBits } = scale;
  const matmul = { sizes, left: x.value, right: y.value };
  const work = { ...scale.work(sizeOf(shape), 0), matmul };
  return issue({ kind: "matmul", iface, operands: [x, y], shape, fracBits, work }, async (ctx, a, b) =>
    scale.apply(ctx, await ctx.scheme.matmul(ctx, a, b, sizes)),
  );
}

/** The matrix product of a secret and a public matrix, on the side given. No round, or 1 where it is truncated. */
export function timesPublicMatrix(x: SharedTensor, c: PublicTensor, side: "left" | "right"): SharedTensor {
  const { iface } = x;
  const sizes = side === "right" ? matmulShape(x.shape, c.shape) : matmulShape(c.shape, x.shape);
  const scale = rescale(iface, [x, c]);
  const kind = side === "right" ? "matmulPublic" : "publicMatmul";
  const [shape, { fracBits }] = [[sizes[0], sizes[2]], scale];
  const work = scale.work(sizeOf(shape));
  return issue({ kind, iface, operands: [x], constant: c, shape, fracBits, work }, (ctx, a) =>
    scale.apply(ctx, ctx.scheme.matmulPublic(a, c.vector, side, sizes)),
  );
}
