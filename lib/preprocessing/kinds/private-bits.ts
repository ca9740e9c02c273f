import { defineKind } from "./kind";
import { ELEMENT } from "./raw";

/** Bits that each party has in an item. */
export const PRIVATE_BITS = 64;

const MACS = PRIVATE_BITS * ELEMENT;

/**
 * 64 random bits that only this party knows, with its shares of their MACs; its shares of the MACs of the other party's
 * 64 bits; and a share of the product of both parties' highest bits. For truncation.
 */
export const privateBits = defineKind({
  name: "bits",
  plural: "masks of private bits",
  fields: 3,
  packed: [
    { value: PRIVATE_BITS / 8, mac: MACS },
    { value: 0, mac: MACS },
    { value: ELEMENT, mac: ELEMENT },
  ],
});
