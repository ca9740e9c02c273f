// Comparison, bits and leading bits under a dealer's digits with MACs: what a wrong opening does, and what a party sees.
//
// A toy number t of 4 bits lies in Z_2^64 as t·2^60, so that its digits are the highest, or as itself, where r has ones
// above, so that a borrow runs through all digits. The code is the one that ships.
import { expect, test } from "vitest";
import type { Party } from "../../lib/channel/channel";
import { partsOf } from "../../lib/preprocessing/kinds/kinds";
import { type RawVector, toRaw } from "../../lib/preprocessing/kinds/raw";
import { bits } from "../../lib/protocol/authenticated/bits-digits";
import { compare } from "../../lib/protocol/authenticated/compare-digits";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { leadingBit } from "../../lib/protocol/authenticated/leading-bit-digits";
import { type RingVector, ring128, scope } from "../../lib/ring";
import { OpeningLog } from "../../lib/sharing/opening";
import { dealAuthenticated } from "../support/authenticated";
import { createLinkPair, runBoth } from "../support/links";
import { type Step, watchMasks } from "../support/own-masks";
import { LARGE, report, upTo } from "./game";

const PLACES = 64;
const signed = (value: bigint) => BigInt.asIntN(64, value);
const bitsOf = (x: bigint) => upTo(PLACES).map((place) => (x >> BigInt(place)) & 1n);
/** The place of the highest bit of a number above zero; the sign last. */
const marksOf = (x: bigint) => [
  ...bitsOf(x)
    .slice(0, -1)
    .map((_, place) => (signed(x) >> BigInt(place) === 1n ? 1n : 0n)),
  signed(x) < 0n ? 1n : 0n,
];

/** Steps, and what they make of a number. */
const steps: Record<string, { step: Step; of: (x: bigint) => bigint[] }> = {
  negative: {
    step: (ctx, x, length) => compare.run(ctx, [x], { length, comparison: "negative" }),
    of: (x) => [signed(x) < 0n ? 1n : 0n],
  },
  zero: {
    step: (ctx, x, length) => compare.run(ctx, [x], { length, comparison: "zero" }),
    of: (x) => [x === 0n ? 1n : 0n],
  },
  bits: { step: (ctx, x, length) => bits.run(ctx, [x], { length, width: PLACES }), of: bitsOf },
  leadingBit: {
    step: (ctx, x, length) => leadingBit.run(ctx, [x], { length, width: PLACES - 1, signed: false }),
    of: marksOf,
  },
};
const names = Object.keys(steps);

/** Where toy numbers lie: x and the error that is added to c, and r. */
const EMBEDDINGS = [
  { name: "the highest digits", unit: 1n << 60n, above: 0n },
  { name: "the lowest digits, with ones above", unit: 1n, above: -16n },
] as const;
type Embedding = (typeof EMBEDDINGS)[number];

