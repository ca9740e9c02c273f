import { expect, test } from "vitest";
import { watchMasks } from "../../test/support/own-masks";
import { leadingBit } from "./additive/leading-bit";
import { placesOf } from "./leading-bit-places";

test("more places than a word has bits are refused", () => {
  for (const [width, signed] of [
    [63, true],
    [64, false],
    [0, true],
    [1.5, false],
  ] as const)
    expect(() => placesOf({ length: 1, width, signed })).toThrow(RangeError);
});

test.each([
  [62, true, -(1n << 62n), 62],
  [62, true, (1n << 62n) - 1n, 62],
  [62, true, -1n, 0],
  [63, false, (1n << 63n) - 1n, 62],
])("%i bits fill a word, signed: %s, for %i", async (width, signed, x, highest) => {
  const { results, wrong } = await watchMasks(
    async (ctx, { value }, length) => {
      const marks = await leadingBit.run(ctx as never, [value], { length, width, signed });
      return { value: marks, mac: marks };
    },
    { viewer: 0, x, plain: "masked" },
  );
  expect(wrong).toBe(0);
  const sign = results.length - 1;
  expect(results.flatMap((mark, place) => (mark === 1n && place !== sign ? [place] : []))).toEqual([highest]);
  expect(results[sign]).toBe(x < 0n ? 1n : 0n);
});
