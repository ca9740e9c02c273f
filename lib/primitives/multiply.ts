import { use } from "../protocol/step";
import { multiply } from "../protocol/steps/multiply";
import { broadcastShapes, sizeOf } from "../tensor/shape";
import { spread, spreadPublic, spreadVector } from "./align";
import { issue } from "./issue";
import { planFactor, reciprocal, runFactor } from "./public-factor";
import { rescale } from "./rescale";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/**
 * Multiply element by element, with broadcasting. Truncate if the product has more fractional bits than `precision`.
 *
 * @param precision - Default: the session's
 */
export function times(x: SharedTensor, y: SharedTensor, precision = x.iface.precision): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape, "mul");
  const { fracBits, cut } = rescale(precision, [x, y]);
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

/** Multiply by a public factor c, element by element: see public-factor.ts. */
export function timesPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const shape = broadcastShapes(x.shape, c.shape, "mul");
  const plan = planFactor(iface.precision, x, c, sizeOf(shape));
  const { fracBits, uses } = plan;
  return issue(
    { kind: "mulPublic", iface, operands: [x], constant: c, shape, fracBits, uses },
    (ctx, [a], steps) =>
      runFactor(ctx, a!, plan, steps, (ring, vector, limb) =>
        ring.mul(spreadVector(vector, x.shape, shape), ctx.scheme.lift(spreadPublic(limb, shape))),
      ),
  );
}

/**
 * Divide by a whole number n, as a mean does: within one unit in the last place whatever the magnitude of x. The result
 * has the session's precision.
 *
 * @throws {RangeError} n is not a whole number from 1 to 2^53
 */
export function divideByWhole(x: SharedTensor, n: number): SharedTensor {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new RangeError(`a count must be a whole number from 1 to 2^53, got ${n}`);
  return timesPublic(x, reciprocal(x.iface.precision, n));
}
