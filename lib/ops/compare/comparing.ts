import { FloatTensor } from "../../tensor/float-tensor";
import { broadcastShapes } from "../../tensor/shape";

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

/** A function of two elements, with broadcasting. */
export function zip(x: FloatTensor, other: FloatTensor, f: (a: number, b: number) => number): FloatTensor {
  const shape = broadcastShapes(x.shape, other.shape);
  const [left, right] = [x, other].map((each) => each.broadcastTo(shape).values) as [
    Float64Array,
    Float64Array,
  ];
  return FloatTensor.from(
    left.map((element, i) => f(element, right[i]!)),
    shape,
  );
}
