import { ANSWER_BYTES, PACKED_BYTES } from "./holder";
import { PARAMETERS } from "./parameters";

const { degree, primes } = PARAMETERS;

/** The sizes of the product of an m×k and a k×n matrix. */
export type ProductSizes = readonly [m: number, k: number, n: number];

/**
 * How a product of matrices is cut into products of polynomials. A block of mw×kw numbers of the left matrix and one of
 * kw×nw of the right one make a polynomial each, mw·kw·nw ≤ N:
 *
 * left Σ a[i][j]·X^(i·kw·nw + j), right Σ b[j][l]·X^(l·kw + kw − 1 − j).
 *
 * Coefficient i·kw·nw + l·kw + kw − 1 of their product is Σ a[i][j]·b[j][l]: other products of numbers fall between these
 * places, and those that wrap around below kw − 1.
 *
 * Source: Huang et al. (Cheetah), ePrint 2022/207 (matrices as coefficients).
 */
export interface Packing {
  readonly sizes: ProductSizes;
  readonly block: ProductSizes;
  /** The matrix whose polynomials are encrypted. */
  readonly encrypted: "left" | "right";
  /** Blocks along m, k and n. */
  readonly blocks: ProductSizes;
  /** Blocks of the encrypted matrix, and of the plain one, that are at work at once, each with all blocks along k in turn. */
  readonly panel: number;
  readonly group: number;
  /** Blocks along k at once. */
  readonly chunk: number;
  /** Where plain polynomials may differ from zero: the first `width` coefficients of each `stretch`. */
  readonly stretch: number;
  readonly width: number;
  /** Bytes that a party sends, both roles together: it is holder of one cross term and responder of the other. */
  readonly bytes: number;
  /** Microseconds that a party computes, estimated. */
  readonly micros: number;
  /** What of both is for encrypting, and how many polynomials. */
  readonly encryption: { readonly count: number; readonly bytes: number; readonly micros: number };
}

/** Pairs of polynomials mod q that are in memory at once: ciphertexts and sums of products. */
const MOST_PAIRS = 280;
const MOST_CHUNK = 16;

/** Microseconds, as measured: of an encryption, an answer with its share, a share of the holder, and for each prime. */
const TIMES = { encrypt: 420, take: 260, answer: 720, lift: 330, layer: 1.3, multiply: 3.4 };
/** Bytes that count as much as a microsecond when sizes are chosen. */
const BYTES_PER_MICRO = 100;

const ceil = (a: number, b: number) => Math.ceil(a / b);
/** log2 of the next power of two: with whole numbers, so that both parties' machines compute the same. */
const bitsAbove = (x: number) => 32 - Math.clz32(x - 1);
const powerAbove = (x: number) => 2 ** bitsAbove(x);

/** What encrypting each matrix counts, beside 1 for a matrix that is encrypted for this product alone. */
export interface EncryptionWeights {
  readonly left: number;
  readonly right: number;
}

const ONCE: EncryptionWeights = { left: 1, right: 1 };

/** The best packings found before, by sizes and weights. */
const known = new Map<string, Packing>();
const MOST_KNOWN = 256;

/** Bytes and time of a packing, in microseconds. */
export function costOf({ bytes, micros }: Pick<Packing, "bytes" | "micros">): number {
  return bytes / BYTES_PER_MICRO + micros;
}

/** Find the packing of least cost. Both parties find the same. */
export function choosePacking(sizes: ProductSizes, weights = ONCE): Packing {
  const name = `${sizes.join(" ")} ${weights.left} ${weights.right}`;
  const before = known.get(name);
  if (before) return before;
  const [m, k, n] = sizes;
  let best: Packing | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const kw of widths(k))
    for (const nw of widths(n)) {
      if (kw * nw > degree) continue;
      for (const encrypted of ["left", "right"] as const) {
        const packing = packingOf(sizes, [heightOf(m, kw, nw), kw, nw], encrypted);
        const cost = costOf(packing) - (1 - weights[encrypted]) * costOf(packing.encryption);
        if (cost >= least) continue;
        [best, least] = [packing, cost];
      }
    }
  if (known.size < MOST_KNOWN) known.set(name, best!);
  return best!;
}

/** The height of blocks: equal, and as few as fit. */
export function heightOf(m: number, kw: number, nw: number): number {
  return ceil(m, ceil(m, Math.min(m, Math.floor(degree / (kw * nw)))));
}

/** Widths of blocks to try: powers of two, and those that cut a side into a few equal parts. */
function widths(side: number): number[] {
  const tried = new Set<number>();
  for (let width = 1; width <= degree && width < 2 * side; width *= 2) tried.add(Math.min(width, side));
  for (let parts = 1; parts <= 8; parts++) tried.add(Math.min(degree, ceil(side, parts)));
  return [...tried];
}

export function packingOf(sizes: ProductSizes, block: ProductSizes, encrypted: "left" | "right"): Packing {
  const [m, k, n] = sizes;
  const [mw, kw, nw] = block;
  const blocks = [ceil(m, mw), ceil(k, kw), ceil(n, nw)] as const;
  const [plain, other] = encrypted === "left" ? [blocks[2], blocks[0]] : [blocks[0], blocks[2]];
  const chunk = Math.min(blocks[1], MOST_CHUNK);
  const { panel, group } = atOnce(plain, other, chunk);
  const encryptions = other * blocks[1] * ceil(plain, group);
  const answers = plain * other;
  const sparse = sparsity(block, encrypted);
  const layers =
    bitsAbove(sparse.width) + (bitsAbove(degree / sparse.stretch) * sparse.width) / sparse.stretch;
  const transforms = plain * blocks[1] * ceil(other, panel) * primes.length;
  const encryption = {
    count: encryptions,
    bytes: encryptions * PACKED_BYTES,
    micros: encryptions * (TIMES.encrypt + TIMES.take),
  };
  const micros =
    encryption.micros +
    answers * (TIMES.answer + TIMES.lift) +
    transforms * (layers * TIMES.layer + 2) +
    answers * blocks[1] * primes.length * TIMES.multiply;
  const bytes = encryption.bytes + answers * ANSWER_BYTES;
  return { sizes, block, encrypted, blocks, panel, group, chunk, ...sparse, bytes, micros, encryption };
}

/** Choose how many blocks to have in memory: first encrypt as seldom as possible, then transform as seldom as possible. */
function atOnce(plain: number, other: number, chunk: number): { panel: number; group: number } {
  let best: { panel: number; group: number; encrypted: number; transformed: number } | undefined;
  for (let panel = 1; panel <= Math.min(other, MOST_PAIRS / (chunk + 1)); panel++) {
    const group = Math.min(plain, Math.floor(MOST_PAIRS / panel) - chunk);
    const [encrypted, transformed] = [ceil(plain, group), ceil(other, panel)];
    if (
      !best ||
      encrypted < best.encrypted ||
      (encrypted === best.encrypted && transformed < best.transformed)
    )
      best = { panel, group, encrypted, transformed };
  }
  return best!;
}

function sparsity([, kw, nw]: ProductSizes, encrypted: "left" | "right"): { stretch: number; width: number } {
  if (encrypted === "left") return { stretch: degree, width: Math.max(4, powerAbove(kw * nw)) };
  const stretch = kw * nw;
  const width = Math.max(4, powerAbove(kw));
  // Rows of the left matrix lie `stretch` apart, which fits the layers of a transform if it is a power of two, 8 at least.
  if (powerAbove(stretch) !== stretch || width > stretch || stretch < 8)
    return { stretch: degree, width: degree };
  return { stretch, width };
}
