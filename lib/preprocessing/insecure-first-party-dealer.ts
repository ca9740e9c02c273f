import { concatBytes } from "../crypto/bytes";
import { createPrg, randomSeed, SEED_BYTES } from "../crypto/prg";
import type { Ring, RingVector } from "../ring";
import { shareVector } from "../sharing/additive";
import type { Preprocessing, PreprocessingContext, Triple, TruncationMask } from "./preprocessing";

/**
 * The 2018 demo's way: party 0 makes all correlated randomness and sends party 1 its part. Party 0 knows every
 * mask and can therefore read whatever party 1 opens under it: right results, no privacy for party 1.
 *
 * Party 1's random shares come from a seed, so that one message carries 16 bytes and the corrections.
 *
 * Cost: one message of 16 bytes plus the corrections, from party 0 to party 1.
 * Security: none against party 0; semi-honest against party 1.
 */
export const insecureFirstPartyDealer: Preprocessing = {
  name: "insecureFirstPartyDealer",

  triple: (ctx, length) => dealTriple(ctx, length, length, length, (ring, a, b) => ring.mul(a, b)),

  matmulTriple: (ctx, m, k, n) =>
    dealTriple(ctx, m * k, k * n, m * n, (ring, a, b) => ring.matmul(a, b, m, k, n)),

  async truncationMask(ctx, length, bits): Promise<TruncationMask> {
    const { ring } = ctx;
    const [drawn, derived] = await deal(ctx, [length], [length, length], (r) => [
      ring.shiftRight(r!, bits),
      ring.shiftRight(r!, ring.bits - 1),
    ]);
    return { r: drawn[0]!, shifted: derived[0]!, msb: derived[1]! };
  },
};

async function dealTriple(
  ctx: PreprocessingContext,
  aLength: number,
  bLength: number,
  cLength: number,
  product: (ring: Ring, a: RingVector, b: RingVector) => RingVector,
): Promise<Triple> {
  const [drawn, derived] = await deal(ctx, [aLength, bLength], [cLength], (a, b) => [
    product(ctx.ring, a!, b!),
  ]);
  return { a: drawn[0]!, b: drawn[1]!, c: derived[0]! };
}

/**
 * Shares of uniform values and of what follows from them.
 *
 * @param drawnLengths - how many elements each uniform value has
 * @param derivedLengths - how many each derived value has
 * @param derive - computes the derived values in the clear; runs at party 0 alone
 */
async function deal(
  { ring, background, random }: PreprocessingContext,
  drawnLengths: readonly number[],
  derivedLengths: readonly number[],
  derive: (...drawn: RingVector[]) => RingVector[],
): Promise<[drawn: RingVector[], derived: RingVector[]]> {
  const expand = (seed: Uint8Array) => {
    const prg = createPrg(seed);
    return drawnLengths.map((length) => ring.random(length, prg));
  };
  if (background.party === 1) {
    const size = derivedLengths.reduce((total, length) => total + length * ring.bytes, SEED_BYTES);
    const message = await background.receive(size);
    let at = SEED_BYTES;
    const derived = derivedLengths.map((length) => {
      const end = at + length * ring.bytes;
      const vector = ring.fromBytes(message.subarray(at, end), length);
      at = end;
      return vector;
    });
    return [expand(message.subarray(0, SEED_BYTES)), derived];
  }
  const seed = randomSeed();
  const mine = drawnLengths.map((length) => ring.random(length, random));
  const theirs = expand(seed);
  const derived = derive(...mine.map((x, i) => ring.add(x, theirs[i]!))).map((x) => shareVector(x, random));
  background.send(concatBytes(seed, ...derived.map(([, other]) => ring.toBytes(other))));
  return [mine, derived.map(([own]) => own)];
}
