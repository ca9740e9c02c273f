// Comparison without MACs: what each party sees is uniform, whatever is compared. The parties follow the protocol.
//
// A toy ring Z_16 lies in Z_2^64 as the multiples of 2^60, and the code is the one that ships. Everything in one party's view
// but the other's messages is fixed; the other party's shares and the masks that these messages use run through all values.
// If the messages then run through all values too, each once, whatever the secret is, they are uniform and tell nothing. All
// other bits of the messages have masks of the same kind, which are constant here.
import { expect, test } from "vitest";
import type { Party } from "../../lib/channel/channel";
import { createPrg } from "../../lib/crypto/prg";
import { COMPARISON } from "../../lib/preprocessing/kinds/comparison";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { OtKernels } from "../../lib/preprocessing/wasm/kernels";
import { compareByCarry, masksOfWraps } from "../../lib/protocol/additive/compare-carry";
import { type Comparison, compareMasked } from "../../lib/protocol/additive/compare-masked";
import type { LinkContext } from "../../lib/protocol/additive/context";
import { type MaskedResults, openResults } from "../../lib/protocol/additive/masked-results";
import { type RingVector, ring64 } from "../../lib/ring";
import { type Carry, chosenFrom, rawOf } from "../support/carries";
import { createLinkPair, runBoth } from "../support/links";
import { LARGE, report, upTo } from "./game";

const kernels = new OtKernels();
const UNIT = 2n ** 60n;
const SECRETS = upTo(16);
const toy = (value: number) => BigInt.asUintN(64, BigInt(value) * UNIT);
const bytesOf = (words: BigUint64Array<ArrayBufferLike>) =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const raw = (words: BigUint64Array<ArrayBufferLike>): RawVector => ({
  values: bytesOf(words),
  macs: new Uint8Array(0),
});
const holds = (x: number, comparison: Comparison) => (comparison === "negative" ? x >= 8 : x === 0);

/** The messages that a party received, and the results. */
interface Run {
  readonly seen: readonly Uint8Array[];
  readonly results: bigint[];
}

async function play(
  party: Party,
  compare: (link: ReturnType<typeof createLinkPair>[number], of: Party) => Promise<RingVector>,
): Promise<Run> {
  const seen: Uint8Array[] = [];
  const links = createLinkPair(({ from, payload }) => {
    if (from !== party) seen.push(payload.slice());
  });
  const [zero, one] = await runBoth(
    links,
    (link) => compare(link, 0),
    (link) => compare(link, 1),
  );
  const results = ring64.toBigInts(ring64.add(zero, one));
  return { seen, results };
}

/** Compare, then open the results. */
async function openAfter(
  link: LinkContext["link"],
  compare: (ctx: LinkContext) => Promise<MaskedResults>,
): Promise<RingVector> {
  const ctx = { ring: ring64, link };
  return openResults(ctx, await compare(ctx));
}

/** Bits of an item's part of a message, gathered. */
function gather(bytes: Uint8Array, item: number, size: number, bits: readonly number[]): number {
  return bits.reduce((sum, bit, i) => {
    const at = item * size + bit;
    return sum | (((bytes[at >> 3]! >> (at & 7)) & 1) << i);
  }, 0);
}

/** Whether all numbers below `count` occur, each once. */
function isUniform(seen: Uint32Array): boolean {
  const met = new Uint8Array(seen.length);
  for (const view of seen) met[view] = 1;
  return met.every((times) => times === 1);
}

/** The bits of a word's masks that belong to the highest block, to the root, and to the result. */
const MASKS = [3, 7, 11, 15, 19, 23, 27, 28, 29, 30, 31, 32, 33, 34, 35];

