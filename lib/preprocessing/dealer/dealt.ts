import { type Kind, partsOf } from "../kinds/kinds";
import { AUTHENTICATED, PLAIN } from "../kinds/raw";
import type { LargestProduct } from "../producer";
import { type Batch, correctionBytes, dealInPieces, stepsOf } from "./dealing/deal";
import type { Deal } from "./desk";
import { type JobSize, LocalJob } from "./job";
import { MAX_CORRECTION_BYTES, type Request } from "./messages";

/** Items of a batch; a party asks for fewer at once. */
const MAX_COUNT = 2 ** 20;
/** What one request may cost. */
export const LARGEST: LargestProduct = { elements: 2 ** 24, products: 2 ** 33 };

/** Each kind's name and how many numbers follow. */
const NUMBERS: Readonly<Record<string, number>> = {
  triple: 0,
  square: 0,
  input0: 0,
  input1: 0,
  random: 0,
  truncation: 1,
  matrix: 2,
  product: 6,
};

/**
 * What a party asks for, seen to be something that can be made and that costs no more than it may.
 *
 * @throws {RangeError} it is not
 */
export function checkRequest({ kind, count, start }: Request): Batch {
  const [name, ...rest] = kind.split(" ");
  if (!Object.hasOwn(NUMBERS, name!)) throw new RangeError(`"${name}" is not dealt`);
  const canonical = rest.every((text) => /^(0|[1-9]\d{0,14})$/.test(text));
  if (!canonical || rest.length !== NUMBERS[name!]) throw new RangeError(`"${kind}" is no kind of items`);
  const numbers = rest.map(Number);
  const within = (value: number, least: number, most: number, what: string) => {
    if (value < least || value > most)
      throw new RangeError(`${what}: ${value} is not from ${least} to ${most}`);
  };
  if (name === "truncation") within(numbers[0]!, 1, 62, "bits to cut off");
  if (name === "matrix") within(numbers[1]!, 1, LARGEST.elements, "elements of a matrix");
  if (name === "product") {
    const [, , m, k, n] = numbers as [number, number, number, number, number];
    for (const elements of [m * k, k * n, m * n])
      within(elements, 1, LARGEST.elements, "elements of a matrix");
    within(m * k * n, 1, LARGEST.products, "products of numbers");
  }
  within(count, 1, partsOf(kind as Kind).single ? 1 : MAX_COUNT, "items");
  return { kind: kind as Kind, count, start };
}

/** A batch of a request that has corrections, and what they come to. */
export function checkBatch(request: Request, authenticated: boolean): { batch: Batch; size: JobSize } {
  const batch = checkRequest(request);
  const layout = authenticated ? AUTHENTICATED : PLAIN;
  const total = correctionBytes(batch, layout);
  if (total === 0) throw new RangeError(`"${batch.kind}" has no corrections without MACs`);
  if (total > MAX_CORRECTION_BYTES) throw new RangeError("more than fits into an answer");
  return { batch, size: { total, ...stepsOf(batch, layout) } };
}

/** What the dealer does, in this thread: party 1's corrections of a batch, from both parties' seeds. */
export const dealCorrections: Deal = (request, seeds, authenticated) => {
  const { batch, size } = checkBatch(request, authenticated);
  const layout = authenticated ? AUTHENTICATED : PLAIN;
  const forget = () => {
    for (const seed of seeds) seed.fill(0);
  };
  return new LocalJob(size, dealInPieces(batch, { layout, seeds }), forget);
};
