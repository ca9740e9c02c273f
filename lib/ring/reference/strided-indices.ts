/** List every place that a strided walk visits, in order. */
export function stridedIndices(
  size: number,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Int32Array {
  return Int32Array.from({ length: size }, (_, place) => {
    let index = offset;
    for (let axis = shape.length - 1, rest = place; axis >= 0; axis--) {
      index += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return index;
  });
}
