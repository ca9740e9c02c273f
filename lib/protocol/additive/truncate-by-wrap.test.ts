import { describe, expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { everyMagnitude } from "../../../test/support/magnitudes";
import { drawSeed } from "../../../test/support/random";
import { createPrg } from "../../crypto/prg";
import { BigIntRing, type ByteSource, keep, type Ring, type RingVector, ring64, scope } from "../../ring";
import { shareVector } from "../../sharing/additive";
import { truncateByWrap } from "./truncate-by-wrap";

const LIMIT = 2n ** 62n;

/** Random bits of both parties and shares of their product, dealt in the clear. */
function dealWraps(ring: Ring, length: number, random: ByteSource) {
  const bits = [0, 1].map(() => ring.andScalar(ring.random(length, random), 1n)) as [RingVector, RingVector];
  const products = shareVector(ring.mul(...bits), random);
  return bits.map((bit, i) => ({ bit, product: products[i]! }));
}

/** The sum of both parties' results. */
async function truncate(
  ring: Ring,
  shares: readonly [RingVector, RingVector],
  bits: number,
  random: ByteSource,
) {
  const items = dealWraps(ring, shares[0].length, random);
  const [zero, one] = await runBoth(
    createLinkPair(),
    (link) => truncateByWrap({ ring, link }, shares[0], bits, items[0]!),
    (link) => truncateByWrap({ ring, link }, shares[1], bits, items[1]!),
  );
  return ring.add(zero, one);
}

/** How many results are neither x >> bits nor one more, or one more although nothing was cut off. */
function failures(ring: Ring, x: RingVector, result: RingVector, bits: number): bigint {
  return scope(() => {
    const error = ring.sub(result, ring.shiftRightSigned(x, bits));
    const rest = ring.andScalar(x, (1n << BigInt(bits)) - 1n);
    const exact = ring.mul(ring.compareScalar(rest, "==", 0n), ring.compareScalar(error, "!=", 0n));
    return ring.sum(ring.add(ring.compareScalar(error, ">", 1n, false), exact));
  });
}

const MANY = Number(process.env.SPDZLAB_TRUNCATIONS ?? 1_000_000);

describe("truncation by the wrap of the shares", () => {
  test(`of ${MANY.toLocaleString("en")} numbers of every magnitude never fails`, {
    timeout: 600_000,
  }, async () => {
    const random = createPrg(drawSeed());
    const chunk = 50_000;
    for (let done = 0, bits = 1; done < MANY; done += chunk, bits = (bits % 62) + 3) {
      const cut = Math.min(bits, 62);
      const x = everyMagnitude(chunk, random);
      const shares = shareVector(x, random);
      const result = await truncate(ring64, shares, cut, random);
      expect(failures(ring64, x, result, cut), `${cut} bits`).toBe(0n);
      for (const vector of [x, result, ...shares]) vector.dispose();
    }
  });

  test.each([
    ["wasm", ring64],
    ["bigint", new BigIntRing(64)],
  ] as const)("is right at the edges of numbers and of shares: %s", async (_, ring) => {
    const random = createPrg(drawSeed());
    const values = [0n, 1n, -1n, 65535n, 65536n, -65536n, -65537n, 12n << 32n, LIMIT - 1n, 1n - LIMIT];
    const firsts = [0n, 1n, -1n, 65535n, -65536n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 62n, -(2n ** 62n)];
    const pairs = values.flatMap((x) => firsts.flatMap((r) => [[x, r] as const, [x, x - r] as const]));
    const x = ring.fromBigInts(pairs.map(([value]) => value));
    const first = ring.fromBigInts(pairs.map(([, share]) => share));
    for (const bits of [1, 16, 32, 61, 62]) {
      // Both bits of an item take all values as often as they are drawn anew.
      for (let i = 0; i < 8; i++) {
        const result = await truncate(ring, [first, ring.sub(x, first)], bits, random);
        expect(failures(ring, x, result, bits), `${bits} bits`).toBe(0n);
      }
    }
  });

  test("sends one uniform bit for each number", async () => {
    const random = createPrg(new Uint8Array(16).fill(5));
    const length = 4096;
    const sent: Uint8Array[] = [];
    const links = createLinkPair(({ payload }) => sent.push(payload.slice()));
    const x = ring64.full(length, 5n << 16n);
    const shares = shareVector(x, random);
    const items = dealWraps(ring64, length, random);
    await runBoth(
      links,
      (link) => truncateByWrap({ ring: ring64, link }, shares[0], 16, items[0]!),
      (link) => truncateByWrap({ ring: ring64, link }, shares[1], 16, items[1]!),
    );
    expect(sent.map((message) => message.length)).toEqual([length / 8, length / 8]);
    for (const message of sent) {
      const ones = ring64.sum(ring64.fromBits(message, length));
      // Six standard deviations of a fair coin.
      expect(Math.abs(Number(ones) - length / 2)).toBeLessThan(6 * Math.sqrt(length / 4));
    }
  });

  test("rejects a number of bits out of range", async () => {
    const item = { bit: keep(ring64.zeros(1)), product: keep(ring64.zeros(1)) };
    for (const bits of [0, 63, 1.5]) {
      const [link] = createLinkPair();
      await expect(truncateByWrap({ ring: ring64, link }, ring64.zeros(1), bits, item)).rejects.toThrow(
        RangeError,
      );
    }
  });
});
