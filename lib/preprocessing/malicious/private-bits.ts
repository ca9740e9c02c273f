import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { drawBytes, wipe } from "../../crypto/bytes";
import { PRIVATE_BITS } from "../kinds/kinds";
import { burn, ELEMENT, type RawVector, toRaw, toShares } from "../kinds/raw";
import { runAsReceiver, runAsSender } from "../ot/extend";
import { multiplyByKeys } from "./authenticate";
import { proveBits } from "./bits";
import { multiplyBy } from "./checked-product";
import { divide, type RawTriples } from "./divide";
import { combineProducts, FACTOR_BITS, receiveProducts, sendProducts } from "./gilboa";
import { NOISE_SUMS, nameNoise } from "./noise";
import type { OtState } from "./ot-state";
import { openPackedOfZero } from "./packed";
import { WIDE } from "./ring-vole";
import { sacrifice, type TripleParts } from "./sacrifice";

/** The parts of its half of a triple that each party knows, in the order in which it authenticates them. */
const PARTS = [
  ["a", "a2", "c", "c2"],
  ["b", "c", "c2"],
] as const satisfies readonly (readonly (keyof TripleParts)[])[];

/** The number of masks that party 1 authenticates for the check of its noise. */
const masksOf = (party: Party) => (party === 0 ? 0 : NOISE_SUMS);

/**
 * Make private bits: for each item 64 random bits of each party, which are authenticated and proven to be bits, and an
 * authenticated share of the product of both highest bits.
 *
 * The product takes half a triple: party 0 alone knows a, party 1 alone knows b, and c = a·b is shared. So one direction
 * of each step of `makeTriples` is enough.
 * 1. Each party draws its bits. Party 0 gets transfers, party 1 is their sender.
 * 2. Multiply and combine, as for triples: party 0 gets a, a', and both get shares of c, c'.
 * 3. One run of authentication for the bits, a, a', b, each party's share of c and c', and the masks of the checks.
 * 4. Each party proves that its bits are bits. Its other values need no proof: steps 5 and 6 check them.
 * 5. Sacrifice a', c'; only party 0 has something to open.
 * 6. Party 1 names the noise of b, and shows by random sums that it named the right one. Divide it out.
 * 7. Open both highest bits minus a and b, multiply, and check the openings.
 *
 * What passes a check with probability p can restrict the honest party's values to a set of density p at most, as for
 * triples. So the highest bit of party 0 is masked by an a that is uniform except with the probability of the leftover
 * hash, and that of party 1 by a b of which only the noise can be guessed.
 *
 * @returns this party's bits with their MACs, the MACs of the other's, and the product; nothing is returned before all
 *   checks passed
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort.
 * Source: the steps are those of SPDZ2k, ePrint 2018/482, section 6; that private bits and one product are enough for a
 * truncation is our own argument, after Cheetah, ePrint 2022/207.
 */
export async function makePrivateBits(
  link: OperationLink,
  state: OtState,
  count: number,
): Promise<RawVector[]> {
  const { own, peer, triple } = await makeHalves(link, state, count);
  try {
    const top = (owner: Party) => topBits(owner === link.party ? own : peer, count);
    const product = await multiplyBy(link, state, triple, top(0), top(1));
    return [own, peer, toRaw(product)];
  } catch (error) {
    for (const field of [own, peer]) burn(field);
    throw error;
  }
}

interface Halves {
  readonly own: RawVector;
  readonly peer: RawVector;
  readonly triple: RawTriples;
}