/** Run a step on all toy numbers and all r at once; a party adds an error to its share of the opened number. */
async function run(name: string, cheater: Party, error: number, { unit, above }: Embedding) {
  const cases = upTo(256).map((i) => ({ x: BigInt(i & 15) * unit, r: above + BigInt(i >> 4) * unit }));
  const { keys, shareVector } = dealAuthenticated(3);
  const alpha = keys[0].alpha + keys[1].alpha;
  const made: (readonly [RawVector, RawVector])[][] = [];
  const elements = (values: readonly bigint[]) =>
    ring128.fromBigInts(values.map((value) => BigInt.asUintN(128, value)));
  const draw = dealAuthenticated(4);
  const deal = (kind: string, count: number) =>
    scope(() => {
      const { dealing } = partsOf(kind).definition;
      const uniform = (): RingVector => {
        const [share] = draw.share(new Array(count).fill(0n), true);
        return share.value;
      };
      const drawn =
        kind === "digits" ? [elements(cases.map(({ r }) => r))] : upTo(dealing!.drawn).map(() => uniform());
      return [...drawn, ...dealing!.derive!(drawn, [])].map((field) => {
        const [zero, one] = shareVector(field);
        return [toRaw(zero), toRaw(one)] as const;
      });
    });
  const items = (party: Party) => {
    let taken = 0;
    return {
      take: async (kind: string, count: number) => {
        const at = taken++;
        made[at] ??= deal(kind, count);
        return made[at].map((pair) => pair[party]);
      },
      discard: () => undefined,
    };
  };
  const x = shareVector(elements(cases.map((each) => each.x)));
  const logs = [new OpeningLog(), new OpeningLog()] as const;
  const play = (party: Party) => async (link: ReturnType<typeof createLinkPair>[number]) => {
    const { value, mac } = x[party];
    const ctx = {
      link,
      log: logs[party],
      key: keys[party],
      items: items(party),
      checkIfMany: async () => undefined,
    } as unknown as AuthenticatedContext;
    const own = party === cheater ? ring128.addScalar(value, BigInt(error) * unit) : value;
    return steps[name]!.step(ctx, { value: own, mac }, cases.length);
  };
  const shares = await runBoth(createLinkPair(), play(0), play(1));
  /** MACs less the key times the values: zero where they are right. */
  const off = (vectors: readonly { readonly value: RingVector; readonly mac: RingVector }[]) => {
    const [value, mac] = (["value", "mac"] as const).map((half) =>
      vectors.map((each) => each[half]).reduce((sum, each) => ring128.add(sum, each)),
    ) as [RingVector, RingVector];
    return ring128.sub(mac, ring128.mulScalar(value, alpha));
  };
  const drained = logs.map((log) => log.drain());
  const openings = drained[0]!.map((_, i) =>
    drained.map((log) => ({ value: log[i]!.values, mac: log[i]!.macs })),
  );
  const [c, ...factors] = openings.map((each) => ring128.toBigInts(off(each)));
  return {
    cases,
    results: ring128
      .toBigInts(ring128.add(shares[0].value, shares[1].value))
      .map((v) => BigInt.asUintN(64, v)),
    owed: BigInt.asUintN(128, -alpha * BigInt(error) * unit),
    c: new Set(c),
    others: new Set([...factors.flat(), ...ring128.toBigInts(off(shares))]),
  };
}

test.each(EMBEDDINGS)("a wrong share of c gives what belongs to another x, in $name", async (embedding) => {
  // The adversary gains if the error that its lie leaves in the log depends on a secret, or leaves it elsewhere.
  let best = 0;
  const errors = LARGE ? upTo(16) : [0, 9];
  for (const name of names)
    for (const error of errors)
      for (const cheater of LARGE ? ([0, 1] as const) : ([(error & 1) as Party] as const)) {
        const { cases, results, owed, c, others } = await run(name, cheater, error, embedding);
        const size = results.length / cases.length;
        cases.forEach(({ x }, i) => {
          const other = BigInt.asUintN(64, x + BigInt(error) * embedding.unit);
          expect(results.slice(i * size, (i + 1) * size)).toEqual(steps[name]!.of(other));
        });
        // The MAC is owed for the error alone, which its maker knows, and all other MACs are right.
        if (c.size !== 1 || !c.has(owed) || others.size !== 1 || !others.has(0n)) best = 1;
      }
  report({ check: "digits, an error that depends on secrets", toy: "16 numbers", bound: 0, best });
  expect(best).toBe(0);
});

test.each(names)(
  "each word that a party opens has a mask of its own, whatever the other sends: %s",
  async (name) => {
    const few = name === "negative" || name === "zero" || LARGE;
    for (const viewer of few ? ([0, 1] as const) : ([0] as const))
      for (const cheats of few ? [false, true] : [name === "leadingBit"]) {
        const { masks, wrong, results } = await watchMasks(steps[name]!.step, { viewer, x: -77n, cheats });
        expect(masks).toBeGreaterThan(60);
        expect(wrong).toBe(0);
        if (!cheats) expect(results).toEqual(steps[name]!.of(-77n));
      }
  },
);

test("one mask for both factors of a product is noticed", async () => {
  const { wrong } = await watchMasks(steps["negative"]!.step, { viewer: 0, x: 5n, tied: true });
  expect(wrong).toBeGreaterThan(0);
});
