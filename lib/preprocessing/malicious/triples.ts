import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import { ELEMENT, type RawVector } from "../kinds/raw";
import { extendBoth } from "../ot/extend";
import { PADS } from "../ot/soft-spoken";
import { multiplyByKeys } from "./authenticate";
import { NOISE_SUMS, openNoise } from "./noise";
import type { OtState } from "./ot-state";
import { PACKED, SPILL } from "./packed";
import { WIDE } from "./ring-vole";
import { sacrifice, type TripleParts } from "./sacrifice";

/** Bytes of a pair of weights as limbs. */
const WEIGHT = 48;

/** Transfers whose corrections go in one message, which fits a packet of the channel; the next are made meanwhile. */
const PIECE = 24 * PADS;

/**
 * Bits of which each factor is a random sum, so that some may leak: 4s + 2k for k = s = 64. A multiple of 128, as runs
 * of the extension are, and of 16, as `combine` takes them.
 */
const BITS = 384;

export interface RawTriples {
  readonly a: RawVector;
  readonly b: RawVector;
  readonly c: RawVector;
}

/**
 * Make authenticated triples: a uniform mod 2^64, b uniform mod 2^128, c = a·b.
 *
 * All is mod 2^168 until the last step, and the lowest 40 bits of b are noise.
 * 1. Multiply: each bit of a vector of 384 by the other party's b, by correlated oblivious transfer both ways.
 * 2. Combine: coins r and r' turn bits and products into a, c and a', c'. Whatever a cheating sender learns of the bits,
 *    a mod 2^64 is uniform within 2^−77 for each triple, N·2^−77 for the N triples of a session; see below.
 * 3. Authenticate a, b, c, a', c'.
 * 4. Sacrifice: with a coin t open rho = t·a − a', and check that t·c − c' − rho·b has the MAC of zero, together with
 *    the MAC of rho, by a random combination; see sacrifice.ts.
 * 5. Open the noise and divide: (b − noise) / 2^40 and (c − noise·a) / 2^40, without a message; see noise.ts.
 *
 * The noise is there for what step 4 can leak. A party that authenticates a + d instead of a, or opens rho + d,
 * passes when d·(g − b) = 0 mod 2^168 for a g of its choice, so with d = 2^(168−j) it guesses the lowest j bits of the
 * other party's b, right with probability 2^−j and caught otherwise. Up to 40 of them are noise that is opened anyway.
 *
 * The paper opens sigma mod 2^(k+s) under MACs mod 2^(k+2s). Here sigma is never opened: its MAC itself must be zero
 * mod 2^168. An error of c that matters has at most 103 trailing zeros; t, the combination and alpha, words of 64 bits
 * each, would have to end with 65 zeros between them, so a bad triple passes with probability below 2^−55
 * (test/games/sacrifice.game.test.ts).
 *
 * Why 384 bits. Let x be the bits of one factor, u = t·r − r' and rho = <u, x>, which is opened. A sender that used
 * another b in some transfers passes or not by a function of x and u alone, at best by whether <e∘u, x> is the value g
 * it bet on. Given u, r is still uniform. So two different x agree in (rho, <e∘u, x>) and in a with probability 2^−64
 * times that of agreeing in the former, and by the leftover hash lemma (Cauchy–Schwarz over the 2^64·2^168 pairs of a
 * and rho that go with one g) the distance of a from uniform, weighted by the probability of passing, is at most
 * sqrt(2^(64 + 168 − 384)) / 2 = 2^−77, whatever e and g are. Triples share r and r' but not x, so distances add up.
 *
 * @returns this party's shares; nothing is returned before all checks passed
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort.
 * Source: SPDZ2k, ePrint 2018/482, section 6 (Π_Triple: multiply, combine, authenticate, sacrifice), also for 4s + 2k
 * bits; the noise and the argument for it are ours.
 */
export async function makeTriples(link: OperationLink, state: OtState, count: number): Promise<RawTriples> {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const mark = kernels.mark;
  try {
    const size = count * WIDE;
    const all = 5 * count + NOISE_SUMS;
    // a, b, c, a', c' in a row, then the masks of the noise's check.
    const values = kernels.allocate(all * WIDE);
    await multiplyAndCombine(link, state, count, partsAt(values, size));
    kernels.draw(values + 5 * size, identity.random, NOISE_SUMS * WIDE);
    const { v, w } = await multiplyByKeys(link, state, values, all, all);
    const macs = kernels.allocate(all * WIDE);
    run.macOfOwn192(values, v, keeper.alpha, all, macs);
    run.add192(macs, w, all);
    const [x, m] = [partsAt(values, size), partsAt(macs, size)];
    await sacrifice(link, state, count, x, m);
    const masks = { values: values + 5 * size, macs: macs + 5 * size };
    const noise = await openNoise(link, state, count, { values: x.b, macs: m.b }, masks);
    return divide(state, link.party, count, x, m, noise);
  } finally {
    kernels.release(mark);
  }
}

