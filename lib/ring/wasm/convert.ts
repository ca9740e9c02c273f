/** Move integers and bytes into and out of WASM memory. */

import { requireByteCount } from "../check";
import { type Integer, toBigInt } from "../integer";
import type { RingVector } from "../ring";
import type { Workspace } from "./workspace";

export function fromBigInts(w: Workspace, values: readonly Integer[]): RingVector {
  const integers = values.map(toBigInt);
  const out = w.create(integers.length);
  const { words } = w.engine;
  let at = out.address / 8;
  for (const value of integers) {
    words[at++] = value;
    if (w.ring.bits === 128) words[at++] = value >> 64n;
  }
  return out;
}

export function toBigInts(w: Workspace, x: RingVector): bigint[] {
  return read(w, x, w.engine.words);
}

export function toSignedBigInts(w: Workspace, x: RingVector): bigint[] {
  return read(w, x, w.engine.signedWords);
}

function read(w: Workspace, x: RingVector, words: BigUint64Array | BigInt64Array): bigint[] {
  const at = w.address(x) / 8;
  const unsigned = w.engine.words;
  return Array.from({ length: x.length }, (_, i) =>
    w.ring.bits === 64 ? words[at + i]! : (words[at + 2 * i + 1]! << 64n) | unsigned[at + 2 * i]!,
  );
}

export function fromBytes(w: Workspace, bytes: Uint8Array, length: number): RingVector {
  requireByteCount(w.ring, bytes, length);
  const out = w.create(length);
  w.engine.bytes.set(bytes, out.address);
  return out;
}

export function toBytes(w: Workspace, x: RingVector, target?: Uint8Array): Uint8Array {
  const at = w.address(x);
  const end = at + x.length * w.bytes;
  if (!target) return w.engine.bytes.slice(at, end);
  requireByteCount(w.ring, target, x.length);
  target.set(w.engine.bytes.subarray(at, end));
  return target;
}
