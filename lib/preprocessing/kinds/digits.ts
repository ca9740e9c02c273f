import { defineKind } from "./kind";

/** Digits of 2 bits in a number of 64 bits. */
export const DIGITS = 32;
/** The values of a digit that an item says; that it is 0 follows from them. */
export const DIGIT_VALUES = 3;
const BITS = 64;

/**
 * A uniform r, and for each digit of 2 bits of r mod 2^64, the lowest first, three bits: whether it is 1, 2, and 3. For
 * comparisons with MACs from a dealer.
 */
export const digits = defineKind({
  name: "digits",
  plural: "comparisons",
  fields: 1 + DIGIT_VALUES * DIGITS,
  dealing: {
    drawn: 1,
    derive([r]) {
      const { ring, length } = r!;
      const bits = ring.decompose(r!, BITS);
      return Array.from({ length: DIGITS }, (_, digit) => {
        const [low, high] = [0, 1].map((i) => {
          const at = (2 * digit + i) * length;
          return ring.slice(bits, at, at + length);
        });
        const both = ring.mul(low!, high!);
        return [ring.sub(low!, both), ring.sub(high!, both), both];
      }).flat();
    },
  },
});
