import { timingSafeEqual } from "node:crypto";
import type { ByteSource } from "../ring";

/** Concatenate all parts into one array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Overwrite secrets. Copies that V8 has made, as it does of arrays of up to 64 bytes, are out of reach. */
export function wipe(...arrays: readonly Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}

/** Whether two arrays are equal, in time that does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Draw `length` bytes from a source. */
export function drawBytes(source: ByteSource, length: number): Uint8Array {
  if (source.draw) return source.draw(length);
  const bytes = new Uint8Array(length);
  source.fill(bytes);
  return bytes;
}

/** Draw bits, one to a byte; no copy of the bytes that they come from is left. */
export function drawBits(source: ByteSource, count: number): Uint8Array {
  const bits = drawBytes(source, count);
  for (let i = 0; i < count; i++) bits[i]! &= 1;
  return bits;
}

export function readWord(bytes: Uint8Array, at = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at, true);
}

export function wordBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
