import type { Party } from "../channel/channel";
import { Eventual } from "../eventual";
import type { OperationContext } from "../protocol/context";
import type { Work } from "../protocol/scheme";
import type { RingVector } from "../ring";
import { decodeVector, VALUE_BITS } from "../tensor/fixed-point";
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
import { nameOperation, type Operand } from "./lockstep/lockstep";
import { planning } from "./planning";
import {
  commonInterface,
  type PublicTensor,
  requireUsable,
  type SharedTensor,
  shareOf,
} from "./shared-tensor";

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
  /** What it takes of correlated randomness. */
  readonly work?: Work | undefined;
}

/** Issues an operation whose body runs once the shares of all its secret operands are there; it gets them in order. */
function issue(plan: Plan, body: (ctx: OperationContext, x: unknown, y: unknown) => unknown): SharedTensor {
  const { kind, iface, operands, constant, shape, fracBits } = plan;
  const requiresGrad = operands.some((operand) => operand.requiresGrad);
  const description = describe(kind, operands, constant);
  const name = nameOperation(description);
  // Before the first operand enters, which is an operation too.
  operands.forEach(requireUsable);
  if (plan.work) iface.session.sharing.refuse(plan.work);
  const shares = operands.map((operand) => shareOf(operand, name));
  const share = iface.run(
    { ...description, result: { shape, fracBits, requiresGrad } },
    shares,
    async (ctx) => body(ctx, shares[0]?.value, shares[1]?.value),
    plan.work,
  );
  return resultOf(iface, share, { shape, fracBits, requiresGrad });
}

/** The value that an operation makes. */
export function resultOf(
  iface: DistributedInterface,
  share: Eventual<unknown>,
  result: { readonly shape: Shape; readonly fracBits: number; readonly requiresGrad: boolean },
): SharedTensor {
  const { session } = iface;
  return {
    iface,
    session,
    generation: session.generation,
    value: session.value(),
    ...result,
    held: { share },
  };
}

function describe(kind: string, operands: readonly SharedTensor[], constant?: PublicTensor) {
  const all: readonly Operand[] = constant ? [...operands, constant] : operands;
  return {
    kind,
    operands: all.map(({ shape, fracBits, value, requiresGrad = false }) => ({
      shape,
      fracBits,
      value,
      requiresGrad,
    })),
    ...(constant && { constants: constant.vector.ring.toBytes(constant.vector) }),
  };
}

/** x + y or x − y with broadcasting; the coarser scale is brought to the finer. No communication. */
export function combine(kind: "add" | "sub", x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape);
  const fracBits = Math.max(x.fracBits, y.fracBits);
  return issue({ kind, iface, operands: [x, y], shape, fracBits }, (ctx, a, b) =>
    ctx.scheme[kind](align(ctx, a, x, shape, fracBits), align(ctx, b, y, shape, fracBits)),
  );
}

/** x + c for a public c. No communication. */
export function addPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const { iface } = x;
  const shape = broadcastShapes(x.shape, c.shape);
  const fracBits = Math.max(x.fracBits, c.fracBits);
  requireRoom(c, fracBits - c.fracBits);
  return issue({ kind: "addPublic", iface, operands: [x], constant: c, shape, fracBits }, (ctx, a) => {
    const { ring } = c.vector;
    const constant = spreadPublic(c, shape);
    const aligned = c.fracBits === fracBits ? constant : ring.shiftLeft(constant, fracBits - c.fracBits);
    return ctx.scheme.addPublic(ctx, align(ctx, a, x, shape, fracBits), aligned);
  });
}

/** −x. No communication. */
export function negate(x: SharedTensor): SharedTensor {
  const { iface, shape, fracBits } = x;
  return issue({ kind: "neg", iface, operands: [x], shape, fracBits }, ({ scheme }, a) => scheme.neg(a));
}

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

/** The transpose of a matrix. No communication. */
export function transpose(x: SharedTensor): SharedTensor {
  const { iface, fracBits } = x;
  const shape = transposedShape(x.shape);
  return issue({ kind: "t", iface, operands: [x], shape, fracBits }, ({ scheme }, a) =>
    scheme.gather(a, transposeIndices(x.shape)),
  );
}

/** Sums over the axes along which a tensor of that shape would be broadcast to x. No communication. */
export function sumTo(x: SharedTensor, shape: Shape): SharedTensor {
  if (sameShape(x.shape, shape)) return x;
  const { iface, fracBits } = x;
  return issue({ kind: "sum", iface, operands: [x], shape, fracBits }, ({ scheme }, a) =>
    scheme.scatterAdd(a, broadcastIndices(shape, x.shape), sizeOf(shape)),
  );
}

