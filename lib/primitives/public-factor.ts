/**
 * Products of a secret and a public factor, as exact as the factor needs.
 *
 * A factor c is an integer C with a scale, c = C / 2^t, and a secret is an integer X. Where X·C stays below 2^62, one
 * product and one truncation suffice. Otherwise C is cut into limbs, and Horner's rule goes from the lowest to the top:
 *
 *     y = trunc(X·C_0, b);  y = trunc(y + X·C_1, b);  …;  result = trunc(y + X·top, last)
 *
 * All but the top limb are signed digits of b bits, |C_i| ≤ 2^(b−1), so that y + X·C_i is X times a number of at most
 * 2^(b−1) + 1/2, give or take the error of y. The top limb has the fractional bits of c that a product has room for.
 *
 * - Secrets of less than 2^(62−p) in magnitude, as integers, for p bits of precision: b = p, which leaves
 *   |y + X·C_i| < 2^(62−p) · (2^(p−1) + 1) < 2^62. With |c| < 2^−a the top limb has p + a fractional bits:
 *   |y + X·top| ≤ |X|·2^p < 2^62 for a > 0; for a = 0 the result must be below 2^(62−2p), as for any product.
 * - Secrets of any size (`anySize`), and any secret at a precision too low for limbs: one more truncation splits
 *   X = Z·2^31 + R exactly, with Z and R of at most 2^31 + 1. Then Z·2^31·C + R·C is added up limb by limb, b = 30:
 *   |y + Z·C'_i + R·C_i| < 2^32 · (2^29 + 1) < 2^62. The top limb has t = p fractional bits, or fewer (`topBits`); its sum
 *   is the result times 2^t, so the result must be below 2^(62−p−t).
 *
 * The last sum is exact but for the truncations before it, so each error but that of the last truncation is divided by
 * what follows: in all less than 1 + 2^(2−b) units of the result, or 1 + 2^−t + 2^(2−b−t) where t is smaller than b,
 * besides |X·c| times the error of c.
 */
import type { Share } from "../protocol/scheme";
import { type Calls, type Use, use } from "../protocol/step";
import { truncate } from "../protocol/steps/truncate";
import { type Ring, type RingVector, ring64, ring128, scope } from "../ring";
import type { OperationContext } from "../session/executor/executor";
import type { Operand } from "../session/lockstep/lockstep";
import { encodeFactors, type FactorScale, magnitudeBits, SIGNIFICANT_BITS } from "../tensor/factor";
import { VALUE_BITS } from "../tensor/fixed-point";
import { sizeOf } from "../tensor/shape";
import type { PublicTensor } from "./shared-tensor";

type Cut = Use<readonly [x: Share], Share>;

/** The truncations of a product with a public factor. */
interface FactorUses {
  readonly split: Cut | undefined;
  /** One for each limb but the top one. */
  readonly low: readonly Cut[];
  readonly last: Cut | undefined;
  readonly [name: string]: Cut | readonly Cut[] | undefined;
}

/** A product with a public factor, before it runs. */
export interface FactorPlan {
  /** The result's fractional bits. */
  readonly fracBits: number;
  readonly uses: FactorUses;
  /** The factor's limbs, lowest first, as tensors of its shape; made when they are needed. */
  limbs(): readonly PublicTensor[];
}

/** The precision from which limbs of as many bits are worth their truncations. */
const LIMBS_FROM = 10;
/** Bits of R where a secret is split. */
const SPLIT_BITS = 31;
const SPLIT_LIMB = 30;
/** The fractional bits of the top limb of 1 / n: few, so that means may be large. */
const MEAN_TOP_BITS = 9;

/** How to encode public factors in a session. */
export function factorScale(precision: number, anySize: boolean): FactorScale {
  const split = isSplit(precision, anySize);
  return {
    topBits: precision,
    topGrows: !split,
    limbBits: split ? SPLIT_LIMB : precision,
    // What is cut off moves a product by a hundredth of a unit in the last place at most.
    maxFracBits: VALUE_BITS + 6 - (split ? 0 : precision),
    significantBits: SIGNIFICANT_BITS,
  };
}

function isSplit(precision: number, anySize: boolean): boolean {
  return anySize || precision < LIMBS_FROM;
}

/**
 * The factor 1 / n for a whole number n, so exact that a quotient is within one unit in the last place, and a hair,
 * whatever the secret: with at least 62 fractional bits |X|·|c − 1/n| ≤ 2^62 · 2^-65. Quotients must be below 2^(53−p).
 *
 * @param n - a whole number from 1 to 2^53
 */
export function reciprocal(precision: number, n: number): PublicTensor {
  const topBits = Math.min(precision, MEAN_TOP_BITS);
  const scale = { ...factorScale(precision, true), topBits, significantBits: VALUE_BITS + 2 };
  const { vector, fracBits } = encodeFactors([{ numerator: 1n, denominator: BigInt(n) }], scale);
  if (fracBits > 0) return { shape: [], vector, fracBits, anySize: true, topBits };
  return { shape: [], vector: vector.ring.shiftLeft(vector, 1), fracBits: 1, anySize: true, topBits };
}

/**
 * Plan the product of a secret and a public factor.
 *
 * @param x - the secret
 * @param length - the number of elements of the product
 * @throws {RangeError} the factor is so large that every product but zero overflows, or the scales are too far apart
 */
