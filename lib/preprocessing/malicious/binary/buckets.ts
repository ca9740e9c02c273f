import type { OperationLink } from "../../../channel/operation-link";
import { drawBytes, wipe } from "../../../crypto/bytes";
import { tossCoins } from "../../../crypto/coins";
import { createPrg } from "../../../crypto/prg";
import type { ByteSource } from "../../../ring";
import { BitLog, checkBits } from "../../../sharing/bit-log";
import { BLOCK } from "../../../sharing/bits";
import type { OtState } from "../ot-state";
import type { AndBlocks } from "./leaky-ands";
import { type BitBlocks, bitKeyOf } from "./random-bits";

/** From how many ANDs on a bucket of so many leaky ones is enough, for 2^−53. */
const SIZES = [
  { from: 65_536, size: 4 },
  { from: 3_072, size: 5 },
  { from: 512, size: 6 },
] as const;

/** The smallest batch. */
export const FEWEST_ANDS = SIZES[SIZES.length - 1]!.from;

/**
 * Return how many leaky ANDs each AND of a batch takes.
 *
 * A party that bets on c gates wins with probability 2^−c, and then knows an x if some bucket consists of such gates
 * alone. For `count` buckets of size B that happens with probability below count · C(c, B) / C(count·B, B). The product
 * of both is greatest at c = 2B − 1 or 2B, and is below 2^−53 for these sizes (test/games/buckets.game.test.ts).
 *
 * @throws {RangeError} the batch is too small
 */
export function bucketSize(count: number): number {
  const found = SIZES.find(({ from }) => count >= from);
  if (!found) throw new RangeError(`a batch must have at least ${FEWEST_ANDS} ANDs, got ${count}`);
  return found.size;
}

/**
 * Combine leaky ANDs into ANDs of which the other party knows nothing, `size` into each.
 *
 * Coins, tossed when the leaky ANDs have passed their check, put the gates into random order. Of each bucket in turn the
 * parties open how its y differ from its first y. The sums of its x and of z ⊕ (y ⊕ y')·x, with the first y, are an AND.
 * It reveals x only if all its gates do. At the end the parties check the MACs of what they opened.
 *
 * @param leaky - count·size gates
 * @throws {CheckError} the other party opened a wrong bit
 *
 * Security: active, with abort. Source: Wang, Ranellucci, Katz, ePrint 2017/030, fig. 9 (combining in buckets).
 */
export async function combineAnds(
  link: OperationLink,
  state: OtState,
  leaky: AndBlocks,
  count: number,
  size: number,
): Promise<AndBlocks> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const coins = createPrg(await tossCoins(link, identity, "bucket"));
  const order = kernels.put(new Uint8Array(drawOrder(coins, count * size).buffer));

  const opened = count * (size - 1);
  const [own, keys] = [kernels.allocate(opened * BLOCK), kernels.allocate(opened * BLOCK)];
  run.bucketDifferences(leaky.y.own, order, size, count, own);
  run.bucketDifferences(leaky.y.keys, order, size, count, keys);
  const bytes = Math.ceil(opened / 8);
  const packed = kernels.allocate(bytes);
  run.packLow(own, opened, packed);
  const mine = kernels.read(packed, bytes);
  const theirs = await link.exchange(mine.slice());
  kernels.write(packed, theirs);
  const key = bitKeyOf(state);
  run.xorChosen(keys, packed, kernels.put(key.delta), opened);
  wipe(key.delta);
  const log = new BitLog();
  log.add(kernels.view(own, opened * BLOCK), kernels.view(keys, opened * BLOCK));
  await checkBits(link, identity, [log]);

  kernels.write(
    packed,
    mine.map((byte, i) => byte ^ theirs[i]!),
  );
  const blocks = (): BitBlocks => ({
    own: kernels.allocate(count * BLOCK),
    keys: kernels.allocate(count * BLOCK),
  });
  const [x, y, z] = [blocks(), blocks(), blocks()];
  for (const of of ["own", "keys"] as const)
    run.combineBuckets(
      leaky.x[of],
      leaky.y[of],
      leaky.z[of],
      order,
      packed,
      size,
      count,
      x[of],
      y[of],
      z[of],
    );
  return { x, y, z };
}

/** The largest word. */
const LAST = 2 ** 32 - 1;
/** Numbers drawn at once. */
const DRAWN = 16_384;

/** Draw a uniformly random order of 0, 1, … up to before `count` (Fisher and Yates). */
export function drawOrder(source: ByteSource, count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let words = new DataView(new ArrayBuffer(0));
  let at = 0;
  for (let i = count - 1; i > 0; ) {
    if (at === words.byteLength) {
      const { buffer, byteOffset, byteLength } = drawBytes(source, DRAWN * 4);
      words = new DataView(buffer as ArrayBuffer, byteOffset, byteLength);
      at = 0;
    }
    const word = words.getUint32(at, true);
    at += 4;
    const size = i + 1;
    // Draw again above the last multiple, so that every remainder is equally likely.
    if (word > LAST - size && word >= 2 ** 32 - (2 ** 32 % size)) continue;
    const j = word % size;
    const other = order[j]!;
    order[j] = order[i]!;
    order[i] = other;
    i--;
  }
  return order;
}
