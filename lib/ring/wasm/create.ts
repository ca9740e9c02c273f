/** Vectors of zeros, of one value, and of random elements. */

import type { Integer } from "../integer";
import type { ByteSource, RingVector } from "../ring";
import { each } from "./each";
import { CHUNK, split, type Workspace } from "./workspace";

export function zeros(w: Workspace, length: number): RingVector {
  const out = w.create(length);
  const { address } = out;
  w.engine.bytes.fill(0, address, address + length * w.bytes);
  return out;
}

export function full(w: Workspace, length: number, value: Integer): RingVector {
  const [lo, hi] = split(value);
  const out = w.create(length);
  each(w, w.kernels.fill, [out.address], length, lo, hi);
  return out;
}

export function random(w: Workspace, length: number, source: ByteSource): RingVector {
  const out = w.create(length);
  // By way of ordinary memory: not every source writes to shared memory, and none should see the rest of ours.
  const total = length * w.bytes;
  const chunk = new Uint8Array(Math.min(total, 4 * CHUNK));
  for (let done = 0; done < total; done += chunk.length) {
    const part = chunk.subarray(0, total - done);
    source.fill(part);
    w.engine.bytes.set(part, out.address + done);
  }
  chunk.fill(0);
  return out;
}
