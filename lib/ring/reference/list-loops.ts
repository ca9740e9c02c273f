/** The ring's operations as plain loops over lists of integers. The caller reduces the results. */

import { indexError } from "../check";
import type { MatmulOptions, Relation } from "../ring";
import type { IntegerOps } from "./integer-ops";

export function multiplyMatrices<E>(
  { fromBigInt, add, mul }: IntegerOps<E>,
  a: readonly E[],
  b: readonly E[],
  m: number,
  k: number,
  n: number,
  { transposeLeft = false, transposeRight = false }: MatmulOptions = {},
): E[] {
  const result: E[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = fromBigInt(0n);
      for (let l = 0; l < k; l++) {
        const left = a[transposeLeft ? l * m + i : i * k + l]!;
        const right = b[transposeRight ? j * k + l : l * n + j]!;
        total = add(total, mul(left, right));
      }
      result.push(total);
    }
  }
  return result;
}

/** Sum an outer × axis × inner block over its middle axis. */
export function addOverAxis<E>(
  { fromBigInt, add }: IntegerOps<E>,
  values: readonly E[],
  outer: number,
  axis: number,
  inner: number,
): E[] {
  const result = new Array<E>(outer * inner).fill(fromBigInt(0n));
  for (let i = 0; i < outer; i++)
    for (let l = 0; l < axis; l++)
      for (let j = 0; j < inner; j++)
        result[i * inner + j] = add(result[i * inner + j]!, values[(i * axis + l) * inner + j]!);
  return result;
}

export function cumulateOverAxis<E>(
  { add }: IntegerOps<E>,
  values: readonly E[],
  axis: number,
  inner: number,
): E[] {
  const result = [...values];
  for (let i = inner; i < result.length; i++)
    if (Math.floor(i / inner) % axis > 0) result[i] = add(result[i - inner]!, result[i]!);
  return result;
}

/** Return a function that compares a number with `b`. */
export function comparison<E>({ less, equal }: IntegerOps<E>, relation: Relation, b: E): (a: E) => boolean {
  const holds: Record<Relation, (a: E) => boolean> = {
    "==": (a) => equal(a, b),
    "!=": (a) => !equal(a, b),
    "<": (a) => less(a, b),
    "<=": (a) => !less(b, a),
    ">": (a) => less(b, a),
    ">=": (a) => !less(a, b),
  };
  return holds[relation];
}

/** @throws {RangeError} an index is out of range */
export function pick<E>(values: readonly E[], indices: Int32Array): E[] {
  return Array.from(indices, (index) => {
    const value = values[index];
    if (value === undefined) throw indexError(index, values.length);
    return value;
  });
}

/** Start from zeros and add each value at its index. */
export function addAtIndices<E>(
  { fromBigInt, add }: IntegerOps<E>,
  values: readonly E[],
  indices: Int32Array,
  length: number,
): E[] {
  if (indices.length !== values.length) {
    throw new RangeError(
      `each element must have one index, got ${indices.length} indices for a vector of length ${values.length}`,
    );
  }
  const result = new Array<E>(length).fill(fromBigInt(0n));
  indices.forEach((index, i) => {
    if (index < 0 || index >= length) throw indexError(index, length);
    result[index] = add(result[index]!, values[i]!);
  });
  return result;
}
