import { SpdzError, TransportError } from "../errors";
import type { Kind, Needs } from "../preprocessing/kinds/kinds";
import type { RawVector } from "../preprocessing/kinds/raw";
import type { Capabilities, LargestProduct } from "../preprocessing/producer";
import type { RingVector } from "../ring";
import type { Demand } from "./demand";

/** m, k and n of the product of an m×k and a k×n matrix. */
export type MatrixSizes = readonly [m: number, k: number, n: number];

/** The factors of a product; `left` and `right` stand for them, the same object for the same matrix. */
export interface MatrixFactors {
  readonly sizes: MatrixSizes;
  readonly left: object;
  readonly right: object;
}

/** The mask of one matrix. It is opened under it once, by the first product that the matrix is a factor of. */
export class MatrixMask {
  readonly kind: Kind;
  /** The matrix as everybody sees it: minus its mask. Nothing else of the mask is kept. */
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

  /** The product that was to open it failed. Both parties then treat the mask as spoiled, whenever they learn of it. */
  abort(error: unknown): void {
    this.#reject(error instanceof TransportError ? error : spoiled(error));
  }
}

function spoiled(cause: unknown): SpdzError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpdzError(
    "spoiled",
    "a matrix of this product was a factor for the first time in one that failed, and cannot be a factor again: " +
      `take \`matrix.add(0)\` in its place. The first one failed with: ${why}`,
    { cause },
  );
}

/** What the product of two matrices takes. */
export interface MatrixProduct {
  readonly left: MatrixMask;
  readonly right: MatrixMask;
  /** The masks that this product opens, once each. */
  readonly fresh: readonly MatrixMask[];
  readonly kind: Kind;
}

/**
 * Which matrices are masked already. A weight matrix is masked and opened once and serves every product that follows;
 * a matrix that changed is another handle, and gets a mask of its own.
 */
export class MatrixMasks {
  readonly #masks = new WeakMap<object, MatrixMask>();
  readonly #base: MatrixMasks | undefined;
  #next: number;

  /** @param base - what is masked there is masked here, and not the other way round */
  constructor(base?: MatrixMasks) {
    this.#base = base;
    this.#next = base ? base.#next : 0;
  }

  /**
   * Plans the product of two matrices. Both parties call it in the order of issue.
   *
   * @param left - what stands for the left matrix, the same object each time
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

  /** The mask of a matrix, if it has one. */
  find(matrix: object): MatrixMask | undefined {
    return this.#masks.get(matrix) ?? this.#base?.find(matrix);
  }
}

/** What a product of matrices takes: masks of whole matrices where there are some, else a triple for each product. */
export interface MatmulDemand extends Demand {
  readonly product?: MatrixProduct;
}

/** @throws {RangeError} the product is larger than the dealer makes */
export function checkProduct({ sizes: [m, k, n] }: MatrixFactors, { largest }: Capabilities): void {
  if (!largest) return;
  const { elements, products }: LargestProduct = largest;
  if (Math.max(m * k, k * n, m * n) <= elements && m * k * n <= products) return;
  throw new RangeError(
    `the product of a ${m}×${k} and a ${k}×${n} matrix is too large for the dealer: a matrix may have ` +
      `${elements.toLocaleString("en")} elements, and a product ${products.toLocaleString("en")} products of numbers. ` +
      "Take it in parts.",
  );
}

/** Plans a product of matrices. Both parties call it in the order of issue. */
export function demandProduct(
  { sizes, left, right }: MatrixFactors,
  { can, masks }: { readonly can: Capabilities; readonly masks: MatrixMasks },
): MatmulDemand {
  const [m, k, n] = sizes;
  if (!can.matrices) {
    const openings = 2 * m * k * n;
    return { items: { triple: m * k * n }, rounds: 1, bytes: 8 * openings, openings };
  }
  const { product, needs } = masks.plan(left, right, sizes);
  const openings = product.fresh.reduce((sum, { length }) => sum + length, 0);
  return { items: needs, rounds: openings > 0 ? 1 : 0, bytes: 8 * openings, openings, product };
}

/** The product failed, or will not run: the masks that it was to open are spoiled. */
export function abortProduct({ product }: MatmulDemand, error: unknown): void {
  for (const mask of product?.fresh ?? []) mask.abort(error);
}

/** What a scheme knows of its own shares that the product needs. */
export interface MaskedArithmetic<S> {
  fromRaw(raw: RawVector): S;
  sub(x: S, y: S): S;
  open(shares: readonly S[]): Promise<RingVector[]>;
  take(kind: Kind): Promise<RawVector[]>;
  /** A share is needed no more. */
  free(x: S): void;
}

/**
 * Masks the factors that no product has masked yet, opening them together. With X − A and Y − B opened, both parties
 * hold X·Y as (X − A)·Y + X·(Y − B) − (X − A)·(Y − B) + A·B, of which the shares of A·B, fresh for each product, hide
 * all else.
 *
 * @returns X − A and Y − B, and this party's share of A·B
 *
 * Cost: 1 round if a factor is new, none otherwise; the size of the new factors each way.
 * Source: Beaver, CRYPTO 1991; for matrices, Mohassel and Zhang, ePrint 2017/396, section 4.1, where a mask of data
 * that stays the same is used again, too.
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
