import { broadcastShapes, sizeOf } from "../tensor/shape";
import { spread, spreadPublic } from "./align";
import { issue } from "./issue";
import { rescale } from "./rescale";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/** x · y element by element, with broadcasting. 1 round, and 1 more where the product is truncated. */
export function times(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape);
  const scale = rescale(iface, [x, y]);
  const { fracBits } = scale;
  const work = scale.work(sizeOf(shape), sizeOf(shape));
  return issue({ kind: "mul", iface, operands: [x, y], shape, fracBits, work }, async (ctx, a, b) => {
    const [left, right] = [spread(ctx, a, x.shape, shape), spread(ctx, b, y.shape, shape)];
    return scale.apply(ctx, await ctx.scheme.multiply(ctx, left, right));
  });
}

/** x · c for a public c, element by element. No round, or 1 where the product is truncated. */
export function timesPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const shape = broadcastShapes(x.shape, c.shape);
  const scale = rescale(iface, [x, c]);
  const { fracBits } = scale;
  const work = scale.work(sizeOf(shape));
  return issue({ kind: "mulPublic", iface, operands: [x], constant: c, shape, fracBits, work }, (ctx, a) =>
    scale.apply(ctx, ctx.scheme.mulPublic(spread(ctx, a, x.shape, shape), spreadPublic(c, shape))),
  );
}