/** The other party's messages in the dealer's protocol, over its shares of r and its masks, for one secret and share. */
async function seenWithDealer(
  party: Party,
  x: number,
  own: number,
  comparison: Comparison,
  fixed: number,
  tied = false,
) {
  const count = 2 ** (4 + MASKS.length);
  const random = createPrg(new Uint8Array(16).fill(fixed));
  const draw = () => {
    const word = new BigUint64Array(1);
    random.fill(bytesOf(word));
    return word[0]!;
  };
  // This party's part is the same in each item. Its share of r is a toy element too.
  const mine = Array.from({ length: COMPARISON.fields }, draw);
  mine[COMPARISON.r] = toy(fixed);
  const field = (value: bigint) => new BigUint64Array(count).fill(value);
  const [r, masks] = [field(0n), field(0n)];
  for (let i = 0; i < count; i++) {
    r[i] = toy(fixed + (i & 15));
    let word = mine[COMPARISON.masks]!;
    MASKS.forEach((bit, j) => {
      if ((i >> (4 + j)) & 1) word ^= 1n << BigInt(bit);
    });
    // A broken dealer: one mask for a digit's bit and for a block's.
    if (tied) word = (word & ~(1n << 28n)) | (((word >> 3n) & 1n) << 28n);
    masks[i] = word;
  }
  const { mark } = kernels;
  const [at, to] = [kernels.put(bytesOf(r)), kernels.put(bytesOf(masks))];
  const derived = kernels.allocate(7 * 8 * count);
  kernels.run.dealComparisons(at, to, count, derived, 8 * count);
  const wholes = Array.from({ length: 7 }, (_, i) => kernels.read(derived + i * 8 * count, 8 * count)).map(
    (bytes) => new BigUint64Array(bytes.buffer),
  );
  kernels.release(mark);
  const theirs = [r, masks, ...wholes].map((whole, i) => {
    const added = i === COMPARISON.r || i === COMPARISON.bit;
    return whole.map((value) => BigInt.asUintN(64, added ? value - mine[i]! : value ^ mine[i]!));
  });
  const items = (of: Party) => (of === party ? mine.map(field) : theirs).map(raw);
  const shares = (of: Party) => ring64.full(count, toy(of === party ? own : x - own));
  const { seen, results } = await play(party, (link, of) =>
    openAfter(link, (ctx) => compareMasked(ctx, shares(of), comparison, items(of))),
  );
  const expected = holds(x, comparison) ? 1n : 0n;
  expect(results.every((result) => result === expected)).toBe(true);
  const [c, digits, blocks, bits] = seen as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return Uint32Array.from({ length: count }, (_, i) => {
    const parts = [
      [gather(c, i, 64, [60, 61, 62, 63]), 4],
      [gather(digits, i, 32, [3, 7, 11, 15, 19, 23, 27]), 7],
      [gather(blocks, i, 8, [0, 1, 2, 3, 4, 5, 6]), 7],
      [gather(bits, i, 1, [0]), 1],
    ] as const;
    return parts.reduce((sum, [value, size]) => (sum << size) | value, 0);
  });
}

test("a dealer's masks hide every number and every result of a comparison", async () => {
  const views = LARGE ? [0, 1, 5, 8, 15] : [9];
  let best = 0;
  for (const comparison of ["negative", "zero"] as const)
    for (const party of [0, 1] as const)
      for (const own of views)
        for (const x of LARGE ? SECRETS : [0, 11]) {
          const seen = await seenWithDealer(party, x, own, comparison, (own * 7 + 3) % 16);
          if (!isUniform(seen)) best = 1;
        }
  report({ check: "comparison with a dealer: views differ", toy: "16 numbers", bound: 0, best });
  expect(best).toBe(0);
});

test("a dealer that uses one mask for two bits is noticed", async () => {
  expect(isUniform(await seenWithDealer(0, 11, 9, "negative", 2, true))).toBe(false);
});