/** Repeats x along the axes in which it has size 1 or which it lacks. No communication. */
export function broadcastTo(x: SharedTensor, shape: Shape): SharedTensor {
  const { iface, fracBits } = x;
  return issue({ kind: "broadcast", iface, operands: [x], shape, fracBits }, (ctx, a) =>
    spread(ctx, a, x.shape, shape),
  );
}

/** Opens x to both parties, checked as far as the session's scheme can check; the values mod 2^64. */
export function openWords(x: SharedTensor, kind: string): Eventual<RingVector> {
  const description = describe(kind, [x]);
  const share = shareOf(x, nameOperation(description));
  const work = { reveals: sizeOf(x.shape) };
  return x.iface.run(description, [share], (ctx) => ctx.scheme.reveal(ctx, share.value), work);
}

/** Opens x to both parties and decodes it. */
export function reveal(x: SharedTensor): Promise<FloatTensor> {
  const { shape, fracBits } = x;
  const source = planning()?.source;
  const words = openWords(x, "reveal");
  return Eventual.derive([words], () => decodeVector(words.value, shape, fracBits, source)).promise;
}

/** Opens x to one party, which decodes it; undefined at the other. */
export function revealTo(x: SharedTensor, to: Party): Promise<FloatTensor | undefined> {
  const { iface, shape, fracBits } = x;
  const source = planning()?.source;
  const description = { ...describe("reveal", [x]), options: `to party ${to}` };
  const share = shareOf(x, nameOperation(description));
  const work = { reveals: sizeOf(shape), to };
  const words: Eventual<RingVector | undefined> = iface.run(
    description,
    [share],
    (ctx) => ctx.scheme.revealTo(ctx, to, share.value),
    work,
  );
  return Eventual.derive([words], () => {
    if (iface.party !== to || words.value === undefined) return undefined;
    return decodeVector(words.value, shape, fracBits, source);
  }).promise;
}

/**
 * Where the product of two factors goes: back to the session's precision, if it is finer.
 *
 * @throws {RangeError} it has so many fractional bits that they cannot be cut off
 */
function rescale({ precision }: DistributedInterface, factors: readonly [Operand, Operand]) {
  const [x, y] = factors.map((factor) => factor.fracBits) as [number, number];
  const fracBits = x + y;
  const excess = Math.max(0, fracBits - precision);
  if (excess > VALUE_BITS) {
    throw new RangeError(
      `the product of factors of ${x} and ${y} fractional bits would have to lose ${excess} bits to come back to ` +
        `${precision}, and at most ${VALUE_BITS} can be cut off: use factors with fewer fractional bits`,
    );
  }
  return {
    fracBits: fracBits - excess,
    /** @param products - undefined for what is no product of secrets */
    work(results: number, products?: number): Work | undefined {
      if (products === undefined && excess === 0) return undefined;
      return { products: products ?? 0, truncations: excess > 0 ? results : 0, bits: excess };
    },
    apply(ctx: OperationContext, product: unknown): unknown {
      return excess === 0 ? product : ctx.scheme.truncate(ctx, product, excess);
    },
  };
}

function align(ctx: OperationContext, x: unknown, from: Operand, shape: Shape, fracBits: number): unknown {
  const scaled = from.fracBits === fracBits ? x : ctx.scheme.shiftLeft(x, fracBits - from.fracBits);
  return spread(ctx, scaled, from.shape, shape);
}

function spread({ scheme }: OperationContext, x: unknown, from: Shape, to: Shape): unknown {
  return sameShape(from, to) ? x : scheme.gather(x, broadcastIndices(from, to));
}

/** @throws {RangeError} a public value does not fit once it is brought to a finer scale */
function requireRoom({ vector }: PublicTensor, shift: number): void {
  if (shift === 0) return;
  const limit = 1n << BigInt(VALUE_BITS - shift);
  if (vector.ring.toSignedBigInts(vector).some((value) => value >= limit || value <= -limit)) {
    throw new RangeError(
      `a public value of 2^${VALUE_BITS - shift} or more does not fit beside the shared one`,
    );
  }
}

function spreadPublic({ vector, shape }: PublicTensor, to: Shape): PublicTensor["vector"] {
  return sameShape(shape, to) ? vector : vector.ring.gather(vector, broadcastIndices(shape, to));
}
