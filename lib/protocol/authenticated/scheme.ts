import { concatBytes } from "../../crypto/bytes";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import { type AuthenticatedVector, addPublic, type MacKey, toShares } from "../../sharing/authenticated";
import { lowWords, widenWords } from "../../sharing/opening";
import type { Scheme } from "../scheme";

/**
 * Authenticated shares mod 2^(64+64): a party that deviates is caught before anything is output.
 *
 * Security: malicious with abort, no third party. Source: SPDZ2k, ePrint 2018/482.
 *
 * @param key - waits for this party's part of the MAC key
 */
export function createAuthenticatedScheme(key: () => Promise<MacKey>): Scheme<AuthenticatedVector> {
  return {
    name: "authenticated",
    linear: (shares, map) =>
      scope(() => {
        const half = (of: "value" | "mac") =>
          map(
            ring128,
            shares.map((share) => share[of]),
          );
        return { value: half("value"), mac: half("mac") };
      }),
    lift,
    zeros: (length) => ({ value: ring128.zeros(length), mac: ring128.zeros(length) }),
    async addPublic(_, x, c) {
      const own = await key();
      return scope(() => addPublic(own, x, lift(c)));
    },
    words: ({ value }) => scope(() => ring64.fromBytes(lowWords(ring128.toBytes(value)), value.length)),
    elementBytes: 2 * ring128.bytes,
    toBytes: ({ value, mac }) => concatBytes(ring128.toBytes(value), ring128.toBytes(mac)),
    fromBytes(bytes, length) {
      const half = ring128.bytes * length;
      return toShares({ values: bytes.subarray(0, half), macs: bytes.subarray(half) });
    },
  };
}

function lift(words: RingVector): RingVector {
  return widenWords(ring64.toBytes(words));
}
