import type { OperationLink } from "../../channel/operation-link";
import { SpdzError } from "../../errors";
import { MASK_BITS_EACH } from "../../preprocessing/kinds/mask-bits";
import { burn, type RawVector, toShares } from "../../preprocessing/kinds/raw";
import type { Capabilities } from "../../preprocessing/producer";
import { keep, type RingVector, ring64, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  concatShares,
  type MacKey,
  mulPublic,
  sliceShares,
  subShares,
} from "../../sharing/authenticated";
import { type BitGates, type Circuit, equality, signOfDifference } from "../../sharing/bit-circuits";
import { openBits } from "../../sharing/bit-opening";
import {
  type BitVector,
  bitCount,
  concatBits,
  notBits,
  packBits,
  packedBytes,
  sliceBits,
  strideBits,
  xorBits,
  xorPublicBits,
} from "../../sharing/bits";
import { lowWords, widenWords } from "../../sharing/opening";
import { addDemands, type Demand, NO_DEMAND } from "../demand";
import type { Length } from "../protocol";
import { andBits, bitKey, toBits } from "./and-bits";
import { chunksOf } from "./chunks";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import { multiply, multiplyShares } from "./multiply";

const WORD = 8;
/** What `openUnderBits` takes for `length` numbers. */
export const UNDER_BITS = {
  demand: ({ length }: Length): Demand => ({
    items: { maskbits: length },
    rounds: 2,
    bytes: WORD * length,
    openings: length,
  }),
} as const;
/** What `toIntegers` takes for `length` bits. */
export const TO_INTEGERS = {
  demand: ({ length }: Length): Demand => ({
    items: { dabit: length },
    rounds: 1,
    bytes: packedBytes(length),
    bits: length,
  }),
} as const;
/** How many numbers are compared at once, so that their bits take bounded memory. */
const CHUNK = 1 << 14;

/** Whether to compare for x < 0 or for x = 0. */
export type AuthenticatedComparison = "negative" | "zero";

/** Both circuits with the ANDs of each of their rounds. */
const CIRCUITS: {
  readonly [comparison in AuthenticatedComparison]: {
    readonly circuit: Circuit;
    readonly ands: readonly number[];
  };
} = {
  negative: { circuit: signOfDifference, ands: [8, 15, 15, 15, 15, 15, 15, 13, 7, 3, 1] },
  zero: { circuit: equality, ands: [32, 16, 8, 4, 2, 1] },
};

type Sizes = Length & { readonly comparison: AuthenticatedComparison };

/**
 * Compare x, as a signed 64-bit integer, with zero: shares of the integer 1 where it is below zero, or where it is zero, and
 * of 0 elsewhere. Exact for every x.
 *
 * Party 1 has bits rho_j of a number r, party 0 bits beta_j, authenticated in F_2 and in the ring.
 * 1. Party 1 sends its share of x plus r, low words.
 * 2. Party 0 adds its share, which gives y = x + r mod 2^64, and sends delta_j = y_j ⊕ beta_j.
 * 3. Now y_j = delta_j ⊕ beta_j in both forms. In the ring U = y − x − r must be zero mod 2^64: log it as a claimed zero.
 *    All y_j are bits, whatever either party sends, so U = 0 fixes y. A wrong message makes U a constant that its sender
 *    knows, so how the check ends tells it nothing.
 * 4. In F_2 compute the top bit of y − r, or whether y = r, by ANDs of authenticated bits.
 * 5. Open that bit plus a random bit d, and subtract d in the ring.
 *
 * Rounds: 2 of one message each, then those of the circuit, and 1. Security: active, provisional until the check.
 * Source: the steps follow Cheetah, ePrint 2022/207, and Escudero et al., ePrint 2020/338 (bits in two forms); private bits
 * instead of shared ones are our own argument.
 */
export const compare = {
  check: (_: Sizes, can: Capabilities) => requireComparison(can),
  demand({ length, comparison }: Sizes): Demand {
    const demands = chunksOf(length, CHUNK).map(([start, end]) => chunkDemand(end - start, comparison));
    return demands.length === 0 ? NO_DEMAND : addDemands(...demands);
  },
  async run(ctx, [x], { length, comparison }): Promise<AuthenticatedVector> {
    const results: AuthenticatedVector[] = [];
    for (const [start, end] of chunksOf(length, CHUNK)) {
      const part = sliceShares(x, start, end);
      results.push(await compareChunk(ctx, part, CIRCUITS[comparison].circuit));
      await ctx.checkIfMany();
    }
    return results.length === 1 ? results[0]! : scope(() => concatShares(results));
  },
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector]>;

/** Compare x with zero and multiply y by the result: shares of the results, then of the products. */
export const select = {
  check: compare.check,
  demand: (sizes: Sizes): Demand =>
    addDemands(compare.demand(sizes), multiply.demand({ length: sizes.length })),
  async run(ctx, [x, y], sizes): Promise<AuthenticatedVector> {
    const results = await compare.run(ctx, [x], sizes);
    const products = await multiplyShares(ctx, results, y);
    await ctx.checkIfMany();
    return scope(() => concatShares([results, products]));
  },
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector, y: AuthenticatedVector]>;

/** @throws {SpdzError} `unsupported`: the session's producer makes no items for it */
export function requireComparison(can: Capabilities): void {
  if (can.comparison === "private") return;
  throw new SpdzError("unsupported", "this session's producer makes no items for comparisons");
}

function chunkDemand(length: number, comparison: AuthenticatedComparison): Demand {
  const { ands } = CIRCUITS[comparison];
  return addDemands(
    UNDER_BITS.demand({ length }),
    ...ands.map((each) => andBits.demand({ length: each * length })),
    TO_INTEGERS.demand({ length }),
  );
}

