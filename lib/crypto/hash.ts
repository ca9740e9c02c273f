import { createHash } from "node:crypto";

/**
 * Hash a label and a sequence of byte strings. Each is preceded by its length, so that no two sequences have the same
 * encoding.
 */
export function hashLabelled(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of [new TextEncoder().encode(`spdzlab/${label}`), ...parts]) {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setUint32(0, part.length);
    hash.update(length).update(part);
  }
  const digest = hash.digest();
  const copy = new Uint8Array(digest);
  // A hash may be a seed, of which the caller overwrites its copy.
  digest.fill(0);
  return copy;
}
