// Leaky ANDs: an adversary that sends a wrong G, or a wrong bit of S, to learn the honest party's x or to spoil z.
import { beforeAll, expect, test, vi } from "vitest";
import { makeAndTriples } from "../../lib/preprocessing/malicious/binary/and-triples";
import { type AndBlocks, makeLeakyAnds } from "../../lib/preprocessing/malicious/binary/leaky-ands";
import { bitKeyOf } from "../../lib/preprocessing/malicious/binary/random-bits";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { BLOCK } from "../../lib/sharing/bits";
import { joinBits } from "../support/bits";
import { dealOtStates } from "../support/machines";
import { fixSeed, LARGE, lists, max, play, report, type Tap, type Trace, upTo } from "./game";

vi.mock("../../lib/crypto/coins", async () => (await import("./game.js")).idealCoins);

beforeAll(() => {
  for (const purpose of ["ot", "leaky", "bucket"]) fixSeed(purpose, new Uint8Array(16).fill(purpose.length));
});

/**
 * Bits of a block, and gates whose G is wrong.
 *
 * The honest party is party 0. Of what it computes only this is unknown to the adversary: its bits x, y, z and its delta,
 * odd; and the pad that it does not know is uniform, so the honest G is. In terms of the bits and MACs that the adversary
 * knows, taken as 0 without loss of generality,
 *   C = (y ⊕ y')·delta ⊕ y·delta',  S = x'·C ⊕ x·(C ⊕ y'·delta' ⊕ E) ⊕ (z ⊕ z')·delta ⊕ z·delta'
 * where a prime marks the adversary's own, and E is the error of its G. It sees the lowest bit of S and then names its own.
 */
interface Size {
  readonly bits: number;
  readonly gates: number;
}

interface Gate {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}
const GATES: readonly Gate[] = lists(2, 3).map(([x, y, z]) => ({ x: x!, y: y!, z: z! }));
const own = (gate: Gate, other: Gate, delta: number, even: number, error: number) => {
  const c = ((gate.y ^ other.y) * delta) ^ (gate.y * even);
  const s = (other.x * c) ^ (gate.x * (c ^ (other.y * even) ^ error));
  return s ^ ((gate.z ^ other.z) * delta) ^ (gate.z * even);
};
/** What an honest adversary's S would be: both differ by delta ⊕ delta' where z is wrong. */
const wrongBit = (gate: Gate, other: Gate) => ((gate.x ^ other.x) & (gate.y ^ other.y)) ^ gate.z ^ other.z;

type Aim = "passes" | "passes with a wrong product";

/**
 * The best chance of the aim, by exhaustive search: over the errors of all gates, which bits of S it flips once it has
 * seen the other party's, and what it commits to as L.
 *
 * @param errors - of each gate, not 0 where the aim is only to pass
 */
function best({ bits, gates }: Size, aim: Aim, other: Gate, even: number): number {
  const words = 2 ** bits;
  const deltas = upTo(words / 2).map((i) => 2 * i + 1);
  const secrets = combinations(GATES, gates).flatMap((all) => deltas.map((delta) => ({ all, delta })));
  const errors = combinations(upTo(words), gates).filter(
    (list) => aim !== "passes" || list.every((e) => e !== 0),
  );
  return max(errors, (list) => {
    // By the lowest bits that the adversary sees, the flips that it chooses, and L: how many secrets pass.
    const views = new Map<number, Map<number, Map<number, number>>>();
    for (const { all, delta } of secrets) {
      const s = all.map((gate, i) => own(gate, other, delta, even, list[i]!));
      const seen = s.reduce((sum, word, i) => sum | ((word & 1) << i), 0);
      const flipsOf = views.get(seen) ?? new Map<number, Map<number, number>>();
      views.set(seen, flipsOf);
      for (const sent of upTo(2 ** gates)) {
        const counts = flipsOf.get(sent) ?? new Map<number, number>();
        flipsOf.set(sent, counts);
        const d = upTo(gates).map((i) => ((seen >> i) ^ (sent >> i)) & 1);
        const right = all.every((gate, i) => d[i] === wrongBit(gate, other));
        if (aim !== "passes" && right) continue;
        const l = s.reduce((sum, word, i) => sum * words + (word ^ (d[i]! * delta)), 0);
        counts.set(l, (counts.get(l) ?? 0) + 1);
      }
    }
    let passed = 0;
    for (const flipsOf of views.values())
      passed += max(flipsOf.values(), (counts) => max(counts.values(), Number));
    return passed / secrets.length;
  });
}

