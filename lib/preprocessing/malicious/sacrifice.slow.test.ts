// Being caught or not tells a cheater nothing of b but the noise that is opened anyway.
import { expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { dealOtStates } from "../../../test/support/machines";
import type { OtState } from "./ot-state";
import { PACKED } from "./packed";
import { WIDE } from "./ring-vole";
import { makeTriples } from "./triples";

/** The machine with one bit of its b turned: the first draw of a triple is its b. */
function withBit(state: OtState, bit: number): OtState {
  const { random } = state.identity;
  let drawn = false;
  const fill = (bytes: Uint8Array) => {
    random.fill(bytes);
    if (!drawn && bytes.length === WIDE) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      drawn = true;
    }
  };
  return { ...state, identity: { ...state.identity, random: { fill } } };
}

/** Adds 2^bit. */
function shift(bytes: Uint8Array, bit: number): Uint8Array {
  const result = bytes.slice();
  let carry = 1 << (bit & 7);
  for (let i = bit >> 3; i < result.length && carry > 0; i++) {
    carry += result[i]!;
    result[i] = carry & 255;
    carry >>= 8;
  }
  return result;
}

/** Whether party 0 notices that party 1 shifts rho by 2^(168 − j); the only messages of this length carry rho. */
async function caught(seed: number, j: number, turned?: number): Promise<boolean> {
  const [zero, one] = dealOtStates(seed);
  const links = createLinkPair((message) => {
    if (message.payload.length === PACKED) message.payload = shift(message.payload, 168 - j);
  });
  return runBoth(
    links,
    (link) => makeTriples(link, turned === undefined ? zero : withBit(zero, turned), 1),
    (link) => makeTriples(link, one, 1),
  ).then(
    () => false,
    () => true,
  );
}

test("the bits of b above its noise do not decide whether a shift of rho is caught", async () => {
  const counts = { caught: 0, missed: 0, told: 0 };
  for (let seed = 1; seed <= 24; seed++) {
    const plain = await caught(seed, 1);
    counts[plain ? "caught" : "missed"]++;
    for (const bit of [40, 41, 100, 167]) expect(await caught(seed, 1, bit)).toBe(plain);
    // The test can see a leak: the noise itself decides.
    if ((await caught(seed, 1, 0)) !== plain) counts.told++;
  }
  expect(counts.caught).toBeGreaterThan(0);
  expect(counts.missed).toBeGreaterThan(0);
  expect(counts.told).toBeGreaterThan(0);
});

test("a shift that could reveal more than the noise is caught", async () => {
  for (const j of [24, 40, 64, 128]) for (const seed of [1, 2, 3]) expect(await caught(seed, j)).toBe(true);
});
