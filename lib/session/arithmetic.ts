import type { OperationContext } from "../protocol/context";
import { multiply, multiplyMatrices } from "../protocol/multiply";
import { open } from "../protocol/open";
import { truncate } from "../protocol/truncate";
import type { RingVector } from "../ring";
import type { Eventual } from "../tensor/eventual";
import { decodeVector } from "../tensor/fixed-point";
import type { FloatTensor } from "../tensor/float-tensor";
import {
  broadcastIndices,
  broadcastShapes,
  matmulShape,
  type Shape,
  sameShape,
  sizeOf,
  transposedShape,
  transposeIndices,
} from "../tensor/shape";
import type { DistributedInterface } from "./distributed-interface";
import type { Operand } from "./lockstep";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/**
 * The operations on shared tensors, each one operation in the lockstep of both parties. Shapes and scales are
 * checked at the call; the result is a handle.
 */

/** What an operation is and what it makes, before it runs. */
interface Plan {
  readonly kind: string;
  readonly iface: DistributedInterface;
  readonly operands: readonly SharedTensor[];
  readonly constant?: PublicTensor;
  readonly shape: Shape;
  readonly fracBits: number;
}

/** Issues an operation whose body runs once the shares of all its secret operands are there. */
function issue(plan: Plan, body: (ctx: OperationContext) => RingVector | Promise<RingVector>): SharedTensor {
  const { kind, iface, operands, constant, shape, fracBits } = plan;
  const requiresGrad = operands.some((operand) => operand.requiresGrad);
  const all: readonly Operand[] = constant
    ? [...operands, { shape: constant.shape, fracBits: constant.fracBits }]
    : operands;
  const description = {
    kind,
    operands: all.map(({ shape, fracBits, requiresGrad = false }) => ({ shape, fracBits, requiresGrad })),
    ...(constant && { constants: constant.vector.ring.toBytes(constant.vector) }),
  };
  const share = iface.run(description, inputsOf(iface, operands), async (ctx) => body(ctx));
  return { iface, session: iface.session, shape, fracBits, requiresGrad, share };
}

/**
 * What an operation waits for before it starts.
 *
 * @throws {TypeError} an operand was shared in a session that has ended
 */
function inputsOf(iface: DistributedInterface, operands: readonly SharedTensor[]): Eventual<RingVector>[] {
  if (operands.some(({ session }) => session !== iface.session)) {
    throw new TypeError("a value was shared in a session that has ended: share it again with this one");
  }
  return operands.map(({ share }) => share);
}

/** x + y or x − y with broadcasting; the coarser scale is brought to the finer. No communication. */
export function combine(kind: "add" | "sub", x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape);
  const fracBits = Math.max(x.fracBits, y.fracBits);
  return issue({ kind, iface, operands: [x, y], shape, fracBits }, async ({ ring }) => {
    const [a, b] = [x.share.value, y.share.value];
    return ring[kind](align(a, x, shape, fracBits), align(b, y, shape, fracBits));
  });
}

/** x + c for a public c; party 0 alone adds it. No communication. */
export function addPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const shape = broadcastShapes(x.shape, c.shape);
  const fracBits = Math.max(x.fracBits, c.fracBits);
  return issue(
    { kind: "addPublic", iface: x.iface, operands: [x], constant: c, shape, fracBits },
    async (ctx) => {
      const a = align(x.share.value, x, shape, fracBits);
      return ctx.online.party === 0 ? ctx.ring.add(a, align(c.vector, c, shape, fracBits)) : a;
    },
  );
}

/** −x. No communication. */
export function negate(x: SharedTensor): SharedTensor {
  const { iface, shape, fracBits } = x;
  return issue({ kind: "neg", iface, operands: [x], shape, fracBits }, async ({ ring }) =>
    ring.neg(x.share.value),
  );
}

/** x · y element by element, with broadcasting. 1 round, and 1 more where the product is truncated. */
export function times(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape);
  const scale = rescale(iface, x.fracBits + y.fracBits);
  return issue({ kind: "mul", iface, operands: [x, y], shape, fracBits: scale.fracBits }, async (ctx) => {
    const [a, b] = [x.share.value, y.share.value];
    const triple = await ctx.preprocessing.triple(ctx, sizeOf(shape));
    return scale.apply(
      ctx,
      await multiply(ctx, spread(a, x.shape, shape), spread(b, y.shape, shape), triple),
    );
  });
}