function combinations<T>(values: readonly T[], length: number): (readonly T[])[] {
  return lists(values.length, length).map((list) => list.map((i) => values[i]!));
}

/** Every bit and even delta of the adversary. */
const adversaries = ({ bits }: Size) =>
  GATES.flatMap((other) => upTo(2 ** (bits - 1)).map((i) => ({ other, even: 2 * i })));

/** Without a guess of delta, each gate passes for one value of x. */
const passing = ({ bits, gates }: Size) => 2 ** -gates + (1 - 2 ** -gates) * 2 ** -(bits - 1);
const guess = ({ bits }: Size) => 2 ** -(bits - 1);

const sizes: Size[] = [
  { bits: 2, gates: 1 },
  { bits: 3, gates: 1 },
  { bits: 4, gates: 1 },
  { bits: 2, gates: 2 },
  ...(LARGE ? [{ bits: 3, gates: 2 }] : []),
];
const title = ({ bits, gates }: Size) => `${bits} bits a block, ${gates} gates`;

test.each(sizes)("wrong messages pass for one value of each x, and no more: %o", (size) => {
  const value = max(adversaries(size), ({ other, even }) => best(size, "passes", other, even));
  const row = report({ check: "leaky AND, wrong G", toy: title(size), bound: passing(size), best: value });
  expect(row.best).toBe(row.bound);
});

test.each(sizes)("a wrong product passes at most as often as delta is guessed: %o", (size) => {
  const value = max(adversaries(size), ({ other, even }) =>
    best(size, "passes with a wrong product", other, even),
  );
  const row = report({
    check: "leaky AND, wrong product",
    toy: title(size),
    bound: guess(size),
    best: value,
  });
  expect(row.best).toBe(row.bound);
});

const COUNT = 6;
/** The adversary's messages, after its corrections and its answer in the extension. */
const [G, BITS] = [2, 3];

interface Made {
  readonly accepted: boolean;
  readonly states: readonly [OtState, OtState];
  /** The honest party's shares and the adversary's. */
  readonly leaky: readonly (AndBlocks | undefined)[];
}

/** A run of the code that ships, the same for the same seed but for the tap. */
async function run(seed: number, tap?: Tap): Promise<Made> {
  const states = dealOtStates(seed);
  const leaky: (AndBlocks | undefined)[] = [];
  const side = (party: 0 | 1) => async (link: Parameters<typeof makeLeakyAnds>[0]) => {
    leaky[party] = await makeLeakyAnds(link, states[party], COUNT);
  };
  const { accepted } = await play(side(0), side(1), tap ? { tap } : {});
  return { accepted, states, leaky };
}

const bitsAt = ({ kernels }: OtState, at: number) =>
  upTo(COUNT).map((i) => kernels.read(at + i * BLOCK, 1)[0]! & 1);

/** Both parties' bits of a run: x, y, z. */
function bitsOf({ states, leaky }: Made) {
  const keys = states.map(bitKeyOf) as [ReturnType<typeof bitKeyOf>, ReturnType<typeof bitKeyOf>];
  const read = (party: 0 | 1, name: keyof AndBlocks) => {
    const { own: ours, keys: held } = leaky[party]![name];
    const { kernels } = states[party];
    return { own: kernels.read(ours, COUNT * BLOCK), keys: kernels.read(held, COUNT * BLOCK) };
  };
  return (["x", "y", "z"] as const).map((name) => joinBits([read(0, name), read(1, name)], keys));
}

