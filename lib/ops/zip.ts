import { FloatTensor } from "../tensor/float-tensor";
import { broadcastShapes } from "../tensor/shape";

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
