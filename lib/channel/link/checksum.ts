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
    ? // For few bytes the call costs more than the sum; and of none, which may have no address, zlib begins anew.
      (bytes, start = 0) => (bytes.length <= 128 ? checksumByTable(bytes, start) : native(bytes, start))
    : checksumByTable;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The same in plain JavaScript. */
export function checksumByTable(bytes: Uint8Array, start = 0): number {
  let sum = ~start;
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]!) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
