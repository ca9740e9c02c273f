import type { OperationLink } from "../../channel/operation-link";
import { drawBytes, equalBytes } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import type { Authenticated } from "./authenticate";
import type { OtState } from "./ot-state";
import { WIDE } from "./ring-vole";

/**
 * Prove to each other that all `count` values of each party are bits.
 *
 * With w = v + alpha·x at the other party, w² − alpha·w = v² + alpha·(2x − 1)·v + alpha²·(x² − x), which is linear in
 * alpha exactly when x is 0 or 1. The prover sends both coefficients of a random combination, masked by one more
 * authenticated value. All is mod 2^192; alpha has 64 bits, and a false proof needs a root of a quadratic polynomial
 * among them, which it has with probability below 2^−62 (test/games/bits.game.test.ts).
 *
 * @param bits - address of the own bits, eight a byte
 * @param made - addresses of the wide values, v and w; one mask follows the bits in each
 * @throws {CheckError} those of the other party are not bits
 *
 * Security: active, with abort.
 * Source: the proof in the form of QuickSilver, ePrint 2021/076, section 4, over a ring as in ePrint 2021/750.
 */
export async function proveBits(
  link: OperationLink,
  { identity, kernels, keeper }: OtState,
  bits: number,
  count: number,
  { v, w, wide }: Pick<Authenticated, "v" | "w" | "wide">,
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
