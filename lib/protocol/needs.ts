import { addNeeds, type Needs } from "../preprocessing/kinds/kinds";
import type { LargestProduct, Offers } from "../preprocessing/producer";
import type { MatrixMasks, MatrixProduct } from "./matrix-masks";
import type { MatrixSizes, Work } from "./scheme";

/** What an operation will take of correlated randomness, fixed when it is issued. */
export interface Plan {
  readonly needs: Needs;
  readonly product: MatrixProduct | undefined;
  /** How many triples; one for a whole matrix counts as one. */
  readonly triples: number;
}

/** @throws {RangeError} a product of matrices is larger than can be */
export function refuseLargest({ matmul }: Work, { largest }: Offers): void {
  if (matmul && largest) requireSmaller(matmul.sizes, largest);
}

/**
 * Both parties call it in the order of issue.
 *
 * @throws {RangeError} a product of matrices is larger than can be; nothing is planned
 */
export function planOf(work: Work, offers: Offers, masks: MatrixMasks): Plan {
  const { truncation, matrices } = offers;
  const { products = 0, matmul, truncations = 0, bits = 0 } = work;
  refuseLargest(work, offers);
  const planned = matmul && matrices ? masks.plan(matmul.left, matmul.right, matmul.sizes) : undefined;
  const scalar = matmul && !matrices ? matmul.sizes.reduce((size, side) => size * side, 1) : 0;
  const triples = products + scalar;
  const cuts = truncation === "truncation" ? (`truncation ${bits}` as const) : truncation;
  return {
    needs: addNeeds(
      triples > 0 ? { triple: triples } : {},
      planned?.needs ?? {},
      truncations > 0 ? { [cuts]: truncations } : {},
    ),
    product: planned?.product,
    triples: triples + (planned ? 1 : 0),
  };
}

function requireSmaller([m, k, n]: MatrixSizes, { elements, products }: LargestProduct): void {
  if (Math.max(m * k, k * n, m * n) <= elements && m * k * n <= products) return;
  throw new RangeError(
    `the product of a ${m}×${k} and a ${k}×${n} matrix is too large for the dealer: a matrix may have ` +
      `${elements.toLocaleString("en")} elements, and a product ${products.toLocaleString("en")} products of numbers. ` +
      "Take it in parts.",
  );
}
