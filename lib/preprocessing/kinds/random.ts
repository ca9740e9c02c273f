import { defineKind } from "./kind";

/** A uniform value that neither party knows. */
export const random = defineKind({
  name: "random",
  plural: "random values",
  fields: 1,
  dealing: { drawn: 1 },
});
