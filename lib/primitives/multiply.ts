import { use } from "../protocol/step";
import { multiply } from "../protocol/steps/multiply";
import { broadcastShapes, sizeOf } from "../tensor/shape";
import { mapShare, spread, spreadPublic } from "./align";
import { issue } from "./issue";
import { rescale } from "./rescale";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/**
 * Multiply element by element, with broadcasting. Truncate if the product has more fractional bits than the session's
 * precision.
 */
export function times(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape, "mul");
  const { fracBits, cut } = rescale(iface, [x, y]);
  const length = sizeOf(shape);
  const uses = { product: use(multiply, { length }), cut: cut(length) };
  return issue(
    { kind: "mul", iface, operands: [x, y], shape, fracBits, uses },
    async (ctx, [a, b], steps) => {
      const [left, right] = [spread(ctx, a!, x.shape, shape), spread(ctx, b!, y.shape, shape)];
      const product = await steps.product(left, right);
      return steps.cut ? steps.cut(product) : product;
    },
  );
}

/** Multiply by a public c, element by element. Truncate likewise. */
export function timesPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const shape = broadcastShapes(x.shape, c.shape, "mul");
  const { fracBits, cut } = rescale(iface, [x, c]);
  const uses = { cut: cut(sizeOf(shape)) };
  return issue(
    { kind: "mulPublic", iface, operands: [x], constant: c, shape, fracBits, uses },
    (ctx, [a], steps) => {
      const product = mapShare(ctx, spread(ctx, a!, x.shape, shape), (ring, vector) =>
        ring.mul(vector, ctx.scheme.lift(spreadPublic(c, shape))),
      );
      return steps.cut ? steps.cut(product) : product;
    },
  );
}
