import { describe, expect, test } from "vitest";
import { dealAuthenticated } from "../../../test/support/authenticated";
import { createLinkPair, runBoth, type Tap } from "../../../test/support/links";
import { everyMagnitude } from "../../../test/support/magnitudes";
import { dealPrivateBits } from "../../../test/support/private-bits";
import { drawSeed } from "../../../test/support/random";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import { type ByteSource, type RingVector, ring64, ring128, scope } from "../../ring";
import { checkMacs } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { lowWords, OpeningLog } from "../../sharing/opening";
import { truncateByBits } from "./truncate-by-bits";

const LIMIT = 2n ** 62n;
let runs = 0;

/** Truncate x with dealt items, check the zeros, and open the results; also returns party 1's numbers r. */
async function truncate(x: RingVector, bits: number, random: ByteSource, tap?: Tap) {
  const { length } = x;
  const dealt = dealAuthenticated(++runs);
  const shares = scope(() => dealt.shareVector(ring128.fromBytes(widen(ring64.toBytes(x), random), length)));
  const words = [ring64.random(length, random), ring64.random(length, random)] as const;
  const items = dealPrivateBits(dealt.shareVector, words);
  const masks = dealt.share(new Array(rowsOf(length)).fill(0n), true);
  const run = (party: 0 | 1) => async (link: OperationLink) => {
    const log = new OpeningLog();
    const key = dealt.keys[party];
    const result = await truncateByBits({ link, log, key }, shares[party], bits, items[party]);
    expect(log.size).toBe(length);
    await checkMacs(link, dealt.identities[party], key, log.drain(), masks[party]);
    return result;
  };
  const [zero, one] = await runBoth(createLinkPair(tap), run(0), run(1));
  const opened = scope(() => {
    const value = ring128.add(zero.value, one.value);
    const alpha = dealt.keys[0].alpha + dealt.keys[1].alpha;
    const right = ring128.equals(ring128.add(zero.mac, one.mac), ring128.mulScalar(value, alpha));
    return { right, result: ring64.fromBytes(lowWords(ring128.toBytes(value)), length) };
  });
  expect(opened.right).toBe(true);
  for (const { value, mac } of [zero, one, ...shares]) for (const each of [value, mac]) each.dispose();
  words[0].dispose();
  return { result: opened.result, r: words[1] };
}

/** Words with random bits above them, as elements of 128 bits: only the value mod 2^64 counts. */
function widen(words: Uint8Array, random: ByteSource): Uint8Array {
  const wide = new Uint8Array(2 * words.length);
  random.fill(wide);
  for (let at = 0; at < words.length; at += 8) wide.set(words.subarray(at, at + 8), 2 * at);
  return wide;
}

/** How many results differ from the floor of (x + r_lo) / 2^f, or are neither x >> f nor one more. */
function failures(x: RingVector, r: RingVector, result: RingVector, f: number): bigint {
  return scope(() => {
    const low = (of: RingVector) => ring64.andScalar(of, (1n << BigInt(f)) - 1n);
    const expected = ring64.shiftRightSigned(ring64.add(x, low(r)), f);
    const wrong = ring64.compareScalar(ring64.sub(result, expected), "!=", 0n);
    const error = ring64.sub(result, ring64.shiftRightSigned(x, f));
    const far = ring64.compareScalar(error, ">", 1n, false);
    const inexact = ring64.mul(ring64.compareScalar(low(x), "==", 0n), ring64.compareScalar(error, "!=", 0n));
    return ring64.sum(ring64.add(wrong, ring64.add(far, inexact)));
  });
}

const MANY = Number(process.env.SPDZLAB_TRUNCATIONS ?? 100_000);

describe("truncation by private bits", () => {
  test(`of ${MANY.toLocaleString("en")} numbers of every magnitude never fails, for all widths`, {
    timeout: 3_600_000,
  }, async () => {
    const random = createPrg(drawSeed());
    const chunk = Math.min(MANY, Math.max(1000, Math.ceil(MANY / 992)));
    for (let done = 0, f = 1; done < MANY || f <= 62; done += chunk, f++) {
      const cut = ((f - 1) % 62) + 1;
      const x = everyMagnitude(chunk, random);
      const { result, r } = await truncate(x, cut, random);
      expect(failures(x, r, result, cut), `${cut} bits`).toBe(0n);
      for (const vector of [x, result, r]) vector.dispose();
    }
  });

  test.each([1, 2, 16, 31, 32, 33, 47, 61, 62])("is right at the edges: %i bits", async (f) => {
    const random = createPrg(drawSeed());
    const cut = 1n << BigInt(f);
    const some = [0n, 1n, cut - 1n, cut, cut + 1n, LIMIT - cut, LIMIT - 1n, LIMIT - 2n, 1n << 61n];
    const values = [...some, ...some.map((value) => -value)].filter((v) => v > -LIMIT && v < LIMIT);
    const x = ring64.fromBigInts(values.flatMap((value) => new Array(16).fill(value)));
    const { result, r } = await truncate(x, f, random);
    expect(failures(x, r, result, f)).toBe(0n);
  });

  test("takes any number of numbers, none and more than a chunk", async () => {
    const random = createPrg(drawSeed());
    for (const length of [0, 1, 1024, 1025, 3000]) {
      const x = everyMagnitude(length, random);
      const { result, r } = await truncate(x, 16, random);
      expect(result.length).toBe(length);
      expect(failures(x, r, result, 16)).toBe(0n);
    }
  });

  test("sends two uniform words for each number", async () => {
    const random = createPrg(new Uint8Array(16).fill(5));
    const length = 4096;
    const sent: (readonly [from: number, payload: Uint8Array])[] = [];
    await truncate(ring64.full(length, 5n << 16n), 16, random, ({ from, payload, what }) => {
      if (what?.startsWith("masked")) sent.push([from, payload.slice()]);
    });
    expect(sent.map(([from, { length: bytes }]) => [from, bytes])).toEqual([
      [1, 8 * length],
      [0, 8 * length],
    ]);
    for (const [, message] of sent)
      for (let bit = 0; bit < 64; bit++) {
        let ones = 0;
        for (let at = bit >> 3; at < message.length; at += 8) ones += (message[at]! >> (bit & 7)) & 1;
        // Six standard deviations of a fair coin.
        expect(Math.abs(ones - length / 2)).toBeLessThan(6 * Math.sqrt(length / 4));
      }
  });
});
