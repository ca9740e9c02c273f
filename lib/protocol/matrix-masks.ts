import { SpdzError, TransportError } from "../errors";
import type { Kind, Needs } from "../preprocessing/kinds/kinds";
import type { RawVector } from "../preprocessing/kinds/raw";
import type { Capabilities, LargestProduct } from "../preprocessing/producer";
import type { RingVector } from "../ring";
import type { Demand } from "./demand";

/** The sizes m, k and n of the product of an m×k and a k×n matrix. */
export type MatrixSizes = readonly [m: number, k: number, n: number];

/** The factors of a product. `left` and `right` identify the matrices: the same object for the same matrix. */
export interface MatrixFactors {
  readonly sizes: MatrixSizes;
  readonly left: object;
  readonly right: object;
}

/** The mask of one matrix. The first product with that matrix as a factor opens the masked matrix, once. */
export class MatrixMask {
  readonly kind: Kind;
  /** The masked matrix, that is the matrix minus its mask, which both parties see. The mask itself is not kept. */
  readonly opened: Promise<RingVector>;
  settle!: (opened: RingVector) => void;
  #reject!: (error: unknown) => void;

  constructor(
    readonly id: number,
    readonly length: number,
  ) {
    this.kind = `matrix ${id} ${length}`;
    this.opened = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.#reject = reject;
    });
    this.opened.catch(() => undefined);
  }

  /**
   * Call this when the product that should open the masked matrix failed. Both parties then treat the mask as spoiled.
   */
  abort(error: unknown): void {
    this.#reject(error instanceof TransportError ? error : spoiled(error));
  }
}

function spoiled(cause: unknown): SpdzError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpdzError(
    "spoiled",
    "the first product with one of these matrices failed, so that matrix cannot be a factor again: use " +
      `\`matrix.add(0)\` instead. The first product failed with: ${why}`,
    { cause },
  );
}

/** The masks and the item of a product of two matrices. */
export interface MatrixProduct {
  readonly left: MatrixMask;
  readonly right: MatrixMask;
  /** The masks under which this product opens a matrix. */
  readonly fresh: readonly MatrixMask[];
  readonly kind: Kind;
}

/**
 * Remembers which matrices are already masked. A weight matrix is masked and opened once, for every product that follows; a
 * changed matrix is another handle, and gets its own mask.
 */
export class MatrixMasks {
  readonly #masks = new WeakMap<object, MatrixMask>();
  readonly #base: MatrixMasks | undefined;
  #next: number;

  /** @param base - masks to share; new masks here are not added to it */
  constructor(base?: MatrixMasks) {
    this.#base = base;
    this.#next = base ? base.#next : 0;
  }

  /**
   * Plan the product of two matrices. Both parties call it in the order of issue.
   *
   * @param left - identifies the left matrix: the same object each time
   * @param right - identifies the right matrix likewise
   */
  plan(left: object, right: object, [m, k, n]: MatrixSizes): { product: MatrixProduct; needs: Needs } {
    const fresh: MatrixMask[] = [];
    const maskOf = (matrix: object, length: number) => {
      const known = this.find(matrix);
      if (known) return known;
      const mask = new MatrixMask(this.#next++, length);
      this.#masks.set(matrix, mask);
      fresh.push(mask);
      return mask;
    };
    const [x, y] = [maskOf(left, m * k), maskOf(right, k * n)];
    const kind: Kind = `product ${x.id} ${y.id} ${m} ${k} ${n} ${this.#next++}`;
    const needs = Object.fromEntries([...fresh.map((mask) => mask.kind), kind].map((item) => [item, 1]));
    return { product: { left: x, right: y, fresh, kind }, needs };
  }

  /** Return the mask of a matrix, if it has one. */
  find(matrix: object): MatrixMask | undefined {
    return this.#masks.get(matrix) ?? this.#base?.find(matrix);
  }
}

/**
 * The demand of a matrix product: masks of whole matrices if the producer makes them, else a triple for each product.
 */
export interface MatmulDemand extends Demand {
  readonly product?: MatrixProduct;
}

/** @throws {RangeError} the product is too large for the producer of correlated randomness */
export function checkProduct({ sizes: [m, k, n] }: MatrixFactors, { largest }: Capabilities): void {
  if (!largest) return;
  const { elements, products }: LargestProduct = largest;
  if (Math.max(m * k, k * n, m * n) <= elements && m * k * n <= products) return;
  throw new RangeError(
    `the product of a ${m}×${k} and a ${k}×${n} matrix is too large for this session's correlated randomness: a matrix may have ` +
      `${elements.toLocaleString("en")} elements, and a product ${products.toLocaleString("en")} products of numbers. ` +
      "Compute it in parts.",
  );
}

/** Plan a product of matrices. Both parties call it in the order of issue. */
export function demandProduct(
  { sizes, left, right }: MatrixFactors,
  { can, masks }: { readonly can: Capabilities; readonly masks: MatrixMasks },
): MatmulDemand {
  const [m, k, n] = sizes;
  // A side of 0 leaves nothing to mask.
  const masked = typeof can.matrices === "function" ? m * k * n > 0 && can.matrices(m, k, n) : can.matrices;
  if (!masked || m * k * n === 0) {
    const openings = 2 * m * k * n;
    return { items: { triple: m * k * n }, rounds: 1, bytes: 8 * openings, openings };
  }
  const { product, needs } = masks.plan(left, right, sizes);
  const openings = product.fresh.reduce((sum, { length }) => sum + length, 0);
  return { items: needs, rounds: openings > 0 ? 1 : 0, bytes: 8 * openings, openings, product };
}

/** Mark the masks that a product should have opened as spoiled, because it failed or will not run. */
export function abortProduct({ product }: MatmulDemand, error: unknown): void {
  for (const mask of product?.fresh ?? []) mask.abort(error);
}

/** A scheme's operations on shares that the masked product needs. */
export interface MaskedArithmetic<S> {
  fromRaw(raw: RawVector): S;
  sub(x: S, y: S): S;
  open(shares: readonly S[]): Promise<RingVector[]>;
  take(kind: Kind): Promise<RawVector[]>;
  /** Free a share that is no longer needed. */
  free(x: S): void;
}

/**
 * Mask the factors that no product has masked yet, and open them together. With X − A and Y − B opened, both parties
 * hold X·Y as (X − A)·Y + X·(Y − B) − (X − A)·(Y − B) + A·B. The shares of A·B, fresh for each product, hide all else.
 *
 * @returns X − A and Y − B, and this party's share of A·B
 *
 * Rounds: 1 if a factor is new, of the size of the new factors each way; none otherwise.
 * Source: Beaver, CRYPTO 1991; for matrices, Mohassel and Zhang, ePrint 2017/396, section 4.1, where the mask of
 * unchanged data is also used again.
 */
export async function maskFactors<S>(
  { left, right, fresh, kind }: MatrixProduct,
  [x, y]: readonly [S, S],
  { fromRaw, sub, open, take, free }: MaskedArithmetic<S>,
): Promise<{ left: RingVector; right: RingVector; product: S }> {
  const differences: S[] = [];
  for (const mask of fresh) {
    const share = fromRaw((await take(mask.kind))[0]!);
    differences.push(sub(mask === left ? x : y, share));
    free(share);
  }
  if (fresh.length > 0) {
    const opened = await open(differences);
    for (const difference of differences) free(difference);
    fresh.forEach((mask, i) => {
      mask.settle(opened[i]!);
    });
  }
  const [product] = await take(kind);
  return { left: await left.opened, right: await right.opened, product: fromRaw(product!) };
}