test("with a dealer, all numbers in all shares are compared rightly", async () => {
  const count = 16 ** 3;
  const random = createPrg(new Uint8Array(16).fill(3));
  const [xs, firsts, rs] = [0, 4, 8].map((shift) => (i: number) => (i >> shift) & 15);
  for (const comparison of ["negative", "zero"] as const) {
    const whole: BigUint64Array<ArrayBufferLike>[] = [
      BigUint64Array.from({ length: count }, (_, i) => toy(rs!(i))),
      new BigUint64Array(count),
    ];
    random.fill(bytesOf(whole[1]!));
    const { mark } = kernels;
    const [at, to] = [kernels.put(bytesOf(whole[0]!)), kernels.put(bytesOf(whole[1]!))];
    const derived = kernels.allocate(7 * 8 * count);
    kernels.run.dealComparisons(at, to, count, derived, 8 * count);
    for (let i = 0; i < 7; i++)
      whole.push(new BigUint64Array(kernels.read(derived + i * 8 * count, 8 * count).buffer));
    kernels.release(mark);
    const zero = whole.map(({ length }) => {
      const share = new BigUint64Array(length);
      random.fill(bytesOf(share));
      return share;
    });
    const one = whole.map((words, i) => {
      const added = i === COMPARISON.r || i === COMPARISON.bit;
      return words.map((word, j) => BigInt.asUintN(64, added ? word - zero[i]![j]! : word ^ zero[i]![j]!));
    });
    const shares = [
      ring64.fromBigInts(upTo(count).map((i) => toy(firsts!(i)))),
      ring64.fromBigInts(upTo(count).map((i) => toy(xs!(i) - firsts!(i)))),
    ];
    const { results } = await play(0, (link, of) =>
      openAfter(link, (ctx) => compareMasked(ctx, shares[of]!, comparison, (of === 0 ? zero : one).map(raw))),
    );
    expect(results).toEqual(upTo(count).map((i) => (holds(xs!(i), comparison) ? 1n : 0n)));
  }
});

/** The lane of the highest byte, and the products on its way to the root. */
const LANE = 7;
const WAY = [7, 11, 13, 14];
const factorBits = WAY.flatMap((j) => [j, j + 16]);

/** A party's part of an item, from what is drawn and from the other party's part. */
function partsOf(random: ReturnType<typeof createPrg>): Carry {
  const words = new Uint32Array(12);
  random.fill(new Uint8Array(words.buffer));
  const [choices, a, factors, shares, ...tables] = words;
  const two = 0x7fff7fff;
  return {
    choices: choices!,
    pads: 0,
    a: a! & 0x7fff,
    tables: tables.slice(0, 8),
    factors: factors! & two,
    shares: shares! & two,
  };
}

/** The other party's messages in the protocol by carries, over all its choices and masks that they use. */
async function seenByCarry(party: Party, x: number, own: number, comparison: Comparison, fixed: number) {
  const random = createPrg(new Uint8Array(16).fill(fixed));
  const [mine, base] = [partsOf(random), partsOf(random)];
  // In its tables: its share of the lane, which this party reads where its choice is, and the pad of the next entry.
  const next = (((mine.choices >>> (4 * LANE)) & 15) + 1) & 15;
  const varied = [
    ...upTo(4).map((bit) => ["choices", 4 * LANE + bit] as const),
    ...WAY.map((j) => ["a", j] as const),
    ...factorBits.map((j) => ["factors", j] as const),
    ...[LANE, 8 + LANE].map((bit) => ["own", bit] as const),
    ...[next, 16 + next].map((bit) => ["pad", bit] as const),
    ["wrap", 0] as const,
  ].filter(([what]) => LARGE || what !== "pad");
  const count = 2 ** varied.length;
  mine.pads = chosenFrom(base.tables, mine.choices);
  const others: Carry[] = [];
  const own16 = new Uint16Array(count).fill(0x5a3c);
  const wraps = new BigUint64Array(count);
  for (let i = 0; i < count; i++) {
    const item: Carry = { ...base, tables: [...base.tables] };
    varied.forEach(([what, bit], j) => {
      if (((i >> j) & 1) === 0) return;
      if (what === "own") own16[i]! ^= 1 << bit;
      else if (what === "wrap") wraps[i] = 1n;
      else if (what === "pad") item.tables[LANE]! ^= 1 << bit;
      else item[what] ^= 1 << bit;
    });
    item.pads = chosenFrom(mine.tables, item.choices);
    const a = item.a ^ mine.a;
    item.shares = ((a | (a << 16)) & (item.factors ^ mine.factors)) ^ mine.shares;
    others.push(item);
  }
  const bit = fixed & 1;
  const wrapsOf = (of: Party) => {
    const product = new BigUint64Array(count).fill(BigInt(fixed) * 0x123456789abcdefn);
    if (of === party) return [new BigUint64Array(count).fill(BigInt(bit)), product];
    return [wraps, product.map((share, i) => BigInt.asUintN(64, BigInt(bit) * wraps[i]! - share))];
  };
  const carries = (of: Party) => rawOf(of === party ? Array.from({ length: count }, () => mine) : others);
  const shares = (of: Party) => ring64.full(count, toy(of === party ? own : x - own));
  const randomOf = (of: Party) => ({
    fill: (target: Uint8Array) =>
      of === party ? target.fill(0xa5) : target.set(new Uint8Array(own16.buffer)),
  });
  const { seen, results } = await play(party, (link, of) => {
    const masks = masksOfWraps(ring64, wrapsOf(of).map(raw));
    return openAfter(link, (ctx) =>
      compareByCarry(ctx, shares(of), comparison, carries(of), masks, randomOf(of)),
    );
  });
  const expected = holds(x, comparison) ? 1n : 0n;
  expect(results.every((result) => result === expected)).toBe(true);
  const read = (mine.choices >>> (4 * LANE)) & 15;
  const entries = [read, 16 + read, ...(LARGE ? [next, 16 + next] : [])];
  const level = (width: number, place: number) => [place, width + place, 2 * width + place];
  const parts: [size: number, bits: readonly number[]][] = [
    [32, upTo(4).map((i) => 4 * LANE + i)],
    [256, entries.map((entry) => 32 * LANE + entry)],
    [24, level(8, 7)],
    [16, level(4, 3)],
    [8, level(2, 1)],
    [8, level(1, 0)],
    [1, [0]],
  ];
  return Uint32Array.from({ length: count }, (_, i) =>
    parts.reduce(
      (sum, [size, bits], message) => (sum << bits.length) | gather(seen[message]!, i, size, bits),
      0,
    ),
  );
}

