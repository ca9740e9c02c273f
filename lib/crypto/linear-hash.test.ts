import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { seedOf } from "../../test/support/machines";
import { drawBytes } from "./bytes";
import { LinearHash } from "./linear-hash";
import { createPrg } from "./prg";

const random = createPrg(seedOf(5));

test("the linear hash is the polynomial of GHASH without its constant term", () => {
  const key = drawBytes(random, 16);
  const hash = new LinearHash(key);
  const big = (bytes: Uint8Array) => bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  /** In the field of GCM, whose bits are numbered from the left. */
  const times = (x: bigint, y: bigint) => {
    let [z, v] = [0n, y];
    for (let i = 127n; i >= 0n; i--) {
      if ((x >> i) & 1n) z ^= v;
      v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
    }
    return z;
  };
  const cipher = createCipheriv("aes-128-ecb", key, null);
  const h = big(cipher.update(new Uint8Array(16)));
  for (const blocks of [1, 2, 9]) {
    const [x, y] = [drawBytes(random, 16 * blocks), drawBytes(random, 16 * blocks)];
    let expected = 0n;
    for (let at = 0; at < x.length; at += 16) expected = times(expected ^ big(x.subarray(at, at + 16)), h);
    expect(big(hash.hash(x))).toBe(times(expected, h));
    const both = hash.hash(x.map((byte, i) => byte ^ y[i]!));
    expect(both).toEqual(hash.hash(y).map((byte, i) => byte ^ hash.hash(x)[i]!));
  }
});
