import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Carries, carriesOf, chosenFrom } from "../../../test/support/carries";
import { createLinkPair, endLink, runBoth, type Tap } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { dealSemiHonestOtStates } from "../../../test/support/semi-honest";
import { compareWire, type Start } from "../../../test/support/wire";
import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import { TransportError } from "../../errors";
import { type RingVector, ring64 } from "../../ring";
import { CARRY_WORDS } from "../kinds/carry";
import type { RawVector } from "../kinds/raw";
import { type SemiHonestKind, semiHonestMakers } from "./items";
import { type SemiHonestOtState, setUpSemiHonestOtState } from "./ot-state";

/** How many bits of each byte are set. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** The bits of a carry's words that are always zero. */
const UNUSED: Readonly<Record<number, readonly number[]>> = { 0: [63], 5: [15, 31, 47, 63] };

type Machines = readonly [SemiHonestOtState, SemiHonestOtState];

const make = (state: SemiHonestOtState, link: OperationLink, kind: SemiHonestKind, count: number) =>
  semiHonestMakers[kind].make(link, state, count);

const makeBoth = (states: Machines, kind: SemiHonestKind, count: number, tap?: Tap) =>
  runBoth(
    createLinkPair(tap),
    (link) => make(states[0], link, kind, count),
    (link) => make(states[1], link, kind, count),
  );

const words = ({ values, macs }: RawVector): RingVector => {
  expect(macs).toHaveLength(0);
  return ring64.fromBytes(values, values.length / 8);
};
const open = (x: RawVector, y: RawVector) => ring64.add(words(x), words(y));

/** Checks what items are for: a product, a square, or the product of two bits. */
function check(kind: SemiHonestKind, [mine, theirs]: readonly [RawVector[], RawVector[]], count: number) {
  for (const fields of [mine, theirs]) for (const field of fields) expect(words(field)).toHaveLength(count);
  const opened = mine.map((field, i) => open(field, theirs[i]!));
  if (kind === "triple") expect(ring64.equals(ring64.mul(opened[0]!, opened[1]!), opened[2]!)).toBe(true);
  if (kind === "square") expect(ring64.equals(ring64.mul(opened[0]!, opened[0]!), opened[1]!)).toBe(true);
  if (kind === "wrap") {
    const [p, q] = [words(mine[0]!), words(theirs[0]!)];
    for (const bits of [p, q]) expect(ring64.sum(ring64.compareScalar(bits, ">", 1n, false))).toBe(0n);
    expect(ring64.equals(ring64.mul(p, q), opened[1]!)).toBe(true);
  }
  if (kind === "ands") {
    const [a, b, c, ab, ac] = mine.map((field, i) => ring64.xor(words(field), words(theirs[i]!)));
    expect(ring64.equals(ring64.and(a!, b!), ab!)).toBe(true);
    expect(ring64.equals(ring64.and(a!, c!), ac!)).toBe(true);
  }
  if (kind === "selection") {
    const d = ring64.xor(words(mine[0]!), words(theirs[0]!));
    expect(ring64.sum(ring64.compareScalar(d, ">", 1n, false))).toBe(0n);
    expect(ring64.equals(opened[2]!, d)).toBe(true);
    expect(ring64.equals(opened[3]!, ring64.mul(d, opened[1]!))).toBe(true);
  }
}

/** Check that each party's pads are the entries of the other's tables that it chose, and that products are shared. */
function checkCarries([mine, theirs]: readonly [RawVector[], RawVector[]], count: number) {
  const [zero, one] = [mine, theirs].map(([field]) => carriesOf(field!)) as [Carries, Carries];
  expect([zero.length, one.length]).toEqual([count, count]);
  const wrong = zero.filter((item, i) => {
    const other = one[i]!;
    const products = (item.a ^ other.a) | ((item.a ^ other.a) << 16);
    return (
      item.pads !== chosenFrom(other.tables, item.choices) ||
      other.pads !== chosenFrom(item.tables, other.choices) ||
      ((products & (item.factors ^ other.factors)) ^ item.shares ^ other.shares) !== 0
    );
  });
  expect(wrong).toEqual([]);
}

