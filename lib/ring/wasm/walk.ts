/** A strided walk, reduced to as few axes as possible. */
export interface Walk {
  /** Extent and stride of the axes but the last, in elements. */
  readonly outer: readonly (readonly [number, number])[];
  readonly inner: number;
  readonly step: number;
}

/** Drop axes of size 1, and join two axes if one step of the outer equals the full extent of the inner. */
export function walk(shape: readonly number[], strides: readonly number[]): Walk {
  const axes: [number, number][] = [];
  shape.forEach((extent, i) => {
    if (extent === 1) return;
    const stride = strides[i]!;
    const last = axes.at(-1);
    if (last !== undefined && last[1] === extent * stride) {
      last[0] *= extent;
      last[1] = stride;
    } else {
      axes.push([extent, stride]);
    }
  });
  const [inner, step] = axes.pop() ?? [1, 1];
  return { outer: axes, inner, step };
}

/** Whether a walk surely visits no place twice: each stride is longer than all shorter ones together reach. */
export function visitsOnce(shape: readonly number[], strides: readonly number[]): boolean {
  const axes = shape
    .map((extent, i) => ({ extent, stride: Math.abs(strides[i]!) }))
    .filter(({ extent }) => extent > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { extent, stride } of axes) {
    if (stride <= reach) return false;
    reach += (extent - 1) * stride;
  }
  return true;
}
