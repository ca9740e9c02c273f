// Bits that are authenticated in F_2 and in the ring: an owner whose bits differ.
import { expect, test, vi } from "vitest";
import { checkDaBits, DABIT_SUMS } from "../../lib/preprocessing/malicious/binary/dabits";
import { bitKeyOf } from "../../lib/preprocessing/malicious/binary/random-bits";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { WIDE } from "../../lib/preprocessing/malicious/ring-vole";
import { BLOCK } from "../../lib/sharing/bits";
import {
  elementBytes,
  fixCoins,
  LARGE,
  lists,
  max,
  mean,
  play,
  report,
  type Trace,
  upTo,
  type Watch,
} from "./game";
import { kernels, markKernels, toyStates } from "./toy";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);
vi.mock("../../lib/crypto/prg", async (original) =>
  (await import("./game.js")).withStreams(await original()),
);

/** Bits, and sums that can contain them. */
interface Size {
  readonly count: number;
  readonly sums: number;
}

const ALPHA = 0x1d3b5a7c9e2f1;

/** The states of both parties with keys for bits as well. */
function statesOf(): [OtState, OtState] {
  const delta = (party: number) => Uint8Array.from({ length: BLOCK }, (_, i) => 37 * i + 101 * party + 3);
  return toyStates(ALPHA).map((state, party) => ({
    ...state,
    sender: { delta: delta(party) },
  })) as unknown as [OtState, OtState];
}

/**
 * The chance that an owner passes, by exhaustive search: which bits differ, at least one, and which spare bits do so too.
 * It chooses both before the coins are tossed; then there is nothing left to choose but a guess of a key.
 */
function differing({ count, sums }: Size, order: "real" | "coins first" = "real"): number {
  const coins = lists(2 ** sums, count);
  const wrong = upTo(2 ** count).slice(1);
  const spares = upTo(2 ** sums);
  const passes = (bits: number, spare: number, subsets: readonly number[]) =>
    subsets.reduce((sum, subset, i) => sum ^ (((bits >> i) & 1) * subset), spare) === 0 ? 1 : 0;
  return order === "coins first"
    ? mean(coins, (subsets) => max(wrong, (bits) => max(spares, (spare) => passes(bits, spare, subsets))))
    : max(wrong, (bits) => max(spares, (spare) => mean(coins, (subsets) => passes(bits, spare, subsets))));
}

const bound = ({ sums }: Size) => 2 ** -sums;

/**
 * A run of the code that ships. Sums beyond the toy's contain only their spare bit.
 *
 * @param bits - which of the adversary's bits differ; `spare` alike
 * @param subsets - for each bit, the sums that contain it
 */
async function run(bits: number, spare: number, subsets: readonly number[], watch: Watch = {}) {
  const count = subsets.length;
  const all = count + DABIT_SUMS;
  const states = statesOf();
  const release = markKernels();
  const coins = new Uint8Array(count * 8);
  subsets.forEach((subset, i) => {
    coins[8 * i] = subset;
  });
  fixCoins("dabits", coins);
  const { delta } = bitKeyOf(states[0]);
  const inRing = (i: number) => i % 3 === 0;
  const inBinary = (i: number) => {
    const differs = i < count ? (bits >> i) & 1 : i < count + 8 ? (spare >> (i - count)) & 1 : 0;
    return inRing(i) !== (differs === 1);
  };
  // Keys, v and masks are 0, so a MAC is delta where the bit is 1, and w = alpha·x. The honest party's own bits are 0.
  const put = (party: 0 | 1) => {
    const one = kernels[party];
    const blocks = { own: one.allocate(all * BLOCK), keys: one.allocate(all * BLOCK) };
    const elements = () => one.allocate(all * WIDE);
    const ring = { wide: elements(), v: elements(), w: elements() };
    for (const i of upTo(all)) {
      if (party === 1 && inBinary(i)) one.write(blocks.own + i * BLOCK, delta);
      if (!inRing(i)) continue;
      if (party === 1) one.write(ring.wide + i * WIDE, elementBytes(1n));
      else one.write(ring.w + i * WIDE, elementBytes(states[0].keeper.alpha));
    }
    return { blocks, ring, masks: { wide: elements(), v: elements(), w: elements() } };
  };
  const side = (party: 0 | 1) => {
    const { blocks, ring, masks } = put(party);
    return (link: Parameters<typeof checkDaBits>[0]) =>
      checkDaBits(link, states[party], count, blocks, ring, masks);
  };
  const { accepted } = await play(side(0), side(1), watch);
  release();
  return accepted;
}

const sizes: Size[] = [
  ...upTo(6).map((i) => ({ count: 1, sums: i + 1 })),
  { count: 2, sums: 3 },
  { count: 3, sums: 2 },
  ...(LARGE ? [{ count: 2, sums: 5 }] : []),
];
const title = ({ count, sums }: Size) => `${count} bits, ${sums} sums`;

test("in the code, the sums are shown after the coins are tossed", async () => {
  const trace: Trace = [];
  expect(await run(0, 0, [1, 2], { trace })).toBe(true);
  expect(trace).toEqual(["coins dabits", "send", "receive"]);
});

test.each(sizes)("a bit that differs passes exactly as often as stated: %o", (size) => {
  const row = report({ check: "daBits", toy: title(size), bound: bound(size), best: differing(size) });
  expect(row.best).toBe(row.bound);
});

test("the game finds the mutant whose coins are known before the bits are fixed", () => {
  const size = sizes[3]!;
  const value = differing(size, "coins first");
  report({ check: "mutant: coins first", toy: title(size), bound: bound(size), best: value });
  expect(value).toBeGreaterThan(bound(size));
});

test.each(upTo(6).map((i) => i + 1))(
  "the real code catches one wrong bit among three but for 2^-%d",
  async (sums) => {
    // A wrong spare bit in every other sum; passing takes a bit that is in exactly those sums.
    const spare = 0b010101 & (2 ** sums - 1);
    for (const spares of [0, spare]) {
      let passed = 0;
      for (const subset of upTo(2 ** sums)) if (await run(0b010, spares, [0b11, subset, 0b101])) passed++;
      expect(passed).toBe(1);
    }
  },
);

test("the real code agrees with the game wherever two bits differ", async () => {
  for (const [first, second] of lists(4, 2))
    for (const spare of upTo(4))
      expect(await run(0b11, spare, [first!, second!])).toBe((first! ^ second! ^ spare) === 0);
});

test("a wrong spare bit alone is caught, and withholding is never accepted", async () => {
  for (const i of upTo(8)) expect(await run(0, 1 << i, [3, 5])).toBe(false);
  expect(await run(0, 0, [3, 5], { hangUp: 0 })).toBe(false);
});