const partsAt = (at: number, size: number): TripleParts => ({
  a: at,
  b: at + size,
  c: at + 2 * size,
  a2: at + 3 * size,
  c2: at + 4 * size,
});

async function multiplyAndCombine(link: OperationLink, state: OtState, count: number, to: TripleParts) {
  const { kernels, identity, sender, receiver } = state;
  const { run } = kernels;
  const transfers = count * BITS;
  kernels.draw(to.b, identity.random, count * WIDE);
  const mark = kernels.mark;
  await extendBoth(link, identity, sender, receiver, Math.ceil(transfers / 128) * 128);
  const shares = kernels.allocate(transfers * WIDE);
  const some = kernels.allocate(Math.min(transfers, PADS) * PACKED + SPILL);
  const sizeFrom = (start: number, most: number) => Math.min(most, transfers - start);
  let corrections = new Uint8Array(0);
  for (const { start, zeros, ones } of sender.finish(true)) {
    if (start % PIECE === 0) corrections = new Uint8Array(sizeFrom(start, PIECE) * PACKED);
    const size = sizeFrom(start, zeros.count);
    const [h0, g0, h1, g1] = [zeros.low, zeros.top, ones.low, ones.top];
    run.gilboaSend(h0, g0, h1, g1, to.b, BITS, start, size, some, shares + start * WIDE);
    corrections.set(kernels.view(some, size * PACKED), (start % PIECE) * PACKED);
    if (start + size === transfers || (start + size) % PIECE === 0) link.send(corrections);
  }
  const { choices } = receiver;
  for (const { start, pads } of receiver.finish(true)) {
    if (start % PIECE === 0)
      corrections = (await link.receive(sizeFrom(start, PIECE) * PACKED)) as typeof corrections;
    const size = sizeFrom(start, pads.count);
    const at = (start % PIECE) * PACKED;
    kernels.write(some, corrections.subarray(at, at + size * PACKED));
    const bits = choices + start / 8;
    run.gilboaReceive(pads.low, pads.top, some, bits, to.b, BITS, start, size, shares + start * WIDE);
  }
  const prg = createPrg(await tossCoins(link, identity, "combine"));
  const words = kernels.put(drawBytes(prg, BITS * 8));
  const elements = kernels.put(drawBytes(prg, BITS * WIDE));
  const weights = kernels.allocate(BITS * WEIGHT);
  run.limbs(words, elements, BITS, weights);
  run.combine(shares, choices, weights, BITS, count, to.c, to.c2, to.a, to.a2);
  kernels.release(mark);
}

/** Remove the noise from b and c; returns shares mod 2^128. */
function divide(
  state: OtState,
  party: number,
  count: number,
  x: TripleParts,
  m: TripleParts,
  noise: number,
): RawTriples {
  const { kernels, keeper } = state;
  const { run } = kernels;
  const alpha = new Uint8Array(WIDE);
  new DataView(alpha.buffer).setBigUint64(0, keeper.alpha, true);
  const key = kernels.put(alpha);
  alpha.fill(0);
  const none = kernels.allocate(count * 8);
  const to = kernels.allocate(count * ELEMENT);
  const up = BigInt(party);
  const read = () => kernels.read(to, count * ELEMENT);
  const narrowed = (from: number) => {
    run.narrow(from, count, to);
    return read();
  };
  const divided = (from: number, by: number, stride: number, part = noise) => {
    run.divide(from, by, stride, part, part === none ? 0n : up, count, to);
    return read();
  };
  return {
    a: { values: narrowed(x.a), macs: narrowed(m.a) },
    // Dividing each party's share of b drops its own noise, which is the remainder.
    b: { values: divided(x.b, key, 0, none), macs: divided(m.b, key, 0) },
    c: { values: divided(x.c, x.a, WIDE), macs: divided(m.c, m.a, WIDE) },
  };
}
