import type { OperationLink } from "../../channel/operation-link";
import { extendBoth } from "../ot/extend";
import { multiplyByKeys } from "./authenticate";
import { divide, type RawTriples } from "./divide";
import { combineProducts, FACTOR_BITS, receiveProducts, sendProducts } from "./gilboa";
import { NOISE_SUMS, openNoise } from "./noise";
import type { OtState } from "./ot-state";
import { WIDE } from "./ring-vole";
import { sacrifice, type TripleParts } from "./sacrifice";

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
  const transfers = count * FACTOR_BITS;
  kernels.draw(to.b, identity.random, count * WIDE);
  const mark = kernels.mark;
  await extendBoth(link, identity, sender, receiver, transfers);
  const shares = kernels.allocate(transfers * WIDE);
  const { choices } = receiver;
  sendProducts(link, state, count, to.b, shares);
  await receiveProducts(link, state, count, to.b, shares);
  await combineProducts(link, state, count, shares, choices, to);
  kernels.release(mark);
}
