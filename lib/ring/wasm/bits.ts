/** Convert vectors to bit planes and to packed bits, and back. */

import { requireBit, requireBitBytes, requireRing, requireRows } from "../check";
import type { RingVector } from "../ring";
import { zeros } from "./create";
import type { WasmVector } from "./wasm-vector";
import type { Workspace } from "./workspace";

export function decompose(w: Workspace, x: RingVector, count: number): RingVector {
  requireRing(w.ring, x);
  requireBit(w.ring, count, w.ring.bits);
  // A plane of odd length writes one element too many: into the next plane, which is written later, or into the spare.
  const out = w.create(x.length * count, w.bytes);
  const { address } = out;
  for (let j = 0; j < count; j++) w.kernels.bit(address + j * x.length * w.bytes, w.address(x), x.length, j);
  return out;
}

export function compose(w: Workspace, x: RingVector, count: number): RingVector {
  requireRing(w.ring, x);
  requireBit(w.ring, count, w.ring.bits);
  requireRows(x, count);
  const length = count === 0 ? 0 : x.length / count;
  const out = zeros(w, length) as WasmVector;
  for (let j = 0; j < count; j++)
    w.kernels.shiftAdd(out.address, w.address(x) + j * length * w.bytes, length, j);
  return out;
}

export function toBits(w: Workspace, x: RingVector): Uint8Array {
  requireRing(w.ring, x);
  const size = Math.ceil(x.length / 8);
  return w.withScratch(size, (scratch) => {
    w.kernels.toBits(scratch, w.address(x), x.length);
    return w.engine.bytes.slice(scratch, scratch + size);
  });
}

export function fromBits(w: Workspace, bytes: Uint8Array, length: number): RingVector {
  requireBitBytes(bytes, length);
  const out = w.create(length);
  w.withScratch(bytes.length, (scratch) => {
    w.engine.bytes.set(bytes, scratch);
    w.kernels.fromBits(out.address, scratch, length);
  });
  return out;
}
