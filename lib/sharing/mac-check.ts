import type { OperationLink } from "../channel/operation-link";
import { drawBytes } from "../crypto/bytes";
import { tossCoins } from "../crypto/coins";
import { exchangeCommitted } from "../crypto/commitment";
import type { Identity } from "../crypto/identity";
import { createPrg } from "../crypto/prg";
import { CheckError } from "../errors";
import { type ByteSource, type RingVector, ring128, scope } from "../ring";
import type { AuthenticatedVector, MacKey } from "./authenticated";
import { lowWords, type Opening, widenWords } from "./opening";

/** Openings of fewer elements are weighed together. */
const JOINED = 4096;

/** `count` uniform words of 64 bits as elements mod 2^128. */
function drawWords(source: ByteSource, count: number): RingVector {
  return widenWords(drawBytes(source, count * 8));
}

/** Σ weights · x as a vector of one element. */
function weigh(weights: RingVector, x: RingVector): RingVector {
  return ring128.matmul(weights, x, 1, x.length, 1);
}

/** The same openings, many small ones as one. */
function* joined(openings: readonly Opening[]): Generator<Opening> {
  let group: Opening[] = [];
  let size = 0;
  const join = (part: (opening: Opening) => RingVector) => ring128.concat(group.map(part));
  for (const [i, opening] of openings.entries()) {
    group.push(opening);
    size += opening.sums.length;
    if (size < JOINED && i + 1 < openings.length) continue;
    if (group.length === 1) yield opening;
    else
      yield {
        sums: join(({ sums }) => sums),
        uppers: join(({ uppers }) => uppers),
        macs: join(({ macs }) => macs),
      };
    group = [];
    size = 0;
  }
}

/**
 * Checks the MACs of all openings at once: a random combination of what was opened must have the same combination of
 * MACs, under a key that neither party knows.
 *
 * 1. Coins, tossed now that the openings are fixed, give a weight of 64 bits for each.
 * 2. The parties open the combination of the upper words, masked by a random authenticated value.
 * 3. Each computes its share of the combination of MACs minus alpha times that of the values, both commit, both open:
 *    the shares must cancel.
 *
 * @param identity - of this check or of the operation it belongs to, so that both parties count alike
 * @param mask - one random authenticated element; consumed
 * @throws {CheckError} the other party opened something false; it passes with probability below 2^−57
 *
 * Cost: 5 rounds, 168 bytes each way, whatever the number of openings. Security: active, with abort.
 * Source: SPDZ2k, ePrint 2018/482, BatchCheck (fig. 4).
 */
export async function checkMacs(
  link: OperationLink,
  identity: Identity,
  key: MacKey,
  openings: readonly Opening[],
  mask: AuthenticatedVector,
): Promise<void> {
  const prg = createPrg(await tossCoins(link, identity, "mac"));
  const own = scope(() => {
    let sum = ring128.zeros(1);
    let upper = mask.value;
    let mac = ring128.zeros(1);
    for (const { sums, uppers, macs } of joined(openings)) {
      const weights = drawWords(prg, sums.length);
      sum = ring128.add(sum, weigh(weights, sums));
      upper = ring128.add(upper, weigh(weights, uppers));
      mac = ring128.add(mac, weigh(weights, macs));
    }
    return { sum, mac, upper: lowWords(ring128.toBytes(upper)) };
  });
  for (const { sums, uppers, macs } of openings) for (const vector of [sums, uppers, macs]) vector.dispose();
  const mine = own.upper.slice();
  const theirs = await link.exchange(own.upper, "MAC check");
  const share = scope(() => {
    // z = Σ χ·m − alpha·(Σ χ·x + 2^64·p) + 2^64·(MAC of the mask)
    const p = ring128.shiftLeft(ring128.add(widenWords(mine), widenWords(theirs)), 64);
    const opened = ring128.mulScalar(ring128.add(own.sum, p), key.alpha);
    return ring128.add(ring128.sub(own.mac, opened), ring128.shiftLeft(mask.mac, 64));
  });
  const other = await exchangeCommitted(link, identity, "mac", ring128.toBytes(share));
  const cancels = scope(() =>
    ring128.equals(ring128.add(share, ring128.fromBytes(other.slice(), 1)), ring128.zeros(1)),
  );
  if (!cancels)
    throw new CheckError(
      "mac",
      "the MAC check failed: the other party changed a value on its way. Nothing that depends on it was revealed; " +
        "the session has ended and its keys are destroyed.",
    );
}
