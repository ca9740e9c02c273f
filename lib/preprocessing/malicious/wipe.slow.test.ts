// A set-up, an OT state and its streams leave nothing in memory that a later reader of it could use.
import { beforeEach, expect, test, vi } from "vitest";
import { createLinkPair, runBoth, type Tap } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { concatBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createPrg, type Prg } from "../../crypto/prg";
import { destroySemiHonestOtState, setUpSemiHonestOtState } from "../semi-honest/ot-state";
import { destroyOtState, type OtState, setUpOtState } from "./ot-state";
import { resumeOtState, seedsOf } from "./seeds";
import { makeTriples } from "./triples";

/** Every array of secrets that the parts of a set-up hand to one another. */
const handed: { what: string; bytes: Uint8Array }[] = [];
const note = (what: string, ...arrays: readonly Uint8Array[]) => {
  for (const bytes of arrays) handed.push({ what, bytes });
};

vi.mock("../ot/base-ot", async (original) => {
  const real = await original<typeof import("../ot/base-ot")>();
  return {
    ...real,
    sendBase: async (...args: Parameters<typeof real.sendBase>) => {
      const pairs = await real.sendBase(...args);
      note("messages of base transfers", ...pairs.flat());
      return pairs;
    },
    receiveBase: async (...args: Parameters<typeof real.receiveBase>) => {
      note("choice bits of base transfers", args[2]);
      const messages = await real.receiveBase(...args);
      note("a message of a base transfer", ...messages);
      return messages;
    },
  };
});
vi.mock("../ot/extend", async (original) => {
  const real = await original<typeof import("../ot/extend")>();
  return {
    ...real,
    extendAsReceiver: async (...args: Parameters<typeof real.extendAsReceiver>) => {
      const chosen = await real.extendAsReceiver(...args);
      note("choice bits", chosen.choices);
      note("a message", ...chosen.messages);
      return chosen;
    },
    extendAsSender: async (...args: Parameters<typeof real.extendAsSender>) => {
      const pairs = await real.extendAsSender(...args);
      note("messages", ...pairs.flat());
      return pairs;
    },
  };
});
vi.mock("../ot/punctured-prf", async (original) => {
  const real = await original<typeof import("../ot/punctured-prf")>();
  return {
    ...real,
    growTrees: (...args: Parameters<typeof real.growTrees>) => {
      const grown = real.growTrees(...args);
      note("leaves", grown.leaves);
      return grown;
    },
    reconstructTrees: (...args: Parameters<typeof real.reconstructTrees>) => {
      const trees = real.reconstructTrees(...args);
      note("leaves but one", trees.leaves);
      return trees;
    },
  };
});
vi.mock("../../crypto/block-hash", async (original) => {
  const real = await original<typeof import("../../crypto/block-hash")>();
  return {
    ...real,
    // Subclassed here, for what a permutation makes of secrets tells them: its key is public.
    sessionCipher: (...args: Parameters<typeof real.sessionCipher>) => {
      const cipher = real.sessionCipher(...args);
      const permute = cipher.permute.bind(cipher);
      cipher.permute = (blocks) => {
        const bytes = permute(blocks);
        // The leaves themselves are noted by their own name.
        if (!args[1].endsWith("leaf")) note(`what ${args[1]} makes`, bytes);
        return bytes;
      };
      return cipher;
    },
  };
});

vi.mock("../../crypto/hash", async (original) => {
  const real = await original<typeof import("../../crypto/hash")>();
  return {
    ...real,
    hashLabelled: (...args: Parameters<typeof real.hashLabelled>) => {
      const hash = real.hashLabelled(...args);
      // The part that a key is.
      if (args[0] === "base-ot/key") note("a key of a base transfer", hash.subarray(0, 16));
      return hash;
    },
  };
});

/** Bytes from which scalars and elements of base transfers are made, and their choice bits. */
const DRAWN = [64, 128];

/** A party's randomness, of which the bytes handed out are noted. */
function noted(seed: number): Prg {
  const prg = createPrg(seedOf(seed));
  return {
    ...prg,
    draw(length) {
      const bytes = prg.draw!(length);
      if (DRAWN.includes(length)) note(`${length} bytes drawn`, bytes);
      return bytes;
    },
  };
}

beforeEach(() => {
  handed.length = 0;
});

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const left = () => [...new Set(handed.filter(({ bytes }) => !isZero(bytes)).map(({ what }) => what))];
/** All memory of a machine, what lies below the heap included. */
const memoryOf = ({ kernels }: Pick<OtState, "kernels">) => kernels.view(0, 2 ** 31);

const setUpBoth = () => runSetUps(setUpOtState);

