import { type RingVector, ring64 } from "../../ring";
import { type KindParts, partsOf } from "../kinds/kinds";
import { matrixKey } from "../kinds/matrix";
import { PLAIN, type RawVector } from "../kinds/raw";
import type { BatchSizes, ProductionCost } from "../producer";
import { ANSWER_BYTES, PACKED_BYTES } from "./holder";
import type { MaskShares } from "./mask-shares";
import { addCrossTerms } from "./matrix-products";
import { choosePacking } from "./packing";
import { PARAMETERS } from "./parameters";
import { shareSlotProducts } from "./slot-products";
import type { LatticeState } from "./state";

const { degree, slotPrimes } = PARAMETERS;
const WORD = 8;
/** Bytes that a party sends for a triple and for a square, averaged over both roles. */
const TRIPLE_BYTES = (slotPrimes.length * (2 * PACKED_BYTES + ANSWER_BYTES)) / degree / 2;
const SQUARE_BYTES = (slotPrimes.length * (PACKED_BYTES + ANSWER_BYTES)) / degree / 2;
/** Bytes that a party sends to open the two factors of a product of numbers. */
const OPENED_BYTES = 2 * WORD;

/** Makes the items of one kind, and knows its cost. */
export interface LatticeKindMaker extends BatchSizes {
  cost(parts: KindParts): ProductionCost;
  make(secrets: LatticeSecrets, parts: KindParts, count: number): Promise<RawVector[]>;
}

/** One party's secrets from which items are made. */
export interface LatticeSecrets {
  /** Set up the keys when they are first needed: a session without products has none. */
  ready(): Promise<LatticeState>;
  readonly masks: MaskShares;
}

const MOST_ITEMS = 8 * degree;

/** The makers of all kinds that lattices make, by name. */
export const latticeMakers = {
  /** a, b and a·b. */
  triple: {
    least: degree,
    most: MOST_ITEMS,
    cost: () => ({ bytes: TRIPLE_BYTES, rounds: 3, micros: 1.2 }),
    make: async (secrets, _, count) => makeTriples(await secrets.ready(), count),
  },
  /** r and r². */
  square: {
    least: degree,
    most: MOST_ITEMS,
    cost: () => ({ bytes: SQUARE_BYTES, rounds: 3, micros: 0.8 }),
    make: async (secrets, _, count) => makeSquares(await secrets.ready(), count),
  },
  /** A uniform mask of a matrix. */
  matrix: {
    least: 1,
    most: 1,
    cost: () => ({ bytes: 0, rounds: 0, micros: 1 }),
    make: async ({ masks }, { kind, width }) => [plain(masks.draw(kind, width))],
  },
  /** The product of two masks. */
  product: {
    least: 1,
    most: 1,
    cost: ({ numbers: [, , m, k, n] }) => {
      const { bytes, micros } = choosePacking([m!, k!, n!]);
      return { bytes, rounds: 3, micros };
    },
    make: async ({ ready, masks }, parts) => makeProduct(await ready(), masks, parts),
  },
} as const satisfies { readonly [name: string]: LatticeKindMaker };

export type LatticeKind = keyof typeof latticeMakers;

/** The maker of a kind, if lattices make it. */
export function latticeMakerOf(kind: string): LatticeKindMaker | undefined {
  const { name } = partsOf(kind);
  return Object.hasOwn(latticeMakers, name) ? latticeMakers[name as LatticeKind] : undefined;
}

/**
 * Whether a product of matrices costs fewer bytes with masks of whole matrices than with triples for each product of numbers.
 */
export function worthMasking(m: number, k: number, n: number): boolean {
  const byTriples = m * k * n * (TRIPLE_BYTES + OPENED_BYTES);
  if (byTriples < PACKED_BYTES + ANSWER_BYTES) return false;
  return choosePacking([m, k, n]).bytes + (m * k + k * n) * WORD < byTriples;
}

function plain(values: Uint8Array): RawVector {
  return { values, macs: new Uint8Array(0) };
}

/** Run `make` and release and overwrite the memory that it took. */
async function withMemory<T>({ engine: { kernels } }: LatticeState, make: () => Promise<T>): Promise<T> {
  const { mark } = kernels;
  try {
    return await make();
  } finally {
    kernels.release(mark);
  }
}

function makeTriples(state: LatticeState, count: number): Promise<RawVector[]> {
  return withMemory(state, async () => {
    const { kernels } = state.engine;
    const { random } = state.identity;
    const made = Math.ceil(count / degree) * degree;
    const [a, b, c] = [0, 0, 0].map(() => kernels.allocate(made * WORD)) as [number, number, number];
    kernels.draw(a, random, count * WORD);
    kernels.draw(b, random, count * WORD);
    await shareSlotProducts(state, { a, b }, made, c);
    kernels.run.multiplyAddWords(a, b, c, made, c);
    return [a, b, c].map((at) => plain(kernels.read(at, count * WORD)));
  });
}

/** r² = r0² + r1² + 2·r0·r1. */
function makeSquares(state: LatticeState, count: number): Promise<RawVector[]> {
  return withMemory(state, async () => {
    const { kernels } = state.engine;
    const made = Math.ceil(count / degree) * degree;
    const [r, square] = [0, 0].map(() => kernels.allocate(made * WORD)) as [number, number];
    kernels.draw(r, state.identity.random, count * WORD);
    await shareSlotProducts(state, { a: r }, made, square);
    kernels.run.addWords(square, square, made);
    kernels.run.multiplyAddWords(r, r, square, made, square);
    return [r, square].map((at) => plain(kernels.read(at, count * WORD)));
  });
}

/** A·B = A0·B0 + A1·B1 and two cross terms, for the masks that both parties drew before. */
function makeProduct(state: LatticeState, masks: MaskShares, { numbers }: KindParts): Promise<RawVector[]> {
  const [left, right, m, k, n] = numbers as [number, number, number, number, number];
  return withMemory(state, async () => {
    const { kernels } = state.engine;
    const shares = [
      masks.draw(matrixKey(left, m * k), m * k),
      masks.draw(matrixKey(right, k * n), k * n),
    ] as const;
    const [a, b] = shares.map((share) => kernels.put(share)) as [number, number];
    const own = multiplyOwn(shares, m, k, n);
    const to = kernels.put(own);
    for (const bytes of [...shares, own]) bytes.fill(0);
    const { packing, kept } = state.kept.plan([m, k, n], left, right);
    await addCrossTerms(state, a, b, [m, k, n], to, packing, kept);
    return [plain(kernels.read(to, m * n * PLAIN.value))];
  });
}

function multiplyOwn([a, b]: readonly [Uint8Array, Uint8Array], m: number, k: number, n: number): Uint8Array {
  const vectors: RingVector[] = [ring64.fromBytes(a, m * k), ring64.fromBytes(b, k * n)];
  vectors.push(ring64.matmul(vectors[0]!, vectors[1]!, m, k, n));
  const product = ring64.toBytes(vectors[2]!).slice();
  for (const vector of vectors) vector.dispose();
  return product;
}
