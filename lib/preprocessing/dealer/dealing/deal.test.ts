import { describe, expect, test } from "vitest";
import { drawSeed, fc } from "../../../../test/support/random";
import { concatBytes } from "../../../crypto/bytes";
import { type Ring, type RingVector, ring64, ring128 } from "../../../ring";
import { ALL_KINDS } from "../../kinds/all";
import type { KindDefinition } from "../../kinds/kind";
import { type Kind, partsOf } from "../../kinds/kinds";
import { AUTHENTICATED, PLAIN, type RawVector, type ShareLayout } from "../../kinds/raw";
import { alphaOf, type Batch, correctionBytes, deal, dealInPieces, expand, stepsOf } from "./deal";
import { MAX_PIECE_BYTES } from "./tiles";

const modes: [string, ShareLayout, Ring][] = [
  ["without MACs", PLAIN, ring64],
  ["with MACs", AUTHENTICATED, ring128],
];

describe.each(modes)("correlated randomness dealt %s", (_, layout, ring) => {
  const vector = (bytes: Uint8Array) => ring.fromBytes(bytes, bytes.length / layout.value);
  const add = (x: Uint8Array, y: Uint8Array) => ring.add(vector(x), vector(y));

  /** Both parties' items, and what they share: each field, its MAC seen to be right. */
  function make(seeds: [Uint8Array, Uint8Array], batch: Batch) {
    const corrections = deal(batch, { layout, seeds });
    expect(corrections).toHaveLength(correctionBytes(batch, layout));
    const parts: [RawVector[], RawVector[]] = [
      expand(batch, layout, 0, seeds[0]),
      expand(batch, layout, 1, seeds[1], corrections),
    ];
    const alpha = alphaOf(seeds[0], layout) + alphaOf(seeds[1], layout);
    const opened = parts[0].map((mine, i) => {
      const value = add(mine.values, parts[1][i]!.values);
      if (layout.mac > 0)
        expect(ring.equals(ring.mulScalar(value, alpha), add(mine.macs, parts[1][i]!.macs))).toBe(true);
      return value;
    });
    return { parts, opened, corrections };
  }
  const seeds = (): [Uint8Array, Uint8Array] => [drawSeed(), drawSeed()];
  const low = (x: RingVector) => ring.toBigInts(x).map((value) => BigInt.asUintN(64, value));

  test("multiplies, squares and truncates, for any count and any start", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(1 << 20),
        fc.integer({ min: 1, max: 62 }),
        (count, start, f) => {
          const pair = seeds();
          const [a, b, c] = make(pair, { kind: "triple", count, start }).opened as RingVector[];
          expect(ring.equals(ring.mul(a!, b!), c!)).toBe(true);
          const [x, square] = make(pair, { kind: "square", count, start }).opened as RingVector[];
          expect(ring.equals(ring.mul(x!, x!), square!)).toBe(true);
          const [r, shifted, msb] = make(pair, { kind: `truncation ${f}`, count, start }).opened.map(low);
          expect(shifted).toEqual(r!.map((value) => value >> BigInt(f)));
          expect(msb).toEqual(r!.map((value) => value >> 63n));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("masks matrices once, whatever they are multiplied by", () => {
    const pair = seeds();
    const [x] = make(pair, { kind: "matrix 0 15", count: 1, start: 0 }).opened;
    const [y] = make(pair, { kind: "matrix 1 35", count: 1, start: 0 }).opened;
    const [z] = make(pair, { kind: "product 0 1 3 5 7 2", count: 1, start: 0 }).opened;
    expect(ring.equals(ring.matmul(x!, y!, 3, 5, 7), z!)).toBe(true);
    const [square] = make(pair, { kind: "product 0 0 3 5 3 3", count: 1, start: 0 }).opened;
    expect(ring.equals(ring.matmul(x!, x!, 3, 5, 3), square!)).toBe(true);
    const again = make(pair, { kind: "product 0 1 3 5 7 9", count: 1, start: 0 });
    expect(ring.equals(again.opened[0]!, z!)).toBe(true);
  });

  test("gives an input mask to one party alone", () => {
    for (const owner of [0, 1] as const) {
      const { parts } = make(seeds(), { kind: `input${owner}`, count: 9, start: 4 });
      expect(parts[1 - owner]![0]!.values.every((byte) => byte === 0)).toBe(true);
      expect(parts[owner][0]!.values.some((byte) => byte !== 0)).toBe(true);
    }
  });

  test("is the same for a repeated request, and different for every other request", () => {
    const pair = seeds();
    const batch: Batch = { kind: "triple", count: 20, start: 40 };
    const first = make(pair, batch);
    expect(make(pair, batch)).toEqual(first);
    const others: Batch[] = [
      { ...batch, start: 60 },
      { ...batch, count: 19 },
      { ...batch, kind: "square" },
    ];
    const bytes = (items: readonly RawVector[]) =>
      Buffer.from(items[0]!.values.subarray(0, 8)).toString("hex");
    const seen = [batch, ...others].flatMap((asked) => make(pair, asked).parts.map(bytes));
    expect(new Set(seen).size).toBe(8);
  });

  test("gives no word twice, whatever party 1 asks for beside what both parties agreed on", () => {
    const pair = seeds();
    const asked = (ALL_KINDS as readonly KindDefinition[])
      .filter(({ dealing, parameters }) => {
        if (!dealing || parameters.length > 0) return false;
        return layout.mac === 0 || !dealing.binary;
      })
      .flatMap(({ name }) =>
        [
          [0, 4],
          [0, 5],
          [1, 4],
          [3, 1],
          [4, 4],
          [40, 4],
          [4, 40],
        ].map(([start, count]): Batch => ({ kind: name as Kind, start: start!, count: count! })),
      );
    // The same masks as matrices of other shapes, and once more.
    const products = ["2 6 3", "4 3 6", "2 6 3"].map(
      (shape, i): Batch => ({ kind: `product 5 6 ${shape} ${i}` as Kind, start: 0, count: 1 }),
    );
    for (const party of [0, 1] as const) {
      // Of party 1, what it has once it has uncovered its corrections.
      const seen = [...asked, ...products].flatMap((batch) => {
        const corrections = party === 1 ? deal(batch, { layout, seeds: pair }) : undefined;
        const items = expand(batch, layout, party, pair[party], corrections);
        return items
          .flatMap(({ values, macs }) => [values, macs])
          .flatMap((text) =>
            Array.from({ length: text.length / layout.value }, (_, i) =>
              Buffer.from(text.subarray(i * layout.value, (i + 1) * layout.value)).toString("hex"),
            ),
          );
      });
      // A party has zeros in place of a mask that is the other's alone.
      const words = seen.filter((word) => /[^0]/.test(word));
      expect(words.length).toBeGreaterThan(500);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  test("reveals nothing to party 1 by its corrections: they are as uniform as party 0's own draws", () => {
    const { corrections } = make(seeds(), { kind: "triple", count: 20_000, start: 0 });
    const ones = corrections.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    const bits = corrections.length * 8;
    // Six standard deviations.
    expect(Math.abs(ones - bits / 2)).toBeLessThan(3 * Math.sqrt(bits));
  });

  test("is without MACs where shares are added bit by bit", () => {
    const batch: Batch = { kind: "comparison", count: 5, start: 3 };
    if (layout.mac > 0) {
      expect(() => deal(batch, { layout, seeds: seeds() })).toThrow("not dealt with MACs");
      return;
    }
    const corrections = deal(batch, { layout, seeds: seeds() });
    // Seven words of an item follow from the two that both parties draw.
    expect(corrections).toHaveLength(7 * 8 * batch.count);
  });

  test("is of dealt kinds only", () => {
    for (const kind of ["bits", "wrap"] as Kind[]) {
      expect(() => deal({ kind, count: 1, start: 0 }, { layout, seeds: seeds() })).toThrow("is not dealt");
    }
    for (const kind of ["nothing", "constructor"] as string[] as Kind[])
      expect(() => partsOf(kind)).toThrow(TypeError);
  });
});

describe("corrections sent to party 0", () => {
  const batch: Batch = { kind: "triple", count: 500, start: 0 };
  const low = (bytes: Uint8Array) => ring128.toBigInts(ring128.fromBytes(bytes, bytes.length / 16));

  test("do not reveal the MAC key to it, whatever it subtracts from them", () => {
    const pair: [Uint8Array, Uint8Array] = [drawSeed(), drawSeed()];
    const corrections = deal(batch, { layout: AUTHENTICATED, seeds: pair });
    const [, , product] = expand(batch, AUTHENTICATED, 0, pair[0]);
    // Without the cover, this subtraction gave a·b and alpha·a·b.
    const alpha = alphaOf(pair[0], AUTHENTICATED) + alphaOf(pair[1], AUTHENTICATED);
    const bytes = 16 * batch.count;
    const at = (from: number, mine: Uint8Array) =>
      low(corrections.slice(from, from + bytes)).map((x, i) => BigInt.asUintN(128, x + low(mine)[i]!));
    const ab = at(0, product!.values);
    const macs = at(3 * bytes, product!.macs);
    expect(ab.filter((x, i) => BigInt.asUintN(128, x * alpha) === macs[i])).toEqual([]);
  });

  test("are uniform: over many seeds of party 1, every bit is set as often as not", () => {
    const zero = drawSeed();
    const small: Batch = { kind: "square", count: 1, start: 0 };
    const counts = new Array<number>(8 * correctionBytes(small, PLAIN)).fill(0);
    const draws = 4000;
    const before = low64(expand(small, PLAIN, 0, zero)[1]!.values);
    for (let i = 0; i < draws; i++) {
      const answer = low64(deal(small, { layout: PLAIN, seeds: [zero, drawSeed()] }));
      const bare = BigInt.asUintN(64, answer + before);
      for (let bit = 0; bit < 64; bit++) counts[bit]! += Number((bare >> BigInt(bit)) & 1n);
    }
    // Six standard deviations. A square is 0, 1 or 4 mod 8, so its second bit would be zero without a cover.
    for (const count of counts) expect(Math.abs(count - draws / 2)).toBeLessThan(3 * Math.sqrt(draws));
  });

  test("have a different cover for each request, and the same for a repeated one", () => {
    const pair: [Uint8Array, Uint8Array] = [drawSeed(), drawSeed()];
    const dealing = { layout: PLAIN, seeds: pair };
    const questions: Batch[] = [batch, { ...batch, start: 500 }, { ...batch, kind: "square" }];
    const answers = questions.map((each) => deal(each, dealing));
    expect(questions.map((each) => deal(each, dealing))).toEqual(answers);
    for (const [i, a] of answers.entries())
      for (const b of answers.slice(i + 1)) {
        const same = a.filter((byte, at) => byte === b[at]).length;
        expect(same).toBeLessThan(a.length / 128);
      }
  });
});

function low64(bytes: Uint8Array): bigint {
  return ring64.toBigInts(ring64.fromBytes(bytes.slice(0, 8), 1))[0]!;
}

describe("a batch dealt in pieces", () => {
  const sizes: [number, number, number][] = [
    [700, 300, 900],
    [1, 5, 300_000],
    [3, 2000, 1],
    [9000, 70, 1],
    [5000, 3, 7],
    [600, 1, 600],
  ];
  test.each(sizes)("a product of %d×%d and %d columns is correct, and its pieces are bounded", (m, k, n) => {
    const dealing = { layout: PLAIN, seeds: [drawSeed(), drawSeed()] as const };
    const expanded = (each: Batch, party: 0 | 1, corrections?: Uint8Array) =>
      ring64.fromBytes(
        expand(each, PLAIN, party, dealing.seeds[party], corrections)[0]!.values,
        partsOf(each.kind).width,
      );
    const open = (each: Batch, corrections?: Uint8Array) =>
      ring64.add(expanded(each, 0), expanded(each, 1, corrections));
    const one = { count: 1, start: 0 };
    const product: Batch = { kind: `product 0 1 ${m} ${k} ${n} 2`, ...one };
    const pieces = [...dealInPieces(product, dealing)];
    expect(pieces.length).toBe(stepsOf(product, PLAIN).steps);
    for (const piece of pieces) expect(piece?.length ?? 0).toBeLessThanOrEqual(MAX_PIECE_BYTES);
    const whole = concatBytes(...pieces.filter((piece) => piece !== undefined));
    const [x, y] = [open({ kind: `matrix 0 ${m * k}`, ...one }), open({ kind: `matrix 1 ${k * n}`, ...one })];
    expect(ring64.equals(ring64.matmul(x, y, m, k, n), open(product, whole))).toBe(true);
  });

  test.each([
    ["without MACs", PLAIN, 2 ** 20, 16],
    ["with MACs", AUTHENTICATED, 2 ** 20, 16],
    ["with MACs", AUTHENTICATED, 2 ** 14, 2 ** 10],
  ] as const)("no step of a tall matrix times a vector takes long, %s: %#", (_, layout, m, k) => {
    const tall: Batch = { kind: `product 0 1 ${m} ${k} 1 2`, count: 1, start: 0 };
    const pieces = dealInPieces(tall, { layout, seeds: [drawSeed(), drawSeed()] });
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const start = performance.now();
      pieces.next();
      times.push(performance.now() - start);
    }
    expect(Math.min(...times)).toBeLessThan(2000);
    pieces.return();
  });

  test("every step of the largest product is short and makes a bounded amount", () => {
    const largest: Batch = { kind: "product 0 1 2048 2048 2048 2", count: 1, start: 0 };
    const pieces = dealInPieces(largest, { layout: AUTHENTICATED, seeds: [drawSeed(), drawSeed()] });
    const times: number[] = [];
    for (let i = 0; i < 6; i++) {
      const start = performance.now();
      const { value } = pieces.next();
      times.push(performance.now() - start);
      expect(value?.length ?? 0).toBeLessThanOrEqual(MAX_PIECE_BYTES);
    }
    // Take the best of six, so that other work on this machine does not fail the test.
    expect(Math.min(...times)).toBeLessThan(4000);
    expect(stepsOf(largest, AUTHENTICATED).steps).toBeGreaterThan(100);
    pieces.return();
  });
});