export function planFactor(precision: number, x: Operand, c: PublicTensor, length: number): FactorPlan {
  const bits = magnitudeBits(c.vector);
  const isFixed = c.fracBits > 0;
  requireSize(bits - c.fracBits, isFixed ? Math.max(x.fracBits, precision) : x.fracBits);
  const raise = isFixed ? Math.max(0, precision - x.fracBits - c.fracBits) : 0;
  const fracBits = c.fracBits + raise;
  const split = isSplit(precision, c.anySize ?? false);
  const room = split ? 1 : precision;
  // Integers need at least as many bits as their quotients will have.
  const top = Math.max(c.topBits ?? precision, precision - x.fracBits);
  const first = split ? top : precision + Math.max(0, c.fracBits - bits);
  const rest = fracBits <= precision || bits + raise <= room ? 0 : Math.max(0, fracBits - first);
  const widths = limbWidths(rest, split ? SPLIT_LIMB : precision);
  const last = Math.max(0, x.fracBits + fracBits - rest - precision);
  if (last > VALUE_BITS) {
    throw new RangeError(
      `the product of factors with ${x.fracBits} and ${fracBits} fractional bits has ${last} bits more than the ` +
        `session's precision, ${precision}, and at most ${VALUE_BITS} can be cut off: use factors with fewer ` +
        "fractional bits",
    );
  }
  const cut = (of: number, width: number) => use(truncate, { length: of, bits: width });
  const splits = split && rest > 0;
  return {
    fracBits: x.fracBits + fracBits - rest - last,
    uses: {
      split: splits ? cut(sizeOf(x.shape), SPLIT_BITS) : undefined,
      low: widths.map((width) => cut(length, width)),
      last: last > 0 ? cut(length, last) : undefined,
    },
    limbs: () => limbsOf(c, raise, widths, splits),
  };
}

/**
 * Run a planned product.
 *
 * @param map - multiplies a vector by a limb of the factor, which has the factor's shape; linear in the vector
 */
export async function runFactor(
  ctx: OperationContext,
  x: Share,
  plan: FactorPlan,
  { split, low, last }: Calls<FactorUses>,
  map: (ring: Ring, vector: RingVector, limb: PublicTensor) => RingVector,
): Promise<Share> {
  const parts = split ? await splitUp(ctx, x, split as (x: Share) => Promise<Share>) : [x];
  const limbs = plan.limbs();
  let y: Share | undefined;
  for (let i = 0; i * parts.length < limbs.length; i++) {
    const own = limbs.slice(i * parts.length, (i + 1) * parts.length);
    const addends = y ? [y, ...parts] : parts;
    const sum = scope(() =>
      ctx.scheme.linear(addends, (ring, vectors) => {
        const products = own.map((limb, j) => map(ring, vectors[vectors.length - parts.length + j]!, limb));
        return (y ? [vectors[0]!, ...products] : products).reduce((a, b) => ring.add(a, b));
      }),
    );
    const cut = low[i] ?? last;
    y = cut ? await (cut as (x: Share) => Promise<Share>)(sum) : sum;
  }
  return y!;
}

/** Split X = Z·2^31 + R; return R and Z. */
async function splitUp(ctx: OperationContext, x: Share, split: (x: Share) => Promise<Share>) {
  const high = await split(x);
  const low = scope(() =>
    ctx.scheme.linear([x, high], (ring, [all, top]) => ring.sub(all!, ring.shiftLeft(top!, SPLIT_BITS))),
  );
  return [low, high];
}

/** The widths of the lower limbs, the lowest first. */
function limbWidths(rest: number, width: number): number[] {
  const count = Math.ceil(rest / width);
  return Array.from({ length: count }, (_, i) => (i === 0 ? rest - (count - 1) * width : width));
}

/** The limbs of C, lowest first; where the secret is split, those for R and for Z in turn. */
function limbsOf(c: PublicTensor, raise: number, widths: readonly number[], splits: boolean): PublicTensor[] {
  const tensor = (vector: RingVector): PublicTensor => ({ shape: c.shape, fracBits: 0, vector });
  const { ring } = c.vector;
  const raised = raise === 0 ? c.vector : ring.shiftLeft(c.vector, raise);
  if (widths.length === 0) return [tensor(narrow(raised))];
  if (!splits) return digitsOf(raised, widths).map(tensor);
  const wide = widen(raised);
  const high = digitsOf(ring128.shiftLeft(wide, SPLIT_BITS), widths);
  return digitsOf(wide, widths).flatMap((digit, i) => [tensor(digit), tensor(high[i]!)]);
}

/** Cut numbers into signed digits of the given widths, lowest first, and what is left above them. */
function digitsOf(numbers: RingVector, widths: readonly number[]): RingVector[] {
  const { ring } = numbers;
  const digits: RingVector[] = [];
  let rest = numbers;
  for (const width of widths) {
    const above = ring.bits - width;
    const digit = ring.shiftRightSigned(ring.shiftLeft(rest, above), above);
    digits.push(narrow(digit));
    rest = ring.shiftRightSigned(ring.sub(rest, digit), width);
  }
  return [...digits, narrow(rest)];
}

/** The low words. */
function narrow(vector: RingVector): RingVector {
  return vector.ring.bits === ring64.bits ? vector : ring64.fromBigInts(vector.ring.toSignedBigInts(vector));
}

function widen(vector: RingVector): RingVector {
  return vector.ring.bits === ring64.bits ? ring128.fromBigInts(ring64.toSignedBigInts(vector)) : vector;
}

function requireSize(bits: number, fracBits: number): void {
  if (bits <= Math.max(1, VALUE_BITS - fracBits)) return;
  throw new RangeError(
    `a public factor is 2^${VALUE_BITS - fracBits} or more in magnitude, so that its product with any secret of this ` +
      `scale (${fracBits} fractional bits) but zero overflows: use smaller units`,
  );
}
