import { PRIVATE_BITS } from "../../lib/preprocessing/kinds/kinds";
import { ELEMENT, type RawVector, toRaw, toShares } from "../../lib/preprocessing/kinds/raw";
import type { PrivateBits } from "../../lib/protocol/authenticated/truncate-by-bits";
import { type RingVector, ring64, ring128, scope } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";

/** Deals shares with MACs; see dealAuthenticated. */
type Share = (values: RingVector) => [AuthenticatedVector, AuthenticatedVector];

/**
 * Private bits in the clear.
 *
 * @param words - of each item, the bits of party 0 and of party 1
 */
export function dealPrivateBits(
  share: Share,
  words: readonly [RingVector, RingVector],
): [PrivateBits, PrivateBits] {
  const { length } = words[0];
  const bytes = words.map((word) => ring64.toBytes(word)) as [Uint8Array, Uint8Array];
  const dealt = scope(() => {
    const tops = bytes.map((packed) => ring128.fromBits(topBits(packed), length)) as [RingVector, RingVector];
    const macs = bytes.map((packed) =>
      share(ring128.fromBits(packed, length * PRIVATE_BITS)).map((half) => toRaw(half).macs),
    );
    return { macs, top: share(ring128.mul(...tops)).map(toRaw) };
  });
  const item = (party: 0 | 1): PrivateBits => [
    { values: bytes[party], macs: dealt.macs[party]![party]! },
    { values: new Uint8Array(0), macs: dealt.macs[1 - party]![party]! },
    dealt.top[party]!,
  ];
  return [item(0), item(1)];
}

/** The highest bit of each word, packed. */
function topBits(words: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(words.length / 64));
  for (let i = 0; i < words.length / 8; i++) packed[i >> 3]! |= (words[8 * i + 7]! >> 7) << (i & 7);
  return packed;
}

/** What both parties' items hold, as both parties' bits and the products mod 2^64; throws if a MAC is wrong. */
export function openPrivateBits(items: readonly [readonly RawVector[], readonly RawVector[]], alpha: bigint) {
  return scope(() => {
    const bitsOf = (owner: 0 | 1) => {
      const { values, macs } = items[owner][0]!;
      const bits = ring128.fromBits(values, values.length * 8);
      const other = items[1 - owner]![1]!;
      if (other.values.length !== 0) throw new Error("a party holds values of the other party's bits");
      const sum = ring128.add(toVector(macs), toVector(other.macs));
      if (!ring128.equals(sum, ring128.mulScalar(bits, alpha))) throw new Error("a bit has a wrong MAC");
      return values;
    };
    const [x, y] = items.map((item) => toShares(item[2]!)) as [AuthenticatedVector, AuthenticatedVector];
    const top = ring128.add(x.value, y.value);
    if (!ring128.equals(ring128.add(x.mac, y.mac), ring128.mulScalar(top, alpha)))
      throw new Error("a product has a wrong MAC");
    const products = ring128.toBigInts(top).map((value) => BigInt.asUintN(64, value));
    return { beta: bitsOf(0), rho: bitsOf(1), products };
  });
}

const toVector = (bytes: Uint8Array) => ring128.fromBytes(bytes, bytes.length / ELEMENT);
