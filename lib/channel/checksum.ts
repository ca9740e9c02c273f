import { crc32 as native } from "node:zlib";

/**
 * CRC-32 of bytes, so that damage on the way is noticed before a byte is used. It keeps out noise and mistakes,
 * not an attacker: against that there is CURVE.
 *
 * @param bytes - what to sum
 * @param start - the sum of the bytes before these, to go on from
 */
export const checksum: (bytes: Uint8Array, start?: number) => number =
  // Node 20 has it from 20.15 on.
  typeof native === "function"
    ? // An empty array may have no address, and zlib then begins anew.
      (bytes, start = 0) => (bytes.length === 0 ? start : native(bytes, start))
    : checksumByTable;

let table: Uint32Array | undefined;

/** The same in plain JavaScript, for a Node that has no `zlib.crc32`. */
export function checksumByTable(bytes: Uint8Array, start = 0): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  let sum = ~start;
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]!) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
