// Comparison, bits and leading bits from private bits: what a party sees, and the marks of all numbers of a few bits.
import { expect, test } from "vitest";
import { leadingBit as additiveLeadingBit } from "../../lib/protocol/additive/leading-bit";
import { bits } from "../../lib/protocol/authenticated/bits";
import { compare } from "../../lib/protocol/authenticated/compare";
import { leadingBit } from "../../lib/protocol/authenticated/leading-bit";
import { type BitGates, leadingOne } from "../../lib/sharing/bit-circuits";
import { type Step, watchMasks } from "../support/own-masks";
import { LARGE, report, upTo } from "./game";

const X = -77n;
const steps: Record<string, { step: Step; results: bigint[]; masks: number }> = {
  negative: {
    step: (ctx, x, length) => compare.run(ctx, [x], { length, comparison: "negative" }),
    results: [1n],
    masks: 2 * 122,
  },
  bits: {
    step: (ctx, x, length) => bits.run(ctx, [x], { length, width: 9 }),
    results: upTo(9).map((place) => (X >> BigInt(place)) & 1n),
    masks: 2 * 8,
  },
  leadingBit: {
    step: (ctx, x, length) => leadingBit.run(ctx, [x], { length, width: 9, signed: true }),
    // −77 is 76 in complement, from 2^6 to 2^7, and place 0 is that of −1; the sign is last.
    results: upTo(11).map((place) => (place === 7 || place === 10 ? 1n : 0n)),
    masks: 2 * 64,
  },
};

test.each(Object.keys(steps))(
  "each bit that a party opens has a mask of its own, whatever the other sends: %s",
  async (name) => {
    const { step, results: expected, masks: least } = steps[name]!;
    for (const viewer of [0, 1] as const)
      for (const cheats of LARGE || viewer === 0 ? [false, true] : [true]) {
        const { masks, wrong, results } = await watchMasks(step, { viewer, x: X, cheats });
        expect(masks).toBeGreaterThan(least);
        expect(wrong).toBe(0);
        if (!cheats) expect(results).toEqual(expected);
      }
    report({ check: `${name}, openings without a mask`, toy: "one number", bound: 0, best: 0 });
  },
);

test.each(["masked", "carry"] as const)(
  "without MACs, each word and bit of a leading bit has a mask of its own: %s",
  async (plain) => {
    for (const viewer of [0, 1] as const) {
      const step: Step = async (ctx, x, length) => {
        const sizes = { length, width: 9, signed: true };
        const value = await additiveLeadingBit.run(ctx as never, [x.value], sizes);
        return { value, mac: value };
      };
      const { masks, wrong, results } = await watchMasks(step, { viewer, x: X, plain });
      expect(masks).toBeGreaterThan(2 * 11);
      expect(wrong).toBe(0);
      expect(results).toEqual(steps["leadingBit"]!.results);
    }
  },
);

test("one mask for both factors of an AND is noticed", async () => {
  const { wrong } = await watchMasks(steps["bits"]!.step, { viewer: 0, x: 5n, tied: true });
  expect(wrong).toBeGreaterThan(0);
});

test.each(upTo(LARGE ? 12 : 9).map((i) => i + 1))(
  "the highest of %i bits is marked, for all numbers",
  async (width) => {
    const plain: BitGates<number> = {
      xor: (x, y) => x ^ y,
      not: (x) => 1 - x,
      and: async (pairs) => pairs.map(([x, y]) => x & y),
    };
    for (const number of upTo(2 ** width)) {
      const marks = await leadingOne(
        plain,
        upTo(width).map((place) => (number >> place) & 1),
      );
      expect(marks).toEqual(upTo(width).map((place) => Number(number >> place === 1)));
    }
  },
);
