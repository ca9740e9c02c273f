/** Matrix products; large ones use all threads. */

import { requireMatmul, requireRing } from "../check";
import type { MatmulOptions, RingVector } from "../ring";
import type { Kernel } from "./job";
import type { Workspace } from "./workspace";

/** From this many rows and products on, waking a second thread pays off. */
const LARGE_ROWS = 32;
const LARGE_PRODUCT = 2 ** 21;

/** Each thread computes some rows of the result, with its own scratch memory. */
export function matmul(
  w: Workspace,
  x: RingVector,
  y: RingVector,
  m: number,
  k: number,
  n: number,
  { transposeLeft = false, transposeRight = false }: MatmulOptions = {},
): RingVector {
  requireRing(w.ring, x);
  requireRing(w.ring, y);
  requireMatmul(x, y, m, k, n);
  const out = w.create(m * n);
  const { matmul, matmulScratch } = w.kernels;
  const size = w.bytes;
  const aRow = transposeLeft ? size : k * size;
  const aCol = transposeLeft ? m * size : size;
  const bRow = transposeRight ? size : n * size;
  const bCol = transposeRight ? k * size : size;
  const { team } = w.engine;
  const parts = m >= LARGE_ROWS && m * k * n >= LARGE_PRODUCT && team !== null ? team.size() : 1;
  const rows = Math.ceil(m / parts);
  const scratchEach = Math.ceil(matmulScratch(rows, k, n) / 64) * 64;
  if (scratchEach === 0) {
    // For a single row the work is so short that every extra step matters.
    matmul(out.address, w.address(x), w.address(y), m, k, n, aRow, aCol, bRow, bCol, 0);
    return out;
  }
  w.withScratch(scratchEach * parts, (scratch) => {
    const [c, a, b] = [out.address, w.address(x), w.address(y)];
    if (team === null || parts === 1) {
      matmul(c, a, b, m, k, n, aRow, aCol, bRow, bCol, scratch);
      return;
    }
    const calls: number[][] = [];
    for (let i = 0; i < m; i += rows) {
      const space = scratch + calls.length * scratchEach;
      const count = Math.min(rows, m - i);
      calls.push([c + i * n * size, a + i * aRow, b, count, k, n, aRow, aCol, bRow, bCol, space]);
    }
    team.run(matmul as Kernel, calls);
  });
  return out;
}
