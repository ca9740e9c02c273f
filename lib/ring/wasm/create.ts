/** Create vectors of zeros, of one value, and of random elements. */

import type { Integer } from "../integer";
import type { ByteSource, RingVector } from "../ring";
import { each } from "./each";
import { CHUNK, split, type Workspace } from "./workspace";

export function zeros(w: Workspace, length: number): RingVector {
  const out = w.create(length);
  each(w, w.kernels.fill, [out.address], length, 0n, 0n);
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
  const total = length * w.bytes;
  for (let done = 0; done < total; done += 4 * CHUNK) {
    const part = draw(source, Math.min(4 * CHUNK, total - done));
    w.engine.bytes.set(part, out.address + done);
    part.fill(0);
  }
  return out;
}

/** Draw into ordinary memory: some sources cannot write to shared memory, and none should see the rest of ours. */
function draw(source: ByteSource, size: number): Uint8Array {
  if (source.draw) return source.draw(size);
  const bytes = new Uint8Array(size);
  source.fill(bytes);
  return bytes;
}