/** Add to some gates' blocks of a message. */
const adding =
  (index: number, gates: readonly number[], error: Uint8Array): Tap =>
  (at, payload) => {
    if (at !== index) return payload;
    for (const gate of gates)
      error.forEach((byte, i) => {
        payload[gate * BLOCK + i]! ^= byte;
      });
    return payload;
  };

test("in the code, a wrong G on c gates passes exactly if the honest party's x are 0 on all of them", async () => {
  const error = new Uint8Array(BLOCK).fill(0x5a);
  for (const seed of LARGE ? upTo(8) : [1, 2]) {
    const honest = await run(seed);
    expect(honest.accepted).toBe(true);
    const x = bitsAt(honest.states[0], honest.leaky[0]!.x.own);
    const patterns = new Map<string, boolean>();
    for (const gates of [[0], [1], [2], [0, 1], [2, 3], [1, 4, 5]]) {
      const { accepted } = await run(seed, adding(G, gates, error));
      expect(accepted, `x ${gates.map((gate) => x[gate])}`).toBe(gates.every((gate) => x[gate] === 0));
      patterns.set(gates.join(), accepted);
    }
    // Both outcomes occur.
    expect(new Set(patterns.values()).size).toBe(2);
  }
});

test("in the code, a flipped bit of S never passes", async () => {
  for (const gate of upTo(COUNT)) {
    const flipped: Tap = (at, payload) => {
      if (at === BITS) payload[0]! ^= 1 << gate;
      return payload;
    };
    expect((await run(3, flipped)).accepted).toBe(false);
  }
});

test("in the code, who knows delta passes with a wrong product exactly where x is 1, as in the game", async () => {
  const honest = await run(4);
  const [a, b] = honest.states.map((state) => bitKeyOf(state).delta);
  // delta_0 is odd, delta_1 even.
  const sum = a!.map((byte, i) => byte ^ b![i]! ^ (i === 0 ? 1 : 0));
  expect(sum[0]! & 1).toBe(1);
  const x = bitsAt(honest.states[0], honest.leaky[0]!.x.own);
  expect(new Set(x).size).toBe(2);
  for (const gate of upTo(COUNT)) {
    const made = await run(4, adding(G, [gate], sum));
    expect(made.accepted).toBe(true);
    const [left, right, product] = bitsOf(made);
    const wrong = upTo(COUNT).filter((i) => (left![i]! & right![i]!) !== product![i]);
    expect(wrong).toEqual(x[gate] === 1 ? [gate] : []);
  }
});

test("in the code, the buckets' coins are tossed after the comparison, and what they bucket is fixed before", async () => {
  const trace: Trace = [];
  const states = dealOtStates(5);
  const side = (party: 0 | 1) => (link: Parameters<typeof makeAndTriples>[0]) =>
    makeAndTriples(link, states[party], 512);
  expect((await play(side(0), side(1), { trace })).accepted).toBe(true);
  const both = ["send", "receive"];
  // Corrections, answer, G, lowest bits, commitment and opening of the hash; differences, and the hash of their MACs.
  expect(trace).toEqual([
    ...[...both, "coins ot", ...both, "coins leaky"],
    ...[...both, ...both, ...both, ...both, "coins bucket", ...both, ...both],
  ]);
});

test("withholding any message is never accepted", async () => {
  for (const hangUp of upTo(8)) {
    const states = dealOtStates(5);
    const side = (party: 0 | 1) => (link: Parameters<typeof makeAndTriples>[0]) =>
      makeAndTriples(link, states[party], 512);
    expect((await play(side(0), side(1), { hangUp })).accepted, String(hangUp)).toBe(false);
  }
});
