import { describe, expect, test } from "vitest";
import { dealtSessions } from "../../../test/support/dealt-sessions";
import type { Tap } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { type Cheat, runShared, type SharedStep } from "../../../test/support/shared-step";
import { createPrg } from "../../crypto/prg";
import { CheckError } from "../../errors";
import { ring128 } from "../../ring";
import { leadingBit as inTheClear } from "../plain/leading-bit";
import { bits, bitwiseAnd } from "./bits-digits";
import { compare, select } from "./compare-digits";
import { leadingBit } from "./leading-bit-digits";

const run = async (seed: number, inputs: readonly (readonly bigint[])[], step: SharedStep, cheat?: Cheat) =>
  runShared(seed, await dealtSessions(seed), inputs, step, cheat);

const top = 1n << 63n;
const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  3n,
  1n << 62n,
  -(1n << 62n),
  top - 1n,
  1n - top,
  -top,
  0x5555555555555555n,
];
/** Of every magnitude. */
const random = [...new BigInt64Array(createPrg(seedOf(78)).draw!(8 * 100).slice().buffer)].map(
  (number, i) => number >> BigInt(i % 64),
);
const numbers = [...EDGES, ...random];

const comparing = (comparison: "negative" | "zero", length: number): SharedStep => ({
  demand: compare.demand({ length, comparison }),
  results: length,
  step: (ctx, [x]) => compare.run(ctx, [x!], { length, comparison }),
});

describe("with masks in digits from a dealer", () => {
  test("numbers at the edges and at random are compared exactly, for the bytes of the demand", async () => {
    for (const comparison of ["negative", "zero"] as const) {
      const { result, other, sent, bytes } = await run(3, [numbers], comparing(comparison, numbers.length));
      const holds = (number: bigint) => (comparison === "negative" ? number < 0n : number === 0n);
      expect(result).toEqual(numbers.map((number) => (holds(number) ? 1n : 0n)));
      expect(other).toEqual(result);
      expect(sent).toEqual([bytes, bytes]);
    }
    expect(compare.demand({ length: 3, comparison: "negative" })).toMatchObject({
      items: { digits: 3, triple: 57 * 3 },
      rounds: 6,
    });
    expect(compare.demand({ length: 0, comparison: "zero" }).items).toEqual({});
  });

  test("a selection gives the results, and their products with another number", async () => {
    const sizes = { length: 3, comparison: "negative" } as const;
    const { result } = await run(
      4,
      [
        [-1n, 4n, -9n],
        [10n, 20n, -30n],
      ],
      { demand: select.demand(sizes), results: 6, step: (ctx, [x, y]) => select.run(ctx, [x!, y!], sizes) },
    );
    expect(result).toEqual([1n, 0n, 1n, 10n, 0n, -30n]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 16, 33, 64])("the %d low bits of numbers are right", async (width) => {
    const few = [...EDGES, ...random.slice(0, 20)];
    const sizes = { length: few.length, width };
    const { result, sent, bytes } = await run(5, [few], {
      demand: bits.demand(sizes),
      results: width * few.length,
      step: (ctx, [x]) => bits.run(ctx, [x!], sizes),
    });
    expect(result).toEqual(
      few.flatMap((number) => Array.from({ length: width }, (_, i) => (number >> BigInt(i)) & 1n)),
    );
    expect(sent).toEqual([bytes, bytes]);
  });

  test("the AND of numbers goes bit by bit, for the bytes of the demand", async () => {
    const [x, y] = [numbers.slice(0, 20), numbers.slice(20, 40)];
    const sizes = { length: 20 };
    const { result, sent, bytes } = await run(6, [x, y], {
      demand: bitwiseAnd.demand(sizes),
      results: 20,
      step: (ctx, [a, b]) => bitwiseAnd.run(ctx, [a!, b!], sizes),
    });
    expect(result).toEqual(x.map((number, i) => number & y[i]!));
    expect(sent).toEqual([bytes, bytes]);
  });

  test.each([
    [20, false],
    [20, true],
    [1, true],
  ])("the leading bit of numbers of %d bits is marked as in the clear, signed: %s", async (width, signed) => {
    // Beyond 2^width too, where bits do not count.
    const few = [...EDGES, ...random.slice(0, 60), 1n << BigInt(width), -(1n << BigInt(width))];
    const sizes = { length: few.length, width, signed };
    const ctx = { ring: ring128, party: 0, cut: () => undefined } as const;
    const expected = ring128.toSignedBigInts(inTheClear(ctx, [ring128.fromBigInts(few)], sizes));
    const { result, sent, bytes } = await run(8, [few], {
      demand: leadingBit.demand(sizes),
      results: expected.length,
      step: (ctx, [x]) => leadingBit.run(ctx, [x!], sizes),
    });
    expect(result).toEqual(expected);
    expect(sent).toEqual([bytes, bytes]);
  });

  /** Every message of a comparison, by its place among those of its sender. */
  const places = ["opens masked number", "opens masked factors"].flatMap((what) =>
    [0, 1].flatMap((from) =>
      [
        [0, 0x01],
        [7, 0x80],
      ].map(([at, flip]) => [what, from as 0 | 1, at!, flip!] as const),
    ),
  );

  test.each(places)(
    "a changed message (%s, of party %d, byte %d) stops the reveal",
    async (what, from, at, flip) => {
      for (let round = 0; round < (what === "opens masked number" ? 1 : 5); round++) {
        let seen = 0;
        const tap: Tap = (message) => {
          if (message.what === what && message.from === from && seen++ === round)
            message.payload[at]! ^= flip;
        };
        const honest = from === 1 ? 0 : 1;
        const { result, other } = await run(7, [[-3n, 9n]], comparing("negative", 2), { tap, honest });
        expect(seen).toBeGreaterThan(round);
        const error = honest === 0 ? result : other;
        expect(error).toBeInstanceOf(CheckError);
        expect((error as CheckError).check).toBe("mac");
      }
    },
  );
});
