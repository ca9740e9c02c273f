import { PRIVATE_BITS } from "../../lib/preprocessing/kinds/kinds";
import { ELEMENT, type RawVector, toRaw, toShares } from "../../lib/preprocessing/kinds/raw";
import type { PrivateBits } from "../../lib/protocol/authenticated/truncate-by-bits";
import { type RingVector, ring64, ring128, scope } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";

/** Deals shares with MACs of given values; see dealAuthenticated. */
type Share = (values: readonly bigint[], uniform?: boolean) => [AuthenticatedVector, AuthenticatedVector];

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
  const bitsOf = (word: RingVector) => {
    const bytes = ring64.toBytes(word);
    return Array.from({ length: length * PRIVATE_BITS }, (_, i) => BigInt((bytes[i >> 3]! >> (i & 7)) & 1));
  };
  const [beta, rho] = words.map(bitsOf) as [bigint[], bigint[]];
  const top = (bits: readonly bigint[], i: number) => bits[(i + 1) * PRIVATE_BITS - 1]!;
  const product = Array.from({ length }, (_, i) => top(beta, i) * top(rho, i));
  const macs = [share(beta), share(rho)] as const;
  const tops = share(product);
  const item = (party: 0 | 1): PrivateBits => [
    { values: ring64.toBytes(words[party]), macs: toRaw(macs[party][party]).macs },
    { values: new Uint8Array(0), macs: toRaw(macs[1 - party]![party]).macs },
    toRaw(tops[party]),
  ];
  return [item(0), item(1)];
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
