import { nest } from "../tensor/input";
import { type Shape, sizeOf } from "../tensor/shape";

/** Numbers for an example, in steps of a quarter around zero, as nested arrays of that shape. */
export function ramp(shape: Shape): unknown {
  const size = sizeOf(shape);
  return nest(
    Float64Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2)) / 4),
    shape,
  );
}
