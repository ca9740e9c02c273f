import { describe, expect, it } from "vitest";
import { drawSeed, fc } from "../../../test/support/random";
import { createPrg } from "../../crypto/prg";
import { BigIntRing } from "../../ring";
import { shareVector } from "../../sharing/additive";
import type { LinkContext } from "./context";
import { truncateByMask } from "./truncate";

/** Both parties of `truncateByMask` in the clear: opening is adding, the mask is drawn here. */
async function truncateBoth(values: bigint[], bits: number): Promise<bigint[]> {
  const ring = new BigIntRing(64);
  const random = createPrg(drawSeed());
  const shares = shareVector(ring.fromBigInts(values), random);
  const r = ring.random(values.length, random);
  const masks = [r, ring.shiftRight(r, bits), ring.shiftRight(r, 63)].map((part) =>
    shareVector(part, random),
  );
  const inbox: [((p: Uint8Array) => void)[], ((p: Uint8Array) => void)[]] = [[], []];
  const outbox: [Uint8Array[], Uint8Array[]] = [[], []];
  const results = await Promise.all(
    ([0, 1] as const).map((party) => {
      const link = {
        party,
        exchange: (payload: Uint8Array) => {
          const other = (1 - party) as 0 | 1;
          const waiting = inbox[other].shift();
          if (waiting) waiting(payload);
          else outbox[other].push(payload);
          return new Promise<Uint8Array>((resolve) => {
            const there = outbox[party].shift();
            if (there) resolve(there);
            else inbox[party].push(resolve);
          });
        },
      };
      const ctx = { ring, link } as unknown as LinkContext;
      const mask = { r: masks[0]![party], shifted: masks[1]![party], msb: masks[2]![party] };
      return truncateByMask(ctx, shares[party], bits, mask);
    }),
  );
  return ring.toSignedBigInts(ring.add(results[0]!, results[1]!));
}

describe("truncate", () => {
  const limit = 2n ** 62n;
  const value = fc
    .integer({ min: 0, max: 62 })
    .chain((magnitude) =>
      fc
        .bigInt({ min: -(2n ** BigInt(magnitude)), max: 2n ** BigInt(magnitude) })
        .filter((x) => x < limit && x > -limit),
    );

  it("is the floor or one more, for every magnitude and number of bits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, bits) => {
          const results = await truncateBoth(values, bits);
          results.forEach((result, i) => {
            const error = result - (values[i]! >> BigInt(bits));
            expect(error === 0n || error === 1n, `${values[i]} >> ${bits} gave ${result}`).toBe(true);
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is exact where the cut bits are zero, and correct at the edges of its domain", async () => {
    const values = [0n, 65536n, -65536n, 12n << 32n, -(12n << 32n), limit - 1n, 1n - limit, limit - 65536n];
    const results = await truncateBoth(values, 16);
    values.forEach((x, i) => {
      const exact = x % 65536n === 0n;
      const error = results[i]! - (x >> 16n);
      expect(error === 0n || (error === 1n && !exact), `${x}`).toBe(true);
    });
  });
});
