import { describe, expect, it, test } from "vitest";
import { uniform } from "../../../test/support/random";
import { sortingNetwork } from "./network";

/** Run a network on numbers. */
function run(numbers: readonly number[], levels: ReturnType<typeof sortingNetwork>): number[] {
  const result = [...numbers];
  for (const { low, high } of levels) {
    expect(new Set([...low, ...high]).size).toBe(2 * low.length);
    low.forEach((a, i) => {
      const b = high[i]!;
      [result[a], result[b]] = [Math.min(result[a]!, result[b]!), Math.max(result[a]!, result[b]!)];
    });
  }
  return result;
}

/** By the 0–1 principle, a network that sorts all zeros and ones sorts everything. */
const zerosAndOnes = (length: number) =>
  Array.from({ length: 2 ** length }, (_, word) => Array.from({ length }, (_, i) => (word >> i) & 1));

describe("a sorting network", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])("of %d elements sorts all zeros and ones", (length) => {
    const levels = sortingNetwork(length);
    for (const numbers of zerosAndOnes(length))
      expect(run(numbers, levels)).toEqual([...numbers].sort((a, b) => a - b));
  });

  test.each([2, 3, 5, 8, 9])("of %d elements gives any wanted places", (length) => {
    for (let start = 0; start < length; start++) {
      for (let end = start + 1; end <= length; end++) {
        const wanted = Array.from({ length: end - start }, (_, i) => start + i);
        const levels = sortingNetwork(length, wanted);
        for (const numbers of zerosAndOnes(length)) {
          const sorted = [...numbers].sort((a, b) => a - b);
          const found = run(numbers, levels);
          for (const place of wanted) expect(found[place]).toBe(sorted[place]);
        }
      }
    }
  });

  it("of many elements sorts random numbers", () => {
    for (const length of [100, 127, 128, 129, 1000]) {
      const numbers = Array.from({ length }, () => Math.floor(100 * uniform()));
      expect(run(numbers, sortingNetwork(length))).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it("has the levels and exchanges of Batcher's, and few for few places", () => {
    const count = (levels: ReturnType<typeof sortingNetwork>) =>
      levels.reduce((sum, { low }) => sum + low.length, 0);
    const sizes = [2, 4, 8, 16, 1024].map((length) => {
      const levels = sortingNetwork(length);
      return [levels.length, count(levels)];
    });
    // t(t + 1)/2 levels and (t² − t + 4)·2^(t − 2) − 1 exchanges for 2^t elements.
    expect(sizes).toEqual([
      [1, 1],
      [3, 5],
      [6, 19],
      [10, 63],
      [55, 24_063],
    ]);
    const greatest = sortingNetwork(1024, [1023]);
    expect([greatest.length, count(greatest)]).toEqual([10, 1023]);
  });
});