async function compareChunk(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  circuit: Circuit,
): Promise<AuthenticatedVector> {
  const { y, r } = await openUnderBits(ctx, x);
  return toIntegers(ctx, await circuit(gatesOf(ctx), y, r));
}

/**
 * Get the bits of two numbers y and r whose difference is x mod 2^64, place by place, the lowest first: steps 1 to 3 of
 * `compare`.
 */
export async function openUnderBits(
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
): Promise<{ readonly y: BitVector[]; readonly r: BitVector[] }> {
  const { link, key, log } = ctx;
  const [binary, macs] = (await ctx.items.take("maskbits", x.value.length)) as [RawVector, RawVector];
  const { number, delta } = await maskWords(link, x, packBits(toBits(binary)));
  const zero = scope(() => differenceOf(key, x, number, delta, macs));
  log.claimZero(zero);

  const zeros = new Uint8Array(binary.values.length);
  const mine: BitVector = { own: binary.values, keys: zeros };
  const theirs: BitVector = { own: zeros, keys: binary.macs };
  const [beta, rho] = key.party === 0 ? [mine, theirs] : [theirs, mine];
  const y = placesOf(xorPublicBits(bitKey(key), beta, delta));
  const r = placesOf(rho);
  for (const field of [binary, macs]) burn(field);
  return { y, r };
}

/** Turn authenticated bits into shares of the integers 0 and 1, under random bits that are shared in both forms. */
export async function toIntegers(ctx: AuthenticatedContext, bits: BitVector): Promise<AuthenticatedVector> {
  const { link, key, log } = ctx;
  const length = bitCount(bits);
  const [d, bit] = (await ctx.items.take("dabit", length)) as [RawVector, RawVector];
  const masked = await openBits(link, bitKey(key), log.bits, xorBits(bits, toBits(bit)), "opens masked bits");
  // e ⊕ d = e + (1 − 2·e)·d.
  const shares = scope(() => {
    const e = ring128.fromBits(masked, length);
    const sign = ring128.addScalar(ring128.shiftLeft(ring128.neg(e), 1), 1n);
    return addPublic(key, mulPublic(toShares(d), sign), e);
  });
  for (const field of [d, bit]) burn(field);
  return shares;
}

/**
 * Exchange both messages.
 *
 * @param own - this party's bits, 64 for each number
 * @returns the numbers whose bits this party knows, y at party 0 and r at party 1; and the delta, which are public
 */
async function maskWords(link: OperationLink, x: AuthenticatedVector, own: Uint8Array) {
  const { length } = x.value;
  const words = (bytes: Uint8Array) => ring64.fromBytes(bytes, length);
  const low = lowWords(ring128.toBytes(x.value));
  if (link.party === 1) {
    const masked = scope(() => ring64.toBytes(ring64.add(words(low), words(own))));
    link.send(masked, "masked number");
    link.passRound?.();
    return { number: own, delta: await link.receive(length * WORD, "masked bits") };
  }
  const masked = await link.receive(length * WORD, "masked number");
  const y = scope(() => ring64.toBytes(ring64.add(words(low), words(masked))));
  const delta = y.map((byte, i) => byte ^ own[i]!);
  link.send(delta.slice(), "masked bits");
  link.passRound?.();
  return { number: y, delta };
}

/** Compute shares of y − x − r. */
function differenceOf(
  key: MacKey,
  x: AuthenticatedVector,
  number: Uint8Array,
  delta: Uint8Array,
  macs: RawVector,
): AuthenticatedVector {
  const { length } = x.value;
  const bits = length * MASK_BITS_EACH;
  const [own, peer] = [macs.values, macs.macs].map((bytes) => ring128.fromBytes(bytes, bits));
  const [beta, rho] = key.party === 0 ? [own!, peer!] : [peer!, own!];
  // y_j = delta_j + (1 − 2·delta_j)·beta_j; the public delta_j follow below.
  const signs = ring128.addScalar(ring128.shiftLeft(ring128.neg(ring128.fromBits(delta, bits)), 1), 1n);
  const each = ring128.sub(ring128.mul(beta, signs), rho);
  const mac = ring128.matmul(each, weights(), length, MASK_BITS_EACH, 1);
  const value = key.party === 0 ? widenWords(number) : ring128.neg(widenWords(number));
  const difference = { value, mac: ring128.add(mac, ring128.mulScalar(widenWords(delta), key.alpha)) };
  return subShares(difference, x);
}

let powers: RingVector | undefined;

/** 2^j for 64 bits. */
function weights(): RingVector {
  powers ??= keep(ring128.fromBigInts(Array.from({ length: MASK_BITS_EACH }, (_, j) => 1n << BigInt(j))));
  return powers;
}

/** Sort the bits of all numbers by their places, lowest first. */
function placesOf(bits: BitVector): BitVector[] {
  return Array.from({ length: MASK_BITS_EACH }, (_, j) => strideBits(bits, j, MASK_BITS_EACH));
}

/** Gates on vectors of bits; a round multiplies all pairs at once. */
export function gatesOf(ctx: AuthenticatedContext): BitGates<BitVector> {
  const key = bitKey(ctx.key);
  return {
    xor: xorBits,
    not: (x) => notBits(key, x),
    async and(pairs) {
      const size = bitCount(pairs[0]![0]);
      const [x, y] = [0, 1].map((side) => concatBits(pairs.map((pair) => pair[side as 0 | 1])));
      const product = await andBits.run(ctx, [x!, y!], { length: pairs.length * size });
      return pairs.map((_, i) => sliceBits(product, i * size, (i + 1) * size));
    },
  };
}
