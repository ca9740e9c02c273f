import { describe, expect, test } from "vitest";
import { dealBits, joinBits } from "../../test/support/bits";
import { createLinkPair, runBoth, type Tap } from "../../test/support/links";
import { seedOf } from "../../test/support/machines";
import { createPrg } from "../crypto/prg";
import { CheckError } from "../errors";
import { BitLog, checkBits } from "./bit-log";
import { openBits } from "./bit-opening";
import { bitProduct, maskFactors } from "./bit-product";
import {
  type BitVector,
  bitAt,
  concatBits,
  notBits,
  packBits,
  packedBytes,
  publicBits,
  sliceBits,
  xorBits,
  xorPublicBits,
} from "./bits";

const { keys, share, identities } = dealBits(3);
const source = createPrg(seedOf(4));
const random = (count: number) => [...source.draw!(count)].map((byte) => byte & 1);
const pack = (bits: readonly number[]) => {
  const packed = new Uint8Array(packedBytes(bits.length));
  bits.forEach((bit, i) => {
    packed[i >> 3]! |= bit << (i & 7);
  });
  return packed;
};
const unpack = (packed: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, i) => bitAt(packed, i));

/** Both parties compute; the result's MACs are all held against their keys. */
const joined = (compute: (party: 0 | 1) => BitVector) => joinBits([compute(0), compute(1)], keys);

describe.each([1, 7, 8, 21])("%d bits", (count) => {
  const [a, b, c] = [random(count), random(count), random(count)];
  const [x, y] = [share(a), share(b)];

  test("are added to one another, to public bits, and negated, MACs included", () => {
    expect(joined((party) => x[party])).toEqual(a);
    expect(joined((party) => xorBits(x[party], y[party]))).toEqual(a.map((bit, i) => bit ^ b[i]!));
    expect(joined((party) => xorPublicBits(keys[party], x[party], pack(c)))).toEqual(
      a.map((bit, i) => bit ^ c[i]!),
    );
    expect(joined((party) => notBits(keys[party], x[party]))).toEqual(a.map((bit) => 1 - bit));
    expect(joined((party) => publicBits(keys[party], pack(c), count))).toEqual(c);
  });

  test("are sliced, joined and packed", () => {
    const middle = Math.floor(count / 2);
    expect(joined((party) => sliceBits(x[party], middle, count))).toEqual(a.slice(middle));
    expect(joined((party) => concatBits([x[party], y[party]]))).toEqual([...a, ...b]);
    const packed = x.map(packBits);
    expect(unpack(packed[0]!, count).map((bit, i) => bit ^ bitAt(packed[1]!, i))).toEqual(a);
  });

  test("are multiplied with a triple that both open masks for", async () => {
    const [ta, tb] = [random(count), random(count)];
    const shares = [ta, tb, ta.map((bit, i) => bit & tb[i]!)].map(share);
    const logs = [new BitLog(), new BitLog()] as const;
    const product = (party: 0 | 1) => async (link: Parameters<typeof openBits>[0]) => {
      const triple = { a: shares[0]![party], b: shares[1]![party], c: shares[2]![party] };
      const masked = maskFactors(x[party], y[party], triple);
      const opened = await openBits(link, keys[party], logs[party], masked);
      expect(logs[party].size).toBe(2 * count);
      await checkBits(link, identities[party], [logs[party]]);
      expect(logs[party].size).toBe(0);
      return bitProduct(keys[party], triple, opened);
    };
    const products = await runBoth(createLinkPair(), product(0), product(1));
    expect(joinBits(products, keys)).toEqual(a.map((bit, i) => bit & b[i]!));
  });
});

test("vectors of different lengths are not added", () => {
  expect(() => xorBits(share([0, 1])[0], share([0])[0])).toThrow(/got 2 and 1/);
});

/** Open bits in two steps with a log each, and check both at the end; a tap may change messages. */
async function openAndCheck(bits: readonly number[], tap?: Tap, cheat?: (x: BitVector) => BitVector) {
  const [first, second] = [share(bits), share(bits)];
  const fresh = dealBits(3).identities;
  const side = (party: 0 | 1) => async (link: Parameters<typeof openBits>[0]) => {
    const logs = [new BitLog(), new BitLog(), new BitLog()];
    const x = party === 1 && cheat ? cheat(first[party]) : first[party];
    const opened = await openBits(link, keys[party], logs[0]!, x, "opens");
    const again = await openBits(link, keys[party], logs[2]!, second[party], "opens");
    await checkBits(link, fresh[party], logs);
    return [...opened, ...again];
  };
  return runBoth(createLinkPair(tap), side(0), side(1));
}

describe("the check of opened bits", () => {
  const bits = random(11);

  test("accepts honest openings, and ignores what fills the last byte", async () => {
    const expected = [...pack(bits), ...pack(bits)];
    expect(await openAndCheck(bits)).toEqual([expected, expected]);
    const filled = openAndCheck(bits, (message) => {
      if (message.what === "opens" && message.from === 1) message.payload[1]! |= 0xf8;
    });
    expect(await filled).toEqual([expected, expected]);
  });

  test.each(bits.map((_, i) => i))("finds that bit %d was flipped, in either opening", async (i) => {
    for (const opening of [0, 1])
      for (const from of [0, 1]) {
        const flipped = openAndCheck(bits, (message) => {
          if (message.from === from && message.index === opening) message.payload[i >> 3]! ^= 1 << (i & 7);
        });
        await expect(flipped).rejects.toMatchObject({ code: "check-mac" });
      }
  });

  test("finds a bit that a party changed before, and a MAC of which it changed one bit", async () => {
    for (const at of [0, 1, 16 * 5, 16 * 5 + 15]) {
      const changed = openAndCheck(bits, undefined, ({ own, keys }) => {
        const copy = own.slice();
        copy[at]! ^= 1;
        return { own: copy, keys };
      });
      await expect(changed).rejects.toBeInstanceOf(CheckError);
    }
  });

  test("refuses an echo of this party's own hash, and one of an earlier check", async () => {
    let echo: Uint8Array | undefined;
    const echoed = openAndCheck(bits, (message) => {
      if (message.what !== "MAC check of bits") return;
      if (message.from === 0) echo = message.payload.slice();
      else message.payload = echo!;
    });
    await expect(echoed).rejects.toMatchObject({ code: "check-mac" });

    const [x] = [share(bits)];
    let earlier: Uint8Array | undefined;
    const tap: Tap = (message) => {
      if (message.what !== "MAC check of bits" || message.from === 0) return;
      if (earlier) message.payload = earlier;
      else earlier = message.payload.slice();
    };
    const fresh = dealBits(3).identities;
    const twice = (party: 0 | 1) => async (link: Parameters<typeof openBits>[0]) => {
      for (let i = 0; i < 2; i++) {
        const log = new BitLog();
        await openBits(link, keys[party], log, x[party], "opens");
        await checkBits(link, fresh[party], [log]);
      }
    };
    await expect(runBoth(createLinkPair(tap), twice(0), twice(1))).rejects.toMatchObject({
      code: "check-mac",
    });
  });

  test("sends nothing if nothing was opened", async () => {
    const [link] = createLinkPair(() => {
      throw new Error("sent");
    });
    await checkBits(link, identities[0], [new BitLog(), new BitLog()]);
  });
});
