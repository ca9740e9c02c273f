import { describe, expect, test } from "vitest";
import { dealAuthenticated } from "../../../test/support/authenticated";
import { createLinkPair, runBoth, type Tap } from "../../../test/support/links";
import { dealPrivateBits } from "../../../test/support/private-bits";
import { drawSeed } from "../../../test/support/random";
import { createPrg } from "../../crypto/prg";
import { type ByteSource, type RingVector, ring64, ring128, scope } from "../../ring";
import { checkMacs } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { OpeningLog } from "../../sharing/opening";
import { truncateByBits } from "./truncate-by-bits";

const LIMIT = 2n ** 62n;

/** Truncate x with dealt items, check the zeros, and open the results mod 2^64. */
async function truncate(x: RingVector, bits: number, random: ByteSource, tap?: Tap) {
  const { length } = x;
  const dealt = dealAuthenticated(3);
  const shares = dealt.share(ring64.toBigInts(x));
  const words = [ring64.random(length, random), ring64.random(length, random)] as const;
  const items = dealPrivateBits(dealt.share, words);
  const masks = dealt.share(new Array(rowsOf(length)).fill(0n), true);
  const run = (party: 0 | 1) => async (link: ReturnType<typeof createLinkPair>[0]) => {
    const log = new OpeningLog();
    const key = dealt.keys[party];
    const result = await truncateByBits({ link, log, key }, shares[party], bits, items[party]);
    expect(log.size).toBe(length);
    await checkMacs(link, dealt.identities[party], key, log.drain(), masks[party]);
    return result;
  };
  const [zero, one] = await runBoth(createLinkPair(tap), run(0), run(1));
  return scope(() => {
    const value = ring128.add(zero.value, one.value);
    const alpha = dealt.keys[0].alpha + dealt.keys[1].alpha;
    expect(ring128.equals(ring128.add(zero.mac, one.mac), ring128.mulScalar(value, alpha))).toBe(true);
    return {
      results: ring128.toBigInts(value).map((each) => BigInt.asIntN(64, each)),
      r: ring64.toBigInts(words[1]),
    };
  });
}

/** floor((x + r_lo) / 2^f). */
const expected = (x: readonly bigint[], r: readonly bigint[], f: number) =>
  x.map((value, i) => (value + BigInt.asUintN(f, r[i]!)) >> BigInt(f));

describe("truncation by private bits", () => {
  test.each([1, 2, 16, 31, 32, 33, 47, 61, 62])("is right at the edges: %i bits", async (f) => {
    const random = createPrg(drawSeed());
    const cut = 1n << BigInt(f);
    const some = [0n, 1n, cut - 1n, cut, cut + 1n, LIMIT - cut, LIMIT - 1n, LIMIT - 2n, 1n << 61n];
    const x = [...some, ...some.map((value) => -value)].filter((value) => value > -LIMIT && value < LIMIT);
    const { results, r } = await truncate(ring64.fromBigInts(x), f, random);
    expect(results).toEqual(expected(x, r, f));
    for (const [i, value] of x.entries()) {
      const off = results[i]! - (value >> BigInt(f));
      expect(off === 0n || (off === 1n && value % cut !== 0n)).toBe(true);
    }
  });
});