/** Both parties' states. */
const runSetUps = <State>(setUp: (link: OperationLink, random: Prg) => Promise<State>, tap?: Tap) =>
  runBoth(
    createLinkPair(tap),
    (link) => setUp(link, noted(61)),
    (link) => setUp(link, noted(62)),
  );

test("a set-up leaves no message, choice bit, node or leaf in memory, and a destroyed state leaves nothing", async () => {
  const states = await setUpBoth();
  expect(new Set(handed.map(({ what }) => what)).size).toBeGreaterThanOrEqual(14);
  expect(left()).toEqual([]);
  const links = createLinkPair();
  await Promise.all(states.map((state, i) => makeTriples(links[i]!, state, 40)));
  for (const state of states) {
    const { sender, receiver, keeper, prover, kernels } = state;
    const parts = [sender, receiver, keeper, prover].flatMap(({ seeds: { leaves, missing } }) => [
      leaves,
      ...(missing ? [missing] : []),
    ]);
    // There must be something to overwrite, below the heap too.
    expect(parts.every((part) => !isZero(part))).toBe(true);
    expect(isZero(kernels.view(0, kernels.start))).toBe(false);
    destroyOtState(state);
    expect(parts.every(isZero)).toBe(true);
    expect(keeper.alpha).toBe(0n);
    expect(memoryOf(state).length).toBeGreaterThan(2 ** 17);
    expect(isZero(memoryOf(state))).toBe(true);
    // The element that kernels worked on last is none of the heap: it would come out here.
    kernels.run.pack(0, 0, 0);
    expect(isZero(memoryOf(state))).toBe(true);
    expect(() => prover.prepare(kernels.start, 1, createPrg(seedOf(1)), () => {})).toThrow(/destroyed/);
  }
});

/** Alters the last byte of a message, named by its sender, its size and its place among those. */
const altering =
  (from: Party, isMeant: (length: number) => boolean, place = 1): Tap =>
  (message) => {
    if (message.from === from && isMeant(message.payload.length) && --place === 0)
      message.payload[message.payload.length - 1]! ^= 128;
  };

test.each([
  ["trees", altering(1, (length) => length > 5000, 2)],
  ["an element of the sender of base transfers", altering(0, (length) => length === 32, 2)],
  ["the last element of their receiver", altering(1, (length) => length > 5000)],
] as const)("a set-up that fails at %s leaves nothing in memory either", async (_, tap) => {
  await expect(runSetUps(setUpOtState, tap)).rejects.toThrow();
  expect(handed.length).toBeGreaterThan(0);
  expect(left()).toEqual([]);
});

test.each([
  ["trees", altering(0, (length) => length > 5000)],
  ["an element of the sender of base transfers", altering(0, (length) => length === 32, 2)],
  ["the last element of their receiver", altering(1, (length) => length > 5000)],
] as const)("nor does a semi-honest one that fails at %s", async (_, tap) => {
  await expect(runSetUps(setUpSemiHonestOtState, tap)).rejects.toThrow();
  expect(handed.length).toBeGreaterThan(0);
  expect(left()).toEqual([]);
});

test("seeds are unpacked, hashed and overwritten", async () => {
  const [zero] = await setUpBoth();
  const seeds = seedsOf(zero);
  const slice = vi.spyOn(Uint8Array.prototype, "slice");
  const { state, next } = resumeOtState(
    0,
    { session: hashLabelled("test"), seeds, steps: 0 },
    createPrg(seedOf(1)),
  );
  const slices = slice.mock.results.map(({ value }) => value as Uint8Array);
  slice.mockRestore();
  const { sender, receiver, keeper, prover } = state;
  const kept = [sender, receiver, keeper, prover].flatMap(({ seeds: { leaves, missing } }) => [
    leaves,
    missing,
  ]);
  const others = slices.filter((bytes) => bytes.length >= 2048 && bytes !== next && !kept.includes(bytes));
  expect(others.length).toBeGreaterThanOrEqual(5);
  expect(others.every(isZero)).toBe(true);
  expect(isZero(concatBytes(...kept.map((bytes) => bytes ?? new Uint8Array(0))))).toBe(false);
  destroyOtState(state);
  expect(kept.every((bytes) => !bytes || isZero(bytes))).toBe(true);
});

test("a semi-honest set-up and state leave nothing in memory", async () => {
  const states = await runSetUps(setUpSemiHonestOtState);
  expect(left()).toEqual([]);
  for (const state of states) {
    destroySemiHonestOtState(state);
    expect(isZero(memoryOf(state))).toBe(true);
  }
});

test("a destroyed stream gives no more bytes", () => {
  const prg = createPrg(seedOf(1));
  prg.fill(new Uint8Array(8));
  prg.destroy();
  prg.destroy();
  expect(() => prg.draw!(8)).toThrow(/destroyed/);
  expect(() => prg.fill(new Uint8Array(8))).toThrow(/destroyed/);
});
