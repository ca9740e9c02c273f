import { defineKind } from "./kind";

const LOW_WORD = (1n << 64n) - 1n;

/** `truncation BITS`: a uniform r, and with l = r mod 2^64 the words l >> BITS and l >> 63. */
export const truncation = defineKind({
  name: "truncation",
  plural: "truncation masks",
  parameters: [{ name: "bits to cut off", least: 1, most: 62 }],
  fields: 3,
  dealing: {
    drawn: 1,
    derive([r], [bits]) {
      const { ring } = r!;
      const low = ring.bits === 64 ? r! : ring.andScalar(r!, LOW_WORD);
      return [ring.shiftRight(low, bits!), ring.shiftRight(low, 63)];
    },
  },
});