describe("items made from correlated transfers", () => {
  const states = dealSemiHonestOtStates(11);

  test.each(["triple", "square", "wrap", "selection"] as const)(
    "are correct, however many: %s",
    async (kind) => {
      for (const count of [1, 2, 3, 33, 2047, 2048, 2049, 6145])
        check(kind, await makeBoth(states, kind, count), count);
      // More transfers of one bit than one chunk holds.
      if (kind === "wrap" || kind === "selection")
        check(kind, await makeBoth(states, kind, 300_001), 300_001);
    },
  );

  test("are correct, however many: carry", async () => {
    for (const count of [1, 127, 128, 129, 4096, 4097, 5000])
      checkCarries(await makeBoth(states, "carry", count), count);
  });

  test("are correct after a set-up between the parties", { timeout: 120_000 }, async () => {
    const made = await runBoth(
      createLinkPair(),
      (link) => setUpSemiHonestOtState(link, createPrg(seedOf(51))),
      (link) => setUpSemiHonestOtState(link, createPrg(seedOf(52))),
    );
    expect(made[0].identity.session).toEqual(made[1].identity.session);
    for (const kind of ["triple", "wrap", "square"] as const) check(kind, await makeBoth(made, kind, 9), 9);
    checkCarries(await makeBoth(made, "carry", 9), 9);
  });

  test("are correct for factors at every edge of their range", async () => {
    const edges = [0n, 1n, 2n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 64n - 1n];
    const fill = (target: Uint8Array) => {
      const view = new DataView(target.buffer, target.byteOffset);
      for (let at = 0; at < target.length; at += 8)
        view.setBigUint64(at, edges[(at / 8) % edges.length]!, true);
    };
    const steered = states.map((state) => ({
      ...state,
      identity: { ...state.identity, random: { fill } },
    })) as unknown as Machines;
    check("triple", await makeBoth(steered, "triple", 1000), 1000);
    check("square", await makeBoth(steered, "square", 1000), 1000);
  });

  test("come from fresh streams each time", async () => {
    const seen = new Set<string>();
    const counts = [5, 5, 5];
    for (const count of counts)
      for (const fields of await makeBoth(states, "triple", count))
        for (const value of ring64.toBigInts(words(fields[0]!))) seen.add(String(value));
    expect(seen.size).toBe(2 * counts.reduce((sum, count) => sum + count));
  });

  test.each(["triple", "square", "wrap", "selection", "ands", "random", "carry"] as const)(
    "have uniform shares: %s",
    async (kind) => {
      const count = 16_384;
      const sent: { from: Party; payload: Uint8Array }[] = [];
      const both = await makeBoth(states, kind, count, ({ from, payload }) =>
        sent.push({ from, payload: payload.slice() }),
      );
      // Six standard deviations of a fair coin, for each bit of a word.
      const fair = (ones: number, tosses: number) =>
        expect(Math.abs(ones - tosses / 2)).toBeLessThan(6 * Math.sqrt(tosses / 4));
      if (kind === "carry") {
        for (const [field] of both) {
          const columns = [0, 1, 2, 3, 4, 5].map((word) =>
            ring64.strided(words(field!), [count], [CARRY_WORDS], word),
          );
          columns.forEach((column, word) => {
            for (let bit = 0; bit < 64; bit++)
              if (!UNUSED[word]?.includes(bit)) fair(Number(ring64.sum(ring64.bit(column, bit))), count);
          });
        }
      }
      for (const fields of kind === "carry" ? [] : both)
        fields.forEach((field, i) => {
          const bits = (kind === "wrap" || kind === "selection") && i === 0 ? 1 : 64;
          const values = words(field);
          for (let bit = 0; bit < bits; bit++) fair(Number(ring64.sum(ring64.bit(values, bit))), count);
        });
      const ones = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + ONES[byte]!, 0);
      for (const { payload } of sent) fair(ones(payload), 8 * payload.length);
      // One party's bits say nothing about the other's: their exclusive or is uniform too.
      const [mine, theirs] = both.map((fields) => words(fields[0]!)) as [RingVector, RingVector];
      fair(Number(ring64.sum(ring64.bit(ring64.xor(mine, theirs), 0))), mine.length);
    },
  );

  test("leave nothing in memory", async () => {
    for (const { kernels } of states) {
      const { mark } = kernels;
      await makeBoth(states, "triple", 300);
      expect(kernels.mark).toBe(mark);
      expect(kernels.view(mark, 500_000).some((byte) => byte !== 0)).toBe(false);
    }
  });

  test.each(["triple", "square", "wrap", "selection", "ands", "carry"] as const)(
    "are not made from messages of a wrong length: %s",
    async (kind) => {
      for (const broken of [0, 1]) {
        for (const change of [-1, 1]) {
          const made = makeBoth(dealSemiHonestOtStates(12), kind, 64, (message) => {
            if (message.from !== 1 || message.index !== broken) return;
            const payload = new Uint8Array(Math.max(0, message.payload.length + change));
            payload.set(message.payload.subarray(0, payload.length));
            message.payload = payload;
          });
          const error = await made.catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(TransportError);
          expect((error as TransportError).reason).toBe("malformed");
        }
      }
    },
  );

  test("fail when the other party is gone", async () => {
    const links = createLinkPair();
    const made = make(dealSemiHonestOtStates(13)[0], links[0], "triple", 64);
    endLink(links[0]);
    await expect(made).rejects.toMatchObject({ reason: "closed" });
  });

  test("cost what the table of makers states", async () => {
    const bytes = async (kind: SemiHonestKind, count: number) => {
      let sum = 0;
      await makeBoth(states, kind, count, ({ payload }) => {
        sum += payload.length;
      });
      return sum / count / 2;
    };
    expect(await bytes("triple", 4096)).toBe(764);
    expect(await bytes("square", 4096)).toBe(382);
    expect(await bytes("wrap", 4096)).toBe(7.9375);
    expect(await bytes("random", 4096)).toBe(0);
    expect(await bytes("ands", 4096)).toBe(248);
    expect(await bytes("selection", 4096)).toBe(19.875);
    expect(await bytes("carry", 4096)).toBe(182.125);
  });
});

test("the messages of every protocol match the recorded digests", { timeout: 120_000 }, async () => {
  const items =
    (kind: SemiHonestKind, count: number): Start =>
    (links) => {
      const states = dealSemiHonestOtStates(21);
      return [0, 1].map((i) => () => make(states[i]!, links[i]!, kind, count));
    };
  const { found, committed } = await compareWire(join(__dirname, "wire-digests.json"), {
    setUp: (links) => [0, 1].map((i) => () => setUpSemiHonestOtState(links[i]!, createPrg(seedOf(40 + i)))),
    triple: items("triple", 5),
    triples: items("triple", 4099),
    squares: items("square", 5),
    wraps: items("wrap", 5),
    selections: items("selection", 5),
    ands: items("ands", 5),
    carries: items("carry", 5),
    "carries of several runs": items("carry", 4200),
  });
  expect(found).toEqual(committed);
});
