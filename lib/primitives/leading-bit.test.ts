import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { withPair } from "../../test/support/pair";
import { SharedVariable } from "../autograd/shared-variable";
import "../autograd/input";
import { leadingBit } from "./leading-bit";

const WIDTH = 46;
const NUMBERS = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  3n,
  -3n,
  -4n,
  5n,
  1023n,
  -1024n,
  2n ** 45n,
  2n ** 46n - 1n,
  -(2n ** 46n),
  -(2n ** 45n) - 1n,
];

/** The places of a number, as `placesOf` says. */
function marksOf(x: bigint, signed: boolean): number[] {
  const [magnitude, isNegative] = x < 0n ? [-x, true] : [x, false];
  const marks = new Array<number>(WIDTH + (signed ? 1 : 0)).fill(0);
  const log = (value: bigint) => value.toString(2).length - 1;
  if (signed && isNegative) marks[magnitude === 1n ? 0 : log(magnitude - 1n) + 1] = 1;
  else if (x > 0n) marks[log(magnitude) + (signed ? 1 : 0)] = 1;
  return [...marks, Number(isNegative)];
}

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

describe.each(modesWith(dealer))("the leading bit, $security $preprocessing", (mode) => {
  test.each([true, false])(
    "is marked at every magnitude, numbers below zero included: %s",
    async (signed) => {
      const outcomes = await withPair(async (iface) => {
        const x = await iface.input(1, () => NUMBERS);
        const marks = new SharedVariable(leadingBit(x.tensor, { width: WIDTH, signed }));
        return (await marks.reveal()).toArray();
      }, mode);
      for (const marks of outcomes) expect(marks).toEqual(NUMBERS.map((x) => marksOf(x, signed)));
    },
  );
});
