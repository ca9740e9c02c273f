import { createPrivateRandom } from "../crypto/prg";
import type { ByteSource } from "../ring";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { derivedOrigin } from "../tensor/origin";
import { bracketShape, sameShape } from "../tensor/shape";
import { shareVector } from "./additive";

let random: ByteSource | undefined;

/**
 * Splits a tensor into two shares that add up to it mod 2^64: keep the first, give the second to the other party
 * by `swapShares`. Either alone is uniformly random and tells nothing.
 *
 * @param tensor - integers or fixed-point numbers, as `encode` makes them
 * @returns the share to keep and the share to give, of the same shape and scale
 */
export function share(tensor: LongTensor): [own: LongTensor, other: LongTensor] {
  if (!(tensor instanceof LongTensor))
    throw new TypeError("share takes a LongTensor: encode the numbers first");
  random ??= createPrivateRandom();
  const { shape, fracBits } = tensor;
  // Either alone is uniform, so it tells nothing of plain numbers; of shares both remember where they come from.
  const origin = { ...derivedOrigin([tensor.origin]), born: 0 };
  const [own, other] = shareVector(tensor.vector.value, random);
  return [
    longTensor(own, shape, fracBits, { isShare: true, origin }),
    longTensor(other, shape, fracBits, { isShare: true, origin }),
  ];
}

/**
 * Adds shares up to the secret they stand for.
 *
 * @param shares - one of each party, of one shape and scale; the order does not matter
 * @returns the secret in fixed point, under way as long as a share is; `decode` turns it into numbers
 * @throws {RangeError} fewer than two shares, or shapes or scales differ
 */
export function reconstruct(shares: readonly LongTensor[]): LongTensor {
  const [first, ...rest] = shares;
  if (!first || rest.length === 0)
    throw new RangeError("a secret takes the shares of both parties to reconstruct");
  for (const { shape } of rest) {
    if (!sameShape(shape, first.shape)) {
      throw new RangeError(
        `shares of shapes ${bracketShape(first.shape)} and ${bracketShape(shape)} are not of one secret`,
      );
    }
  }
  const { vector, shape, fracBits, origin } = rest.reduce((sum, next) => sum.add(next), first);
  return longTensor(vector, shape, fracBits, { origin });
}
