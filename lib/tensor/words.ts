/** Arithmetic of LongTensors: check shapes and scales at once; compute words mod 2^64 now, or once they settle. */

import { Eventual } from "../eventual";
import { keep, type RingVector, ring64, scope } from "../ring";
import { type Layout, moveElements } from "./layout";
import { foldMatmul, planMatmul } from "./matmul";
import { derivedOrigin, NO_ORIGIN, type Origin, sumOrigin } from "./origin";
import type { Joining } from "./parts";
import { addUp, type Reduction } from "./reduction";
import { bracketShape, broadcastShapes, broadcastStrides, checkShape, type Shape, sameShape } from "./shape";

/** Zeros and ones that both parties know. */
export interface PlainMask {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** The properties of a tensor that are known before its values. */
interface Kind {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly isShare: boolean;
}

/** The parts of a LongTensor that the functions here use. */
export interface WordTensor extends Kind {
  readonly vector: Eventual<RingVector>;
  readonly origin: Origin;
}

/** Input for the LongTensor constructor from inside the library. */
export class Words implements WordTensor {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly isShare: boolean;

  constructor(
    readonly vector: Eventual<RingVector>,
    { shape, fracBits, isShare }: Kind,
    readonly origin: Origin = NO_ORIGIN,
  ) {
    this.shape = checkShape(shape);
    this.fracBits = fracBits;
    this.isShare = isShare;
  }

