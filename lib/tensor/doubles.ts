/** Loops over Float64Array that mirror the ring's operations. */

import { walk } from "../ring";
import type { Mover } from "./layout";
import type { MatmulPlan } from "./matmul";
import type { Adder } from "./reduction";
import { broadcastStrides, type Shape, sameShape, sizeOf } from "./shape";

/** Take the elements at those positions; use `fill` where a position is past the end. */
export function pick(values: Float64Array, positions: Int32Array, fill = 0): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i++) picked[i] = values[positions[i]!] ?? fill;
  return picked;
}

/** Moves doubles and adds them up as a ring does with its elements. */
export const doubles: Mover<Float64Array> & Adder<Float64Array> = {
  sumAxis(x, outer, axis, inner) {
    const sums = new Float64Array(outer * inner);
    for (let i = 0, from = 0; i < outer; i++)
      for (let l = 0; l < axis; l++)
        for (let j = i * inner, end = j + inner; j < end; j++) sums[j]! += x[from++]!;
    return sums;
  },
  cumulateAxis(x, _outer, axis, inner) {
    const sums = x.slice();
    const block = axis * inner;
    for (let i = inner; i < sums.length; i++) if (i % block >= inner) sums[i]! += sums[i - inner]!;
    return sums;
  },
  strided(x, shape, strides, offset) {
    const result = new Float64Array(sizeOf(shape));
    let to = 0;
    eachRun(shape, strides, offset, (from, count, step) => {
      if (step === 1) {
        result.set(x.subarray(from, from + count), to);
        to += count;
      } else {
        for (let i = 0; i < count; i++, from += step) result[to++] = x[from]!;
      }
    });
    return result;
  },
  stridedAdd(x, shape, strides, offset, length) {
    const result = new Float64Array(length);
    let from = 0;
    eachRun(shape, strides, offset, (to, count, step) => {
      for (let i = 0; i < count; i++, to += step) result[to]! += x[from++]!;
    });
    return result;
  },
  gather: (x, indices) => pick(x, indices),
  scatterAdd(x, indices, length) {
    const result = new Float64Array(length);
    for (let i = 0; i < indices.length; i++) result[indices[i]!]! += x[i]!;
    return result;
  },
};

/** Visit a strided walk run by run: the places of its last axis, from `first`, `step` apart. */
function eachRun(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (first: number, count: number, step: number) => void,
): void {
  if (sizeOf(shape) === 0) return;
  const { outer, inner, step } = walk(shape, strides);
  const place = new Array<number>(outer.length).fill(0);
  const runs = outer.reduce((product, [extent]) => product * extent, 1);
  for (let run = 0, first = offset; run < runs; run++) {
    visit(first, inner, step);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const [extent, stride] = outer[axis]!;
      first += stride;
      if (++place[axis]! < extent) break;
      place[axis] = 0;
      first -= stride * extent;
    }
  }
}

/** Broadcast the values of a tensor of shape `from` to shape `to`; return the same array if the shapes are equal. */
export function spreadDoubles(values: Float64Array, from: Shape, to: Shape): Float64Array {
  return sameShape(from, to) ? values : doubles.strided(values, to, broadcastStrides(from, to), 0);
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

/** Cut each array into rows, and join them row by row. */
export function joinDoubles(parts: readonly Float64Array[], rows: number): Float64Array {
  const joined = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  const width = joined.length / rows;
  let column = 0;
  for (const part of parts) {
    const count = part.length / rows;
    for (let row = 0; row < rows; row++)
      joined.set(part.subarray(row * count, (row + 1) * count), row * width + column);
    column += count;
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

/** For each element of a reduction, find the position of the largest along the axis: a NaN, or the first of equals. */
export function largestAlong(values: Float64Array, axis: number, inner: number): Float64Array {
  const places = new Float64Array(values.length / axis);
  for (let i = 0; i < places.length; i++) {
    const first = Math.floor(i / inner) * axis * inner + (i % inner);
    let best = values[first]!;
    for (let l = 1; l < axis && !Number.isNaN(best); l++) {
      const value = values[first + l * inner]!;
      if (!(value > best || Number.isNaN(value))) continue;
      best = value;
      places[i] = l;
    }
  }
  return places;
}
