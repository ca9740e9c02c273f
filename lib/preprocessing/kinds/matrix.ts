import { defineKind, MOST_PARAMETER } from "./kind";

/** `matrix ID LENGTH`: the uniform mask of one matrix. */
export const matrix = defineKind({
  name: "matrix",
  plural: "matrix masks",
  parameters: [
    { name: "number of a matrix", least: 0, most: MOST_PARAMETER },
    { name: "elements of a matrix", least: 0, most: MOST_PARAMETER },
  ],
  fields: 1,
  width: ([, length]) => length!,
  single: true,
  extent: ([, length]) => ({ elements: [length!] }),
  dealing: { drawn: 1 },
});

/** The key of the mask of a matrix. */
export function matrixKey(id: number, length: number): `matrix ${number} ${number}` {
  return `matrix ${id} ${length}`;
}