test("by carries, all numbers in all shares are compared rightly", async () => {
  const count = 2 ** 12;
  const random = createPrg(new Uint8Array(16).fill(4));
  const parts = [0, 1].map(() => upTo(count).map(() => partsOf(random))) as [Carry[], Carry[]];
  const wraps = [0, 1].map(() => BigUint64Array.from({ length: count }, () => BigInt(partsOf(random).a & 1)));
  const products = [new BigUint64Array(count), new BigUint64Array(count)];
  for (let i = 0; i < count; i++) {
    const [zero, one] = [parts[0][i]!, parts[1][i]!];
    zero.pads = chosenFrom(one.tables, zero.choices);
    one.pads = chosenFrom(zero.tables, one.choices);
    const a = zero.a ^ one.a;
    one.shares = ((a | (a << 16)) & (zero.factors ^ one.factors)) ^ zero.shares;
    products[0]![i] = BigInt(zero.shares >>> 0);
    products[1]![i] = BigInt.asUintN(64, wraps[0]![i]! * wraps[1]![i]! - products[0]![i]!);
  }
  const [x, first] = [(i: number) => i & 15, (i: number) => (i >> 4) & 15];
  const shares = [(i: number) => toy(first(i)), (i: number) => toy(x(i) - first(i))].map((share) =>
    ring64.fromBigInts(upTo(count).map(share)),
  );
  for (const comparison of ["negative", "zero"] as const) {
    const { results } = await play(0, (link, of) => {
      const wrap = [wraps[of]!.slice(), products[of]!.slice()].map(raw);
      const masks = masksOfWraps(ring64, wrap);
      return openAfter(link, (ctx) => compareByCarry(ctx, shares[of]!, comparison, rawOf(parts[of]), masks));
    });
    expect(results).toEqual(upTo(count).map((i) => (holds(x(i), comparison) ? 1n : 0n)));
  }
});

test("random transfers hide every number and every result of a comparison", async () => {
  let best = 0;
  for (const comparison of ["negative", "zero"] as const)
    for (const party of [0, 1] as const)
      for (const own of LARGE ? [0, 6, 8, 15] : [9])
        for (const x of LARGE ? SECRETS : [0, 11]) {
          const seen = await seenByCarry(party, x, own, comparison, (own * 5 + 2) % 16);
          if (!isUniform(seen)) best = 1;
        }
  report({ check: "comparison by carries: views differ", toy: "16 numbers", bound: 0, best });
  expect(best).toBe(0);
});
