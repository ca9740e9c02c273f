import { defineKind } from "./kind";

/** A random bit that only this party knows, and a share of the product of both parties' bits, for truncation. */
export const wrap = defineKind({
  name: "wrap",
  plural: "truncation bits",
  fields: 2,
});
