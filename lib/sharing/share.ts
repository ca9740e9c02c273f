import { createPrivateRandom } from "../crypto/prg";
import type { ByteSource } from "../ring";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { derivedOrigin } from "../tensor/origin";
import { bracketShape, sameShape } from "../tensor/shape";
import { shareVector } from "./additive";

let random: ByteSource | undefined;

/**
 * Split a tensor into two shares that add up to it mod 2^64: keep the first, send the second to the other party with
 * `swapShares`. Either alone is uniformly random and reveals nothing.
 *
 * @param tensor - integers or fixed-point numbers, as `encode` makes them
 * @returns the share to keep and the share to send, of the same shape and scale
 */
export function share(tensor: LongTensor): [own: LongTensor, other: LongTensor] {
  if (!(tensor instanceof LongTensor))
    throw new TypeError("share needs a LongTensor: encode the numbers first");
  random ??= createPrivateRandom();
  const { shape, fracBits } = tensor;
  // Each share of plain numbers is uniform and reveals nothing. Shares of shares keep their origin.
  const origin = { ...derivedOrigin([tensor.origin]), born: 0 };
  const [own, other] = shareVector(tensor.vector.value, random);
  return [
    longTensor(own, shape, fracBits, { isShare: true, origin }),
    longTensor(other, shape, fracBits, { isShare: true, origin }),
  ];
}

/**
 * Add up shares to the secret.
 *
 * @param shares - one of each party, of the same shape and scale; in any order
 * @returns the secret in fixed point, pending while a share is pending; `decode` turns it into numbers
 * @throws {RangeError} there are fewer than two shares, or their shapes or scales differ
 */
export function reconstruct(shares: readonly LongTensor[]): LongTensor {
  const [first, ...rest] = shares;
  if (!first || rest.length === 0)
    throw new RangeError(`reconstruct needs the shares of both parties, got ${shares.length}`);
  for (const { shape } of rest) {
    if (!sameShape(shape, first.shape)) {
      throw new RangeError(
        `reconstruct needs shares of the same shape, got ${bracketShape(first.shape)} and ${bracketShape(shape)}`,
      );
    }
  }
  const { vector, shape, fracBits, origin } = rest.reduce((sum, next) => sum.add(next), first);
  return longTensor(vector, shape, fracBits, { origin });
}
