/** Convert doubles to fixed point in WASM memory and back, one chunk at a time. */

import { fixedPointError, requireFracBits, requireRing } from "../check";
import type { RingVector } from "../ring";
import { CHUNK, type Workspace } from "./workspace";

export function fromFloat64(
  w: Workspace,
  values: Float64Array,
  fracBits: number,
  limitBits: number,
): RingVector {
  requireFracBits(fracBits);
  const scale = 2 ** fracBits;
  const limit = 2 ** limitBits;
  const { encodeWide } = w.engine.exports;
  const out = w.create(values.length);
  w.withScratch(CHUNK, (scratch) => {
    const step = CHUNK / 8;
    for (let i = 0; i < values.length; i += step) {
      const n = Math.min(step, values.length - i);
      w.engine.doubles.set(values.subarray(i, i + n), scratch / 8);
      const to = out.address + i * w.bytes;
      const fits =
        limit <= 2 ** 63
          ? w.kernels.encode(to, scratch, n, scale, limit)
          : encodeWide(to, scratch, n, scale, limit, w.log2);
      if (!fits) {
        out.dispose();
        throw fixedPointError(
          values.findIndex((value) => !(Math.abs(value * scale) < limit)),
          limitBits - fracBits,
        );
      }
    }
  });
  return out;
}

export function toFloat64(w: Workspace, x: RingVector, fracBits: number): Float64Array {
  requireFracBits(fracBits);
  requireRing(w.ring, x);
  const result = new Float64Array(x.length);
  w.withScratch(CHUNK, (scratch) => {
    const step = CHUNK / 8;
    const from = w.address(x);
    for (let i = 0; i < result.length; i += step) {
      const n = Math.min(step, result.length - i);
      w.kernels.decode(scratch, from + i * w.bytes, n, 2 ** -fracBits);
      result.set(w.engine.doubles.subarray(scratch / 8, scratch / 8 + n), i);
    }
  });
  return result;
}
