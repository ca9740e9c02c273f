import { defineKind } from "./kind";

/** A uniform value that only party 0 knows. */
export const inputMask0 = defineKind({
  name: "input0",
  plural: "input masks of party 0",
  fields: 1,
  dealing: { drawn: 1, owner: 0 },
});

/** A uniform value that only party 1 knows. */
export const inputMask1 = defineKind({
  name: "input1",
  plural: "input masks of party 1",
  fields: 1,
  dealing: { drawn: 1, owner: 1 },
});
