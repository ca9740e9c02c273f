import { type Kind, partsOf } from "../../preprocessing/kinds/kinds";

const NAMES: Record<string, string> = {
  triple: "triples",
  square: "squares",
  input0: "input masks of party 0",
  input1: "input masks of party 1",
  random: "random values",
  mask: "truncation masks",
  truncation: "truncation masks",
  wrap: "truncation bits",
  matrix: "matrix masks",
  product: "matrix triples",
};

/** Return the name of a kind of correlated randomness, in the plural, for users. */
export function nameOf(kind: Kind): string {
  return NAMES[partsOf(kind).name]!;
}
