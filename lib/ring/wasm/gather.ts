/** Read elements by index, or add to them by index. */

import { indexError, requireLength, requireRing } from "../check";
import type { RingVector } from "../ring";
import { zeros } from "./create";
import type { WasmVector } from "./wasm-vector";
import { CHUNK, type Workspace } from "./workspace";

export function gather(w: Workspace, x: RingVector, indices: Int32Array): RingVector {
  requireRing(w.ring, x);
  const out = w.create(indices.length);
  withIndices(w, indices, x.length, out, (scratch, n, done) =>
    w.engine.exports.gather(out.address + done * w.bytes, w.address(x), scratch, n, w.log2),
  );
  return out;
}

export function scatterAdd(w: Workspace, x: RingVector, indices: Int32Array, length: number): RingVector {
  requireRing(w.ring, x);
  requireLength(length);
  if (indices.length !== x.length) {
    throw new RangeError(
      `each element must have one index, got ${indices.length} indices for a vector of length ${x.length}`,
    );
  }
  const out = zeros(w, length) as WasmVector;
  withIndices(w, indices, length, out, (scratch, n, done) =>
    w.engine.exports.scatterAdd(out.address, w.address(x) + done * w.bytes, scratch, n, w.log2),
  );
  return out;
}

/** Copy indices into WASM memory one chunk at a time and check each before use. If one fails, free `out`. */
function withIndices(
  w: Workspace,
  indices: Int32Array,
  limit: number,
  out: WasmVector,
  f: (scratch: number, n: number, done: number) => void,
): void {
  w.withScratch(CHUNK, (scratch) => {
    const step = CHUNK / 4;
    for (let i = 0; i < indices.length; i += step) {
      const part = indices.subarray(i, i + step);
      w.engine.indices.set(part, scratch / 4);
      const bad = w.engine.exports.findOutside(scratch, part.length, limit) >>> 0;
      if (bad < part.length) {
        out.dispose();
        throw indexError(part[bad]!, limit);
      }
      f(scratch, part.length, i);
    }
  });
}
