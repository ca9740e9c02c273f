import type { FloatTensor } from "../../tensor/float-tensor";
import { zip } from "../zip";

/** What the definitions of all comparisons of two operands have in common. */
export const comparing = {
  parameters: { x: "operand", other: "operand" },
  bound: 0,
  examples: [
    [
      [
        [1.5, -2],
        [0, 4096],
      ],
      [[1.5, -3]],
    ],
    [0.5, [0.5, -2, 3]],
    [[-1, 0, 1], 0],
  ],
} as const;

/** 1 where a relation holds between two elements, else 0; with broadcasting. */
export function compare(
  x: FloatTensor,
  other: FloatTensor,
  holds: (a: number, b: number) => boolean,
): FloatTensor {
  return zip(x, other, (a, b) => (holds(a, b) ? 1 : 0));
}
