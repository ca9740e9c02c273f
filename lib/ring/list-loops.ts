/** Products and sums over lists of integers: plain loops, with results that are not yet reduced. */

import type { IntegerOps } from "./integer-ops";
import type { MatmulOptions } from "./ring";

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

/** Of a block outer × axis × inner. */
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