/** x · c for a public c, element by element. No round, or 1 where the product is truncated. */
export function timesPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const shape = broadcastShapes(x.shape, c.shape);
  const scale = rescale(iface, x.fracBits + c.fracBits);
  const { fracBits } = scale;
  return issue({ kind: "mulPublic", iface, operands: [x], constant: c, shape, fracBits }, async (ctx) => {
    const a = spread(x.share.value, x.shape, shape);
    return scale.apply(ctx, ctx.ring.mul(a, spread(c.vector, c.shape, shape)));
  });
}

/** The matrix product of two secrets. 1 round, and 1 more where it is truncated. */
export function timesMatrix(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const sizes = matmulShape(x.shape, y.shape);
  const shape = [sizes[0], sizes[2]];
  const scale = rescale(iface, x.fracBits + y.fracBits);
  return issue({ kind: "matmul", iface, operands: [x, y], shape, fracBits: scale.fracBits }, async (ctx) => {
    const [a, b] = [x.share.value, y.share.value];
    const triple = await ctx.preprocessing.matmulTriple(ctx, ...sizes);
    return scale.apply(ctx, await multiplyMatrices(ctx, a, b, sizes, triple));
  });
}

/** The matrix product of a secret and a public matrix, on the side given. No round, or 1 where it is truncated. */
export function timesPublicMatrix(x: SharedTensor, c: PublicTensor, side: "left" | "right"): SharedTensor {
  const { iface } = x;
  const [m, k, n] = side === "right" ? matmulShape(x.shape, c.shape) : matmulShape(c.shape, x.shape);
  const scale = rescale(iface, x.fracBits + c.fracBits);
  const kind = side === "right" ? "matmulPublic" : "publicMatmul";
  const { fracBits } = scale;
  return issue({ kind, iface, operands: [x], constant: c, shape: [m, n], fracBits }, async (ctx) => {
    const a = x.share.value;
    const [left, right] = side === "right" ? [a, c.vector] : [c.vector, a];
    return scale.apply(ctx, ctx.ring.matmul(left, right, m, k, n));
  });
}

/** The transpose of a matrix. No communication. */
export function transpose(x: SharedTensor): SharedTensor {
  const { iface, fracBits } = x;
  const shape = transposedShape(x.shape);
  return issue({ kind: "t", iface, operands: [x], shape, fracBits }, async ({ ring }) =>
    ring.gather(x.share.value, transposeIndices(x.shape)),
  );
}

/** Sums over the axes along which a tensor of that shape would be broadcast to x. No communication. */
export function sumTo(x: SharedTensor, shape: Shape): SharedTensor {
  if (sameShape(x.shape, shape)) return x;
  const { iface, fracBits } = x;
  return issue({ kind: "sum", iface, operands: [x], shape, fracBits }, async ({ ring }) =>
    ring.scatterAdd(x.share.value, broadcastIndices(shape, x.shape), sizeOf(shape)),
  );
}

/** Repeats x along the axes in which it has size 1 or which it lacks. No communication. */
export function broadcastTo(x: SharedTensor, shape: Shape): SharedTensor {
  const { iface, fracBits } = x;
  return issue({ kind: "broadcast", iface, operands: [x], shape, fracBits }, async () =>
    spread(x.share.value, x.shape, shape),
  );
}

/** Opens x to both parties. 1 round, 8 bytes for each element each way. */
export function reveal(x: SharedTensor): Promise<FloatTensor> {
  const { iface, shape, fracBits, requiresGrad } = x;
  const operands = [{ shape, fracBits, requiresGrad }];
  return iface.run({ kind: "reveal", operands }, inputsOf(iface, [x]), async (ctx) =>
    decodeVector(await open(ctx, x.share.value), shape, fracBits),
  ).promise;
}

/** Where a product of that scale goes: back to the session's precision, if it is finer. */
function rescale(iface: DistributedInterface, fracBits: number) {
  const excess = Math.max(0, fracBits - iface.precision);
  return {
    fracBits: fracBits - excess,
    async apply(ctx: OperationContext, product: RingVector): Promise<RingVector> {
      if (excess === 0) return product;
      const mask = await ctx.preprocessing.truncationMask(ctx, product.length, excess);
      return truncate(ctx, product, excess, mask);
    },
  };
}

function align(x: RingVector, from: Operand, shape: Shape, fracBits: number): RingVector {
  const scaled = from.fracBits === fracBits ? x : x.ring.shiftLeft(x, fracBits - from.fracBits);
  return spread(scaled, from.shape, shape);
}

function spread(x: RingVector, from: Shape, to: Shape): RingVector {
  return sameShape(from, to) ? x : x.ring.gather(x, broadcastIndices(from, to));
}
