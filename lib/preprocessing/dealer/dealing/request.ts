import { type KindParts, partsOf } from "../../kinds/kinds";
import { AUTHENTICATED, PLAIN, type ShareLayout } from "../../kinds/raw";
import type { LargestProduct } from "../../producer";
import { type DealRequest, MAX_CORRECTION_BYTES } from "../wire/messages";
import { type Batch, correctionBytes, dealInPieces, dealingRuleOf, stepsOf } from "./deal";
import { type Deal, type DealingSize, LocalDealingJob } from "./dealing-job";

/** The most items that one request may ask for. A party asks for fewer at once. */
const MAX_COUNT = 2 ** 20;
/** The largest matrix product that one request may ask for. */
export const LARGEST: LargestProduct = { elements: 2 ** 24, products: 2 ** 33 };

/**
 * Read a party's request and check that it names items that a dealer makes and that it stays within the limits.
 *
 * @throws {RangeError} the request names no kind, or one that no dealer makes, or asks for too much
 */
export function checkRequest({ kind: key, count, start }: DealRequest, layout: ShareLayout): Batch {
  const { kind, definition, numbers, single } = readDealtKind(key, layout);
  const { elements = [], products = 1 } = definition.extent?.(numbers) ?? {};
  for (const length of elements) requireWithin(length, LARGEST.elements, "elements of a matrix");
  requireWithin(products, LARGEST.products, "products of numbers in a matrix product");
  requireWithin(count, single ? 1 : MAX_COUNT, "items");
  return { kind, count, start };
}

function readDealtKind(key: string, layout: ShareLayout): KindParts {
  try {
    const parts = partsOf(key);
    dealingRuleOf(parts.kind, layout);
    return parts;
  } catch (error) {
    throw new RangeError((error as Error).message, { cause: error });
  }
}

function requireWithin(value: number, most: number, what: string): void {
  if (value < 1 || value > most) throw new RangeError(`${what} must be from 1 to ${most}, got ${value}`);
}

/**
 * Check a request for corrections; return its batch and the size of the corrections.
 *
 * @throws {RangeError} the request cannot or must not be served
 */
export function checkBatch(
  request: DealRequest,
  authenticated: boolean,
): { batch: Batch; size: DealingSize } {
  const layout = authenticated ? AUTHENTICATED : PLAIN;
  const batch = checkRequest(request, layout);
  const total = correctionBytes(batch, layout);
  if (total === 0)
    throw new RangeError(
      `"${batch.kind}" has no corrections without MACs, so there is nothing to ask the dealer for`,
    );
  if (total > MAX_CORRECTION_BYTES)
    throw new RangeError(
      `corrections must have at most ${MAX_CORRECTION_BYTES} bytes, and this request asks for ${total}`,
    );
  return { batch, size: { total, ...stepsOf(batch, layout) } };
}

/** Deal in this thread: make party 1's corrections of a batch from both parties' seeds. */
export const dealCorrections: Deal = (request, seeds, authenticated) => {
  const { batch, size } = checkBatch(request, authenticated);
  const layout = authenticated ? AUTHENTICATED : PLAIN;
  const destroySeeds = () => {
    for (const seed of seeds) seed.fill(0);
  };
  return new LocalDealingJob(size, dealInPieces(batch, { layout, seeds }), destroySeeds);
};
