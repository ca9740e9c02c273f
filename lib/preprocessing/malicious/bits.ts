import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { drawBytes, equalBytes, wipe } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import { ring128, scope } from "../../ring";
import { addShares, mapShares, subShares } from "../../sharing/authenticated";
import { ELEMENT, type RawVector, toRaw, toShares } from "../kinds/raw";
import { type Authenticated, authenticate } from "./authenticate";
import { multiplyChecked } from "./checked-product";
import type { OtState } from "./ot-state";
import { WIDE } from "./ring-vole";

/**
 * Make random bits that neither party knows, as authenticated shares mod 2^128.
 *
 * 1. Each party authenticates random bits x of its own and proves that they are bits.
 * 2. The result is x ⊕ y = x + y − 2·x·y, with one triple each, and the openings are checked.
 *
 * The proof: with w = v + alpha·x at the other party, w² − alpha·w = v² + alpha·(2x − 1)·v + alpha²·(x² − x), which
 * is linear in alpha exactly when x is 0 or 1. The prover sends both coefficients of a random combination, masked by
 * one more authenticated value. All is mod 2^192; alpha has 64 bits, and a false proof needs a root of a quadratic
 * polynomial among them, which it has with probability below 2^−62 (test/games/bits.game.test.ts).
 *
 * ePrint 2019/599 takes square roots instead, which needs a ring two bits wider than ours.
 *
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort.
 * Source: the proof in the form of QuickSilver, ePrint 2021/076, section 4, over a ring as in ePrint 2021/750.
 */
export async function makeBits(link: OperationLink, state: OtState, count: number): Promise<RawVector> {
  const [x, y] = await shareBits(link, state, count);
  const product = await multiplyChecked(link, state, x, y);
  return toRaw(
    scope(() =>
      subShares(
        addShares(x, y),
        mapShares(product, (vector) => ring128.shiftLeft(vector, 1)),
      ),
    ),
  );
}

/** Make shares of bits that party 0 knows and of bits that party 1 knows. */
async function shareBits(link: OperationLink, state: OtState, count: number) {
  const { kernels, identity } = state;
  const mark = kernels.mark;
  try {
    const packed = drawBytes(identity.random, Math.ceil(count / 8));
    const values = new Uint8Array(count * ELEMENT);
    for (let i = 0; i < count; i++) values[i * ELEMENT] = (packed[i >> 3]! >> (i & 7)) & 1;
    const at = kernels.put(values);
    const made = await authenticate(link, state, at, count, count, 1);
    await proveBits(link, state, kernels.put(packed), count, made);
    const shares = (owner: Party) => {
      const mine = owner === link.party;
      const macs = kernels.read(mine ? made.own : made.peer, count * ELEMENT);
      return toShares({ values: mine ? values : new Uint8Array(values.length), macs });
    };
    const result = [shares(0), shares(1)] as const;
    wipe(packed, values);
    return result;
  } finally {
    kernels.release(mark);
  }
}

/**
 * Prove to each other that all `count` values of each party are bits; see above.
 *
 * @param bits - address of the own bits, eight a byte
 * @throws {CheckError} those of the other party are not bits
 */
export async function proveBits(
  link: OperationLink,
  { identity, kernels, keeper }: OtState,
  bits: number,
  count: number,
  { v, w, wide }: Authenticated,
): Promise<void> {
  const prg = createPrg(await tossCoins(link, identity, "bits"));
  const weights = kernels.put(drawBytes(prg, count * 8));
  // The coefficients begin as the masks, which lie after the bits.
  const first = kernels.put(kernels.read(v + count * WIDE, WIDE));
  const second = kernels.put(kernels.read(wide + count * WIDE, WIDE));
  kernels.run.bitProver(v, bits, weights, count, first, second);
  const mine = new Uint8Array(2 * WIDE);
  mine.set(kernels.read(first, WIDE));
  mine.set(kernels.read(second, WIDE), WIDE);
  const theirs = await link.exchange(mine);
  const expected = kernels.put(theirs.subarray(0, WIDE));
  kernels.run.scaleAdd192(kernels.put(theirs.subarray(WIDE)), keeper.alpha, 1, expected);
  const sum = kernels.put(kernels.read(w + count * WIDE, WIDE));
  kernels.run.bitVerifier(w, weights, keeper.alpha, count, sum);
  if (!equalBytes(kernels.read(sum, WIDE), kernels.read(expected, WIDE)))
    throw new CheckError("mac", "the other party authenticated values as random bits that are not bits");
}
