// Leaky ANDs send delta under a hash that contains delta itself. With the hash of pads, π(w) ⊕ w for w = X ⊕ tweak, a party
// that inverts π reads the other party's key off one message, and nobody notices.
import { createDecipheriv } from "node:crypto";
import { expect, test, vi } from "vitest";
import { FixedKeyCipher } from "../../lib/crypto/block-hash";
import { drawBytes } from "../../lib/crypto/bytes";
import { createPrg } from "../../lib/crypto/prg";
import { type AndBlocks, makeLeakyAnds } from "../../lib/preprocessing/malicious/binary/leaky-ands";
import { bitKeyOf } from "../../lib/preprocessing/malicious/binary/random-bits";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { BLOCK } from "../../lib/sharing/bits";
import { fixSeed, upTo } from "../games/game";
import { createLinkPair, runBoth } from "../support/links";
import { dealOtStates } from "../support/machines";

vi.mock("../../lib/crypto/coins", async () => (await import("../games/game.js")).idealCoins);

const COUNT = 32;
const COINS = new Uint8Array(16).fill(6);
/** The number of the message with all G, after the corrections and the answer in the extension. */
const G = 2;

const xor = (...blocks: readonly Uint8Array[]) =>
  blocks.reduce((sum, block) => sum.map((byte, i) => byte ^ block[i]!));
const word = (block: Uint8Array, at: number) => block.slice(at, at + 8);
/** (l, h) → (l ⊕ h, l), and back. */
const spread = (block: Uint8Array) =>
  Uint8Array.from([...xor(word(block, 0), word(block, 8)), ...word(block, 0)]);
const gather = (block: Uint8Array) =>
  Uint8Array.from([...word(block, 8), ...xor(word(block, 0), word(block, 8))]);
const same = (block: Uint8Array) => block;

/** 2·x in GF(2^128). */
function double(x: Uint8Array): Uint8Array {
  const top = x[15]! >> 7;
  const shifted = x.map((byte, i) => ((byte << 1) & 255) | (i > 0 ? x[i - 1]! >> 7 : 0));
  shifted[0]! ^= top * 0x87;
  return shifted;
}

/** Both parties run; `mutate` may change their state. */
async function run(mutate: (state: OtState) => void) {
  for (const purpose of ["ot", "leaky"]) fixSeed(purpose, COINS);
  const states = dealOtStates(51);
  for (const state of states) mutate(state);
  let sent = new Uint8Array(0);
  const links = createLinkPair(({ from, index, payload }) => {
    if (from === 0 && index === G) sent = payload.slice();
  });
  const [, made] = await runBoth(
    links,
    (link) => makeLeakyAnds(link, states[0], COUNT),
    (link) => makeLeakyAnds(link, states[1], COUNT),
  );
  return { states, sent, made };
}

/** What party 1 may compute from its own view: candidates for the other party's delta. */
function candidates(
  { kernels, ...state }: OtState,
  made: AndBlocks,
  sent: Uint8Array,
  sigma: typeof same,
  inverse: typeof same,
): string[] {
  const coins = createPrg(COINS);
  let tweak: Uint8Array = drawBytes(coins, BLOCK).slice();
  const key = drawBytes(coins, BLOCK);
  const permutation = new FixedKeyCipher(key);
  const decipher = createDecipheriv("aes-128-ecb", key, null);
  decipher.setAutoPadding(false);
  const delta = bitKeyOf(state).delta;
  delta[0]! &= 254;
  const found: string[] = [];
  for (const gate of upTo(COUNT)) {
    const at = gate * BLOCK;
    const [x, y, keys] = [made.x.own, made.y.own, made.y.keys].map((address) =>
      kernels.read(address + at, BLOCK),
    );
    const w = xor(sigma(x!), tweak);
    const known = xor(permutation.permute(w), w, y!, keys!, sent.subarray(at, at + BLOCK));
    // The other party's y is one bit: try both.
    for (const value of [known, xor(known, delta)]) {
      const point = decipher.update(xor(value, w));
      found.push(Buffer.from(inverse(xor(point, w))).toString("hex"));
    }
    tweak = double(tweak);
  }
  return found;
}

/** The other party's delta, as candidates for it are written. */
const secretOf = (state: OtState) => Buffer.from(bitKeyOf(state).delta).toString("hex");

test("the hash of leaky ANDs does not tell delta to a party that inverts its permutation", async () => {
  const { states, sent, made } = await run(() => undefined);
  const secret = secretOf(states[0]);
  for (const [sigma, inverse] of [
    [spread, gather],
    [same, same],
    [spread, same],
    [same, gather],
  ] as const)
    expect(candidates(states[1], made, sent, sigma, inverse)).not.toContain(secret);
});

test("the attack finds delta in about half of all gates if the hash is that of pads", async () => {
  const { states, sent, made } = await run(({ kernels }) => {
    Object.assign(kernels, { run: { ...kernels.run, spread: () => undefined } });
  });
  const found = candidates(states[1], made, sent, same, same).filter((each) => each === secretOf(states[0]));
  expect(found.length).toBeGreaterThan(COUNT / 4);
  expect(found.length).toBeLessThan((3 * COUNT) / 4);
});

test("the spreading of blocks is a permutation, and its sum with the block is one too", () => {
  const { kernels } = dealOtStates(52)[0];
  const random = createPrg(new Uint8Array(16).fill(3));
  for (let i = 0; i < 20; i++) {
    const block = drawBytes(random, BLOCK).slice();
    const at = kernels.put(block);
    kernels.run.spread(at, 1);
    const image = kernels.read(at, BLOCK);
    expect(image).toEqual(spread(block));
    expect(gather(image)).toEqual(block);
    // (l, h) → (h, l ⊕ h), from which l and h follow.
    const sum = xor(image, block);
    expect([...xor(word(sum, 0), word(sum, 8)), ...word(sum, 0)]).toEqual([...block]);
  }
});
