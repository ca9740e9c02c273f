/** Loops over Float64Array that mirror the ring's operations. */

import type { Reduction } from "./layout";
import type { MatmulPlan } from "./matmul";
import { broadcastIndices, type Shape, sameShape, sizeOf } from "./shape";

/** Take the elements at those positions; use `fill` where a position is past the end. */
export function pick(values: Float64Array, positions: Int32Array, fill = 0): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i++) picked[i] = values[positions[i]!] ?? fill;
  return picked;
}

/** Broadcast the values of a tensor of shape `from` to shape `to`; return the same array if the shapes are equal. */
export function spreadDoubles(values: Float64Array, from: Shape, to: Shape): Float64Array {
  return sameShape(from, to) ? values : pick(values, broadcastIndices(from, to));
}

/** Combine the elements of both arrays with a function, one by one. */
export function zipDoubles(
  x: Float64Array,
  y: Float64Array,
  f: (a: number, b: number) => number,
): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = f(x[i]!, y[i]!);
  return result;
}

/** Concatenate all values. */
export function joinDoubles(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Compute the matrix products of a plan, one after another. */
export function multiplyDoubles(x: Float64Array, y: Float64Array, plan: MatmulPlan): Float64Array {
  const { shape, m, k, n, left, right } = plan;
  const product = new Float64Array(sizeOf(shape));
  for (let batch = 0; batch < left.length; batch++) {
    const [a, b, c] = [left[batch]! * m * k, right[batch]! * k * n, batch * m * n];
    for (let i = 0; i < m; i++) {
      for (let l = 0; l < k; l++) {
        const factor = x[a + i * k + l]!;
        for (let j = 0; j < n; j++) product[c + i * n + j]! += factor * y[b + l * n + j]!;
      }
    }
  }
  return product;
}

/** Compute the sums of a reduction. */
export function sumDoubles(values: Float64Array, { shape, indices }: Reduction): Float64Array {
  const sums = new Float64Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) sums[indices[i]!]! += values[i]!;
  return sums;
}

/** For each element of a reduction, find the position of the largest along the axis: a NaN, or the first of equals. */
export function largestAlong(values: Float64Array, { shape, indices }: Reduction): Float64Array {
  const places = new Float64Array(sizeOf(shape));
  const best = new Float64Array(places.length);
  const seen = new Int32Array(places.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const to = indices[i]!;
    const place = seen[to]!++;
    if (place === 0 || value > best[to]! || (Number.isNaN(value) && !Number.isNaN(best[to]))) {
      best[to] = value;
      places[to] = place;
    }
  }
  return places;
}