  /** Never called: it makes this class a TensorInput for the compiler. */
  toArray(): unknown {
    return [];
  }
}

/** Sum or difference with broadcasting. @throws {RangeError} shapes do not match or scales differ */
export function combineWords(operation: "add" | "sub", x: WordTensor, y: WordTensor): Words {
  if (x.isShare && y.isShare && !sameShape(x.shape, y.shape)) {
    throw new RangeError(
      `shares of shapes ${bracketShape(x.shape)} and ${bracketShape(y.shape)} cannot belong to one secret; ` +
        "if you mean to add different secrets, call broadcastTo first",
    );
  }
  if (x.isShare !== y.isShare) {
    throw new TypeError(
      "a share and a plain tensor cannot be added: if both parties do so, the plain one is added twice. Add it to the " +
        "SharedVariable instead, x.add(value)",
    );
  }
  const shape = broadcastShapes(x.shape, y.shape, operation);
  const kind = { shape, fracBits: commonFracBits([x, y]), isShare: x.isShare || y.isShare };
  const origin = operation === "add" ? sumOrigin(x.origin, y.origin) : derivedOrigin([x.origin, y.origin]);
  return derive(
    [x, y],
    kind,
    ([a, b]) => ring64[operation](spread(a!, x.shape, shape), spread(b!, y.shape, shape)),
    origin,
  );
}

export function negateWords(x: WordTensor): Words {
  return derive([x], x, ([a]) => ring64.neg(a!));
}

/** Element-wise product. @throws {TypeError} both are shares */
export function multiplyWords(x: WordTensor, y: WordTensor): Words {
  const shape = broadcastShapes(x.shape, y.shape, "mul");
  return derive([x, y], productOf(x, y, shape), ([a, b]) =>
    ring64.mul(spread(a!, x.shape, shape), spread(b!, y.shape, shape)),
  );
}

/** Matrix products of a batch. @throws {TypeError} both are shares */
export function matmulWords(x: WordTensor, y: WordTensor): Words {
  const plan = planMatmul(x.shape, y.shape);
  const { m, k, n, left, right } = foldMatmul(plan, x.shape, y.shape) ?? plan;
  return derive([x, y], productOf(x, y, plan.shape), ([a, b]) => {
    const matrix = (all: RingVector, size: number, i: number) =>
      all.length === size ? all : ring64.slice(all, i * size, (i + 1) * size);
    const products = Array.from(left, (l, i) =>
      ring64.matmul(matrix(a!, m * k, l), matrix(b!, k * n, right[i]!), m, k, n),
    );
    return products.length === 1 ? products[0]! : ring64.concat(products);
  });
}

export function sumWords(x: WordTensor, reduction: Reduction): Words {
  const { shape, sums } = reduction;
  if (sums.length === 0) return new Words(x.vector, { ...kindOf(x), shape }, x.origin);
  return derive([x], { ...kindOf(x), shape }, ([a]) => addUp(ring64, a!, reduction));
}

/** Move the elements of x by a layout. A share in another shape is the same share. */
export function moveWords(x: WordTensor, layout: Layout): Words {
  const kind = { ...kindOf(x), shape: layout.shape };
  if (layout.isReshape) return new Words(x.vector, kind, x.origin);
  if (layout.steps.length === 0) return new Words(x.vector, kind, derivedOrigin([x.origin]));
  return derive([x], kind, ([a]) => moveElements(ring64, a!, layout));
}

/**
 * x where a mask is 1, and `otherwise` where it is 0.
 *
 * @param mask - zeros and ones, of a shape that broadcasts to that of x
 * @throws {TypeError} x is a share and `otherwise` is not 0: both parties would add it
 */
export function maskWords(x: WordTensor, mask: PlainMask, otherwise: bigint): Words {
  if (x.isShare && otherwise !== 0n)
    throw new TypeError("a share can be padded with 0 only, because the shares of both parties add up");
  return derive([x], kindOf(x), ([a]) => {
    const ones = spread(ring64.fromFloat64(mask.values, 0, 2), mask.shape, x.shape);
    const kept = ring64.mul(a!, ones);
    if (otherwise === 0n) return kept;
    return ring64.add(kept, ring64.mulScalar(ring64.addScalar(ring64.neg(ones), 1n), otherwise));
  });
}

/**
 * x where a mask is 1, y where it is 0, with broadcasting.
 *
 * @throws {RangeError} the scales differ, or the shapes do not broadcast
 * @throws {TypeError} only one of both is a share: both parties would add the other
 */
export function selectWords(x: WordTensor, mask: PlainMask, y: WordTensor): Words {
  requireAlike("where", x, y);
  const shape = broadcastShapes(broadcastShapes(x.shape, y.shape, "where"), mask.shape, "where");
  return derive([x, y], { ...kindOf(x), shape, fracBits: commonFracBits([x, y]) }, ([a, b]) => {
    const ones = spread(ring64.fromFloat64(mask.values, 0, 2), mask.shape, shape);
    const [left, right] = [spread(a!, x.shape, shape), spread(b!, y.shape, shape)];
    return ring64.add(right, ring64.mul(ones, ring64.sub(left, right)));
  });
}

/**
 * x with the elements of y added where a layout puts them.
 *
 * @throws {RangeError} the scales differ
 * @throws {TypeError} only one of both is a share: both parties would add the other
 */
export function scatterWords(x: WordTensor, y: WordTensor, layout: Layout): Words {
  requireAlike("scatterAdd", x, y);
  return derive([x, y], { ...kindOf(x), fracBits: commonFracBits([x, y]) }, ([a, b]) =>
    ring64.add(a!, moveElements(ring64, b!, layout)),
  );
}

/**
 * Join several tensors.
 *
 * @throws {RangeError} scales differ
 * @throws {TypeError} some are shares and others are not: both parties would join the others
 */
export function joinWords(operation: string, parts: readonly WordTensor[], { shape, rows }: Joining): Words {
  for (const part of parts) requireAlike(operation, parts[0]!, part);
  const kind = { ...kindOf(parts[0]!), shape, fracBits: commonFracBits(parts) };
  return derive(parts, kind, (vectors) => ring64.concat(vectors, rows));
}

/** Compute a tensor from others, now or once their values settle, and free intermediate vectors. */
function derive(
  sources: readonly WordTensor[],
  kind: Kind,
  compute: (vectors: readonly RingVector[]) => RingVector,
  origin: Origin = derivedOrigin(sources.map((source) => source.origin)),
): Words {
  const vectors = sources.map(({ vector }) => vector);
  const now = vectors.every((vector) => vector.settled);
  const result = Eventual.derive(vectors, () => {
    const vector = scope(() => compute(vectors.map((each) => each.value)));
    // A value computed later must not be freed by the scope that happens to be open then.
    return now ? vector : keep(vector);
  });
  return new Words(result, kind, origin);
}

function kindOf({ shape, fracBits, isShare }: WordTensor): Kind {
  return { shape, fracBits, isShare };
}

function requireAlike(operation: string, x: WordTensor, y: WordTensor): void {
  if (x.isShare === y.isShare) return;
  throw new TypeError(
    `${operation}: one tensor is a share and the other a plain value, which both parties would add; compute on the ` +
      "SharedVariable instead",
  );
}

function productOf(x: WordTensor, y: WordTensor, shape: Shape): Kind {
  if (x.isShare && y.isShare) {
    throw new TypeError(
      "the product of two shares is not a share of the product: multiply SharedVariables on both sides instead",
    );
  }
  return { shape, fracBits: x.fracBits + y.fracBits, isShare: x.isShare || y.isShare };
}

function commonFracBits(tensors: readonly WordTensor[]): number {
  const { fracBits } = tensors[0]!;
  const other = tensors.find((tensor) => tensor.fracBits !== fracBits);
  if (other) throw new RangeError(`${fracBits} and ${other.fracBits} fractional bits differ`);
  return fracBits;
}

function spread(x: RingVector, from: Shape, to: Shape): RingVector {
  return sameShape(from, to) ? x : ring64.strided(x, to, broadcastStrides(from, to), 0);
}
