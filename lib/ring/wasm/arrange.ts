/** Take parts of vectors, and reorder their elements. */

import { requireLength, requireRing, requireRows, requireSlice, requireStrided } from "../check";
import type { RingVector } from "../ring";
import { zeros } from "./create";
import { visitsOnce, walk } from "./walk";
import type { WasmVector } from "./wasm-vector";
import type { Workspace } from "./workspace";

/** Rows of so many bytes are copied one by one; shorter ones in one call. */
const LONG_ROW = 1024;

export function slice(w: Workspace, x: RingVector, start: number, end: number): RingVector {
  requireRing(w.ring, x);
  requireSlice(x, start, end);
  const out = w.create(end - start);
  const from = w.address(x);
  w.engine.bytes.copyWithin(out.address, from + start * w.bytes, from + end * w.bytes);
  return out;
}

export function concat(w: Workspace, vectors: readonly RingVector[], rows: number): RingVector {
  for (const x of vectors) {
    requireRing(w.ring, x);
    requireRows(x, rows);
  }
  const out = w.create(vectors.reduce((total, x) => total + x.length, 0));
  if (out.length === 0) return out;
  const width = out.length / rows;
  const { stridedStore } = w.engine.exports;
  let at = out.address;
  for (const x of vectors) {
    const part = x.length / rows;
    const bytes = part * w.bytes;
    if (bytes >= LONG_ROW) {
      const from = w.address(x);
      for (let row = 0; row < rows; row++) {
        const start = from + row * bytes;
        w.engine.bytes.copyWithin(at + row * width * w.bytes, start, start + bytes);
      }
      at += bytes;
      continue;
    }
    walkStrides(w, x.length, [rows, part], [width, 1], (axes, rank, n, inner, step) =>
      stridedStore(at, w.address(x), axes, rank, n, inner, step, w.log2),
    );
    at += bytes;
  }
  return out;
}

export function strided(
  w: Workspace,
  x: RingVector,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): RingVector {
  requireRing(w.ring, x);
  const size = requireStrided(shape, strides, offset, x.length);
  const out = w.create(size);
  const { strided } = w.engine.exports;
  walkStrides(w, size, shape, strides, (axes, rank, rows, inner, step) =>
    strided(out.address, w.address(x) + offset * w.bytes, axes, rank, rows, inner, step, w.log2),
  );
  return out;
}

export function stridedAdd(
  w: Workspace,
  x: RingVector,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  length: number,
): RingVector {
  requireRing(w.ring, x);
  requireLength(length);
  const size = requireStrided(shape, strides, offset, length);
  if (x.length !== size)
    throw new RangeError(`a vector of length ${x.length} does not fill a shape of [${shape}]`);
  const out = zeros(w, length) as WasmVector;
  const { stridedStore, stridedAdd } = w.engine.exports;
  const write = visitsOnce(shape, strides) ? stridedStore : stridedAdd;
  walkStrides(w, size, shape, strides, (axes, rank, rows, inner, step) =>
    write(out.address + offset * w.bytes, w.address(x), axes, rank, rows, inner, step, w.log2),
  );
  return out;
}

function walkStrides(
  w: Workspace,
  size: number,
  shape: readonly number[],
  strides: readonly number[],
  f: (axes: number, rank: number, rows: number, inner: number, step: number) => void,
): void {
  if (size === 0) return;
  const { outer, inner, step } = walk(shape, strides);
  w.withScratch(12 * outer.length, (axes) => {
    outer.forEach(([extent, stride], i) => {
      w.engine.indices[axes / 4 + i] = extent;
      w.engine.indices[axes / 4 + outer.length + i] = stride * w.bytes;
    });
    f(axes, outer.length, size / inner, inner, step * w.bytes);
  });
}
