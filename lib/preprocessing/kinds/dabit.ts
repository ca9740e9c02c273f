import { defineKind } from "./kind";

/**
 * A uniform bit that neither party knows, as a share mod 2^128 with its MAC, and as a share in F_2 with its MAC and the key
 * of the other party's.
 */
export const daBit = defineKind({ name: "dabit", plural: "bits in two forms", fields: 2 });
