import { LongTensor, longTensor } from "../../lib/tensor/long-tensor";

/** Take words for this party's share of a secret, which is the sum of what both parties take. */
export function ownShare(words: LongTensor | readonly (number | bigint)[]): LongTensor {
  const { vector, shape, fracBits } = words instanceof LongTensor ? words : new LongTensor(words);
  return longTensor(vector, shape, fracBits, { isShare: true });
}
