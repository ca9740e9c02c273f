import type { OperationLink } from "../channel/operation-link";
import { concatBytes, drawBytes, equalBytes, readWord } from "../crypto/bytes";
import { tossCoins } from "../crypto/coins";
import { exchangeCommitted } from "../crypto/commitment";
import { createPrg } from "../crypto/prg";
import { CheckError } from "../errors";
import { ring128 } from "../ring";
import { authenticate } from "./authenticate";
import type { Machine } from "./machine";
import { extendBoth } from "./ot/extend";
import { ELEMENT, type RawVector } from "./raw";

/** Bits of which each factor is a random sum, so that some may leak: 2k + 4s for k = s = 64. */
const BITS = 384;
export interface RawTriples {
  readonly a: RawVector;
  readonly b: RawVector;
  readonly c: RawVector;
}

/**
 * Makes authenticated triples: a and b uniform mod 2^128, c = a·b.
 *
 * 1. Multiply: each bit of a vector of 384 by the other party's b, by correlated oblivious transfer both ways.
 * 2. Combine: coins r and r' turn bits and products into a, c and a', c'; what a cheating sender learned of the bits
 *    leaves a and a' uniform (leftover hash lemma).
 * 3. Authenticate a, b, c, a', c'.
 * 4. Sacrifice: with a coin t open rho = t·a − a', and check that t·c − c' − rho·b has the MAC of zero, together with
 *    the MAC of rho, by a random combination.
 *
 * The paper opens sigma mod 2^(k+s) under MACs mod 2^(k+2s). Here all is mod 2^128 and sigma is never opened: its MAC
 * itself must be zero. With v < 64 trailing zeros in the error of a triple, t leaves w of them with probability
 * 2^(v−w), the combination alike, and alpha then hides 128 − w bits, so a bad triple passes with probability below
 * 2^−53.
 *
 * @returns this party's shares; nothing is returned before all checks passed
 * @throws {CheckError} the other party deviated
 *
 * Cost: 18 rounds, 11.5 kB for each triple each way. Security: active, with abort.
 * Source: SPDZ2k, ePrint 2018/482, section 6 (Π_Triple: multiply, combine, authenticate, sacrifice).
 */
export async function makeTriples(link: OperationLink, machine: Machine, count: number): Promise<RawTriples> {
  const { kernels } = machine;
  const mark = kernels.mark;
  try {
    const size = count * ELEMENT;
    // a, b, c, a', c' in a row.
    const values = kernels.allocate(5 * size);
    await multiplyAndCombine(link, machine, count, values);
    const macs = await authenticate(link, machine, values, 5 * count, 5 * count);
    for (let at = 0; at < 5 * size; at += size) addInto(machine, macs.own + at, macs.peer + at, size);
    await sacrifice(link, machine, count, values, macs.own);
    const vector = (i: number) => ({
      values: kernels.read(values + i * size, size),
      macs: kernels.read(macs.own + i * size, size),
    });
    return { a: vector(0), b: vector(1), c: vector(2) };
  } finally {
    kernels.release(mark);
  }
}

async function multiplyAndCombine(link: OperationLink, machine: Machine, count: number, values: number) {
  const { kernels, identity, sender, receiver } = machine;
  const { run } = kernels;
  const size = count * ELEMENT;
  const transfers = count * BITS;
  const b = values + size;
  kernels.write(b, drawBytes(identity.random, size));
  const mark = kernels.mark;
  const { zeros, ones, messages, choices } = await extendBoth(link, identity, sender, receiver, transfers);
  const corrections = kernels.allocate(transfers * ELEMENT);
  const shares = kernels.allocate(transfers * ELEMENT);
  run.gilboaSend(zeros, ones, b, BITS, transfers, corrections, shares);
  const theirs = await link.exchange(kernels.read(corrections, transfers * ELEMENT));
  kernels.write(corrections, theirs);
  run.gilboaReceive(messages, corrections, choices, b, BITS, transfers, shares);
  const prg = createPrg(await tossCoins(link, identity, "combine"));
  const weights = kernels.put(drawBytes(prg, 2 * BITS * ELEMENT));
  const [a, c, a2, c2] = [values, values + 2 * size, values + 3 * size, values + 4 * size];
  run.combine(shares, choices, weights, weights + BITS * ELEMENT, BITS, count, c, c2, a, a2);
  kernels.release(mark);
}

async function sacrifice(link: OperationLink, machine: Machine, count: number, values: number, macs: number) {
  const { kernels, identity, keeper } = machine;
  const size = count * ELEMENT;
  const of = (base: number, i: number) => base + i * size;
  const t = readWord(await tossCoins(link, identity, "sacrifice"));
  const rho = kernels.allocate(size);
  kernels.run.sacrificeRho(of(values, 0), of(values, 3), t, count, rho);
  const theirs = await link.exchange(kernels.read(rho, size));
  addInto(machine, rho, kernels.put(theirs), size);
  const prg = createPrg(await tossCoins(link, identity, "sacrifice/check"));
  const weights = kernels.put(drawBytes(prg, size));
  const sum = kernels.allocate(ELEMENT);
  const [ma, mb, mc, ma2, mc2] = [0, 1, 2, 3, 4].map((i) => of(macs, i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  kernels.run.sacrificeCheck(ma, ma2, mb, mc, mc2, rho, t, keeper.alpha, weights, count, sum);
  const mine = kernels.read(sum, ELEMENT);
  const other = await exchangeCommitted(link, identity, "sacrifice", concatBytes(mine));
  const total = ring128.add(ring128.fromBytes(mine, 1), ring128.fromBytes(other, 1));
  if (!equalBytes(ring128.toBytes(total), new Uint8Array(ELEMENT)))
    throw new CheckError(
      "sacrifice",
      "a multiplication triple is wrong: the other party deviated while it was made",
    );
}

/** to += from, element by element. */
function addInto({ kernels }: Machine, to: number, from: number, size: number): void {
  kernels.run.add128(to, from, size / ELEMENT);
}
