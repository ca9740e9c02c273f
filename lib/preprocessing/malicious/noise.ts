import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { OtKernels } from "../wasm/kernels";
import type { OtState } from "./ot-state";
import { checkZero, openPacked, PACKED, SPILL } from "./packed";
import { WIDE } from "./ring-vole";

/** How many sums check the opening, and how many masks are authenticated for them. */
export const NOISE_SUMS = 64;
/** Bytes of 40 bits. */
const NOISE = 5;
const WORD = 8;

/** Addresses of shares mod 2^168 and of shares of their MACs. */
interface SharesAndMacs {
  readonly values: number;
  readonly macs: number;
}

/**
 * Open the lowest 40 bits of each share of b. Subtracting the sum of both parties' bits from b makes it divisible by
 * 2^40.
 *
 * A party that names other bits than its share has would leave remainders. So the parties open the lowest 40 bits of the
 * masks, which are used for nothing else, in the same way. Then they open 64 random subset sums of the b, each with a
 * mask added, and check their MACs; the lowest 40 bits must be the sums of the named bits. Each sum misses a wrong name
 * with probability 1/2; the check of the sums adds its own chance (docs/protocols.md, How sure).
 *
 * @param b - `count` elements
 * @param masks - NOISE_SUMS elements
 * @returns the address of a word for each element: the noise of both parties together, below 2^41
 * @throws {CheckError} the other party deviated
 */
export async function openNoise(
  link: OperationLink,
  state: OtState,
  count: number,
  b: SharesAndMacs,
  masks: SharesAndMacs,
): Promise<number> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const own = kernels.allocate((count + NOISE_SUMS) * WORD);
  run.lowBits(b.values, count, own);
  run.lowBits(masks.values, NOISE_SUMS, own + count * WORD);
  const mine = kernels.read(own, (count + NOISE_SUMS) * WORD);
  const noise = addWords(mine, await link.exchange(packWords(mine)));
  kernels.write(own, noise);

  const subsets = kernels.put(drawBytes(createPrg(await tossCoins(link, identity, "noise")), count * WORD));
  run.subsetSums192(b.values, subsets, count, masks.values);
  run.subsetSums192(b.macs, subsets, count, masks.macs);
  await openPacked(link, state, masks.values, NOISE_SUMS);
  await checkMacs(link, state, masks);

  if (!endsAsNamed(kernels, count, own, subsets, masks.values)) throw new CheckError("sacrifice", WRONG);
  return own;
}

/**
 * The same for b that only party 1 knows. Party 1 names the bits, and shows the sums to party 0 with the same sums of
 * its v, where w = v + alpha·b is at party 0.
 *
 * A sum that ends otherwise than b does needs another sum of v. It differs by alpha times a number with fewer than 40
 * zeros at its end, which is to guess all 64 bits of alpha.
 *
 * @param b - at party 1, addresses of the `count` values and of their v; at party 0, `macs` is the address of the w
 * @param masks - the same for NOISE_SUMS masks; overwritten
 * @returns as above
 * @throws {CheckError} party 1 deviated
 */
export async function nameNoise(
  link: OperationLink,
  state: OtState,
  count: number,
  b: SharesAndMacs,
  masks: SharesAndMacs,
): Promise<number> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const named = count + NOISE_SUMS;
  const noise = kernels.allocate(named * WORD);
  if (link.party === 1) {
    run.lowBits(b.values, count, noise);
    run.lowBits(masks.values, NOISE_SUMS, noise + count * WORD);
    link.send(packWords(kernels.read(noise, named * WORD)));
  } else {
    const none = new Uint8Array(named * WORD);
    kernels.write(noise, addWords(none, await link.receive(named * NOISE)));
  }
  const subsets = kernels.put(drawBytes(createPrg(await tossCoins(link, identity, "noise")), count * WORD));
  run.subsetSums192(b.macs, subsets, count, masks.macs);
  const packed = kernels.allocate(2 * NOISE_SUMS * PACKED + SPILL);
  if (link.party === 1) {
    run.subsetSums192(b.values, subsets, count, masks.values);
    run.pack(masks.values, NOISE_SUMS, packed);
    run.pack(masks.macs, NOISE_SUMS, packed + NOISE_SUMS * PACKED);
    link.send(kernels.read(packed, 2 * NOISE_SUMS * PACKED));
  } else {
    kernels.write(packed, await link.receive(2 * NOISE_SUMS * PACKED));
    verifySums(state, count, { noise, subsets, packed, w: masks.macs });
  }
  return noise;
}