/** Make the bits of both parties and half a triple for each item: steps 1 to 6. */
async function makeHalves(link: OperationLink, state: OtState, count: number): Promise<Halves> {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const { party } = link;
  const mark = kernels.mark;
  const bits = count * PRIVATE_BITS;
  const packed = drawBytes(identity.random, bits / 8);
  try {
    // The bits and the mask of their proof, then the own parts of triples, then the masks of the noise.
    const startOf = (part: number) => (bits + 1 + part * count) * WIDE;
    const lengthOf = (of: Party) => bits + 1 + PARTS[of].length * count + masksOf(of);
    const other = (1 - party) as Party;
    const [mine, theirs] = [PARTS[party], PARTS[other]];
    const values = kernels.allocate(lengthOf(party) * WIDE);
    const packedAt = kernels.put(packed);
    run.widenBits(packedAt, bits, values);
    kernels.draw(values + bits * WIDE, identity.random, WIDE);
    const nothing = kernels.allocate(count * WIDE);
    const x = partsAt((part) => {
      const i = (mine as readonly string[]).indexOf(part);
      return i < 0 ? nothing : values + startOf(i);
    });
    const masks = values + startOf(mine.length);
    kernels.draw(masks, identity.random, masksOf(party) * WIDE);
    await multiplyOneWay(link, state, count, x);

    const { v, w } = await multiplyByKeys(link, state, values, lengthOf(party), lengthOf(other));
    await proveBits(link, state, packedAt, bits, { v, w, wide: values });
    const m = partsAt((part) => {
      const to = kernels.allocate(count * WIDE);
      const i = (mine as readonly string[]).indexOf(part);
      if (i >= 0) run.macOfOwn192(values + startOf(i), v + startOf(i), keeper.alpha, count, to);
      const j = (theirs as readonly string[]).indexOf(part);
      if (j >= 0) run.add192(to, w + startOf(j), count);
      return to;
    });
    await sacrifice(link, state, count, x, m, openPackedOfZero);
    const macs = party === 0 ? w : v;
    const [b, last] = [startOf(PARTS[1].indexOf("b")), startOf(PARTS[1].length)];
    const noise = await nameNoise(
      ...([link, state, count] as const),
      { values: x.b, macs: macs + b },
      { values: masks, macs: macs + last },
    );
    const triple = divide(state, party, count, x, m, noise);
    return { triple, ...readBits(state, packed, values, v, w) };
  } catch (error) {
    wipe(packed);
    throw error;
  } finally {
    kernels.release(mark);
  }
}

function partsAt(at: (part: keyof TripleParts) => number): TripleParts {
  return { a: at("a"), b: at("b"), c: at("c"), a2: at("a2"), c2: at("c2") };
}

/** Multiply bits of party 0 by fresh b of party 1, and combine. Of the other party's values, each has zeros. */
async function multiplyOneWay(link: OperationLink, state: OtState, count: number, to: TripleParts) {
  const { kernels, identity, sender, receiver } = state;
  const transfers = count * FACTOR_BITS;
  const mark = kernels.mark;
  if (link.party === 0) {
    await runAsReceiver(link, identity, receiver, transfers);
    const shares = kernels.allocate(transfers * WIDE);
    const { choices } = receiver;
    await receiveProducts(link, state, count, to.b, shares);
    await combineProducts(link, state, count, shares, choices, to);
  } else {
    kernels.draw(to.b, identity.random, count * WIDE);
    await runAsSender(link, identity, sender, transfers);
    const shares = kernels.allocate(transfers * WIDE);
    const none = kernels.allocate(transfers / 8);
    sendProducts(link, state, count, to.b, shares);
    kernels.run.toLimbs(shares, transfers);
    await combineProducts(link, state, count, shares, none, to);
  }
  kernels.release(mark);
}

/** Read the bits of both parties with this party's shares of their MACs mod 2^128. */
function readBits({ kernels, keeper }: OtState, packed: Uint8Array, values: number, v: number, w: number) {
  const { run } = kernels;
  const bits = packed.length * 8;
  const macs = kernels.allocate(bits * WIDE);
  const narrow = kernels.allocate(bits * ELEMENT);
  const read = (from: number) => {
    run.narrow(from, bits, narrow);
    return kernels.read(narrow, bits * ELEMENT);
  };
  run.macOfOwn192(values, v, keeper.alpha, bits, macs);
  return {
    own: { values: packed, macs: read(macs) },
    peer: { values: new Uint8Array(0), macs: read(w) },
  };
}

/** Take the shares of the highest bits from those of all bits; a party that does not know them has zeros. */
function topBits({ values: packed, macs }: RawVector, count: number) {
  const top = { values: new Uint8Array(count * ELEMENT), macs: new Uint8Array(count * ELEMENT) };
  for (let i = 0; i < count; i++) {
    const last = ((i + 1) * PRIVATE_BITS - 1) * ELEMENT;
    top.macs.set(macs.subarray(last, last + ELEMENT), i * ELEMENT);
    if (packed.length > 0) top.values[i * ELEMENT] = packed[(i + 1) * (PRIVATE_BITS / 8) - 1]! >> 7;
  }
  return toShares(top);
}
