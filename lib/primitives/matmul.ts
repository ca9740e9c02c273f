import { use } from "../protocol/step";
import { matmul } from "../protocol/steps/matmul";
import { matmulShape, sizeOf } from "../tensor/shape";
import { issue } from "./issue";
import { planFactor, runFactor } from "./public-factor";
import { rescale } from "./rescale";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/** Multiply two secret matrices. Truncate the product if it has more fractional bits than the session's precision. */
export function timesMatrix(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const sizes = matmulShape(x.shape, y.shape);
  const shape = [sizes[0], sizes[2]];
  const { fracBits, cut } = rescale(iface.precision, [x, y]);
  const product = use(matmul, { sizes, left: x.value, right: y.value });
  const uses = { product, cut: cut(sizeOf(shape)) };
  return issue(
    { kind: "matmul", iface, operands: [x, y], shape, fracBits, uses },
    async (_, [a, b], steps) => {
      const result = await steps.product(a!, b!);
      return steps.cut ? steps.cut(result) : result;
    },
  );
}

/** Multiply a secret matrix by a public one on the given side: see public-factor.ts. */
export function timesPublicMatrix(x: SharedTensor, c: PublicTensor, side: "left" | "right"): SharedTensor {
  const { iface } = x;
  const sizes = side === "right" ? matmulShape(x.shape, c.shape) : matmulShape(c.shape, x.shape);
  const kind = side === "right" ? "matmulPublic" : "publicMatmul";
  const shape = [sizes[0], sizes[2]];
  const plan = planFactor(iface.precision, x, c, sizeOf(shape));
  const { fracBits, uses } = plan;
  return issue({ kind, iface, operands: [x], constant: c, shape, fracBits, uses }, (ctx, [a], steps) =>
    runFactor(ctx, a!, plan, steps, (ring, vector, limb) => {
      const factor = ctx.scheme.lift(limb.vector);
      return side === "right" ? ring.matmul(vector, factor, ...sizes) : ring.matmul(factor, vector, ...sizes);
    }),
  );
}