/** @throws {CheckError} the packed sums, or the sums of v behind them, are wrong */
function verifySums(
  { kernels, keeper }: OtState,
  count: number,
  at: { readonly noise: number; readonly subsets: number; readonly packed: number; readonly w: number },
): void {
  const { run } = kernels;
  const sums = kernels.allocate(2 * NOISE_SUMS * WIDE);
  run.addPacked(at.packed, 2 * NOISE_SUMS, sums);
  // alpha·sum + v must be w mod 2^168.
  const v = sums + NOISE_SUMS * WIDE;
  run.scaleAdd192(sums, keeper.alpha, NOISE_SUMS, v);
  run.subtract192(v, at.w, NOISE_SUMS, v);
  run.pack(v, NOISE_SUMS, at.packed);
  const differs = kernels.read(at.packed, NOISE_SUMS * PACKED).some((byte) => byte !== 0);
  if (differs || !endsAsNamed(kernels, count, at.noise, at.subsets, sums))
    throw new CheckError("sacrifice", WRONG);
}

/** Return whether the sums end as the same sums of the named bits; those of the masks follow those of the b. */
function endsAsNamed(
  kernels: OtKernels,
  count: number,
  noise: number,
  subsets: number,
  sums: number,
): boolean {
  const { run } = kernels;
  const named = kernels.put(widen(kernels.read(noise, (count + NOISE_SUMS) * WORD)));
  const expected = named + count * WIDE;
  run.subsetSums192(named, subsets, count, expected);
  const differences = kernels.allocate(NOISE_SUMS * WIDE);
  run.subtract192(sums, expected, NOISE_SUMS, differences);
  run.lowBits(differences, NOISE_SUMS, differences);
  return kernels.read(differences, NOISE_SUMS * WORD).every((byte) => byte === 0);
}

/** @throws {CheckError} the opened values do not have the MACs of which `macs` are this party's shares */
async function checkMacs(link: OperationLink, state: OtState, { values, macs }: SharesAndMacs) {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const prg = createPrg(await tossCoins(link, identity, "noise/check"));
  const weights = kernels.put(drawBytes(prg, NOISE_SUMS * WORD));
  const total = kernels.allocate(WIDE);
  const product = kernels.allocate(WIDE);
  const sum = kernels.allocate(WIDE);
  run.combine192(values, weights, NOISE_SUMS, total);
  run.scaleAdd192(total, keeper.alpha, 1, product);
  run.combine192(macs, weights, NOISE_SUMS, sum);
  run.subtract192(sum, product, 1, sum);
  await checkZero(link, state, "noise", sum, WRONG);
}

const WRONG = "the noise of a multiplication triple is wrong: the other party deviated while it was made";

/** Words below 2^40 as 5 bytes each. */
function packWords(words: Uint8Array): Uint8Array {
  const count = words.length / WORD;
  const packed = new Uint8Array(count * NOISE);
  for (let i = 0; i < count; i++) packed.set(words.subarray(i * WORD, i * WORD + NOISE), i * NOISE);
  return packed;
}

/** Sums of words and of packed ones. */
function addWords(words: Uint8Array, packed: Uint8Array): Uint8Array {
  const sums = new Uint8Array(words.length);
  const from = new DataView(words.buffer, words.byteOffset);
  const theirs = new DataView(packed.buffer, packed.byteOffset);
  const to = new DataView(sums.buffer);
  for (let i = 0; i < words.length / WORD; i++) {
    const other = BigInt(theirs.getUint32(i * NOISE, true)) | (BigInt(theirs.getUint8(i * NOISE + 4)) << 32n);
    to.setBigUint64(i * WORD, from.getBigUint64(i * WORD, true) + other, true);
  }
  return sums;
}

/** Words as elements of 24 bytes. */
function widen(words: Uint8Array): Uint8Array {
  const count = words.length / WORD;
  const wide = new Uint8Array(count * WIDE);
  for (let i = 0; i < count; i++) wide.set(words.subarray(i * WORD, (i + 1) * WORD), i * WIDE);
  return wide;
}
