// A set-up, an OT state and its streams leave nothing in memory that a later reader of it could use.
import { beforeEach, expect, test, vi } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { concatBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createPrg } from "../../crypto/prg";
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
      const messages = await real.receiveBase(...args);
      note("a message of a base transfer", ...messages);
      note("choice bits of base transfers", args[2]);
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

beforeEach(() => {
  handed.length = 0;
});

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const left = () => [...new Set(handed.filter(({ bytes }) => !isZero(bytes)).map(({ what }) => what))];
/** All memory of a machine, what lies below the heap included. */
const memoryOf = ({ kernels }: Pick<OtState, "kernels">) => kernels.view(0, 2 ** 31);

const setUpBoth = () =>
  runBoth(
    createLinkPair(),
    (link) => setUpOtState(link, createPrg(seedOf(61))),
    (link) => setUpOtState(link, createPrg(seedOf(62))),
  );

test("a set-up leaves no message, choice bit, node or leaf in memory, and a destroyed state leaves nothing", async () => {
  const states = await setUpBoth();
  expect(new Set(handed.map(({ what }) => what)).size).toBeGreaterThanOrEqual(11);
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

test("a failed set-up leaves nothing in memory either", async () => {
  let sent = 0;
  const links = createLinkPair((message) => {
    // Its trees, which follow its base transfers.
    if (message.from === 1 && message.payload.length > 5000 && ++sent === 2)
      message.payload[message.payload.length - 1]! ^= 1;
  });
  await expect(
    runBoth(
      links,
      (link) => setUpOtState(link, createPrg(seedOf(61))),
      (link) => setUpOtState(link, createPrg(seedOf(62))),
    ),
  ).rejects.toThrow();
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
  const states = await runBoth(
    createLinkPair(),
    (link) => setUpSemiHonestOtState(link, createPrg(seedOf(61))),
    (link) => setUpSemiHonestOtState(link, createPrg(seedOf(62))),
  );
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
