import { crc32 as native } from "node:zlib";

/**
 * CRC-32 of bytes, to notice damage in transit before any byte is used. It protects against noise and mistakes, not
 * against an attacker; CURVE does that.
 *
 * @param bytes - the bytes to sum
 * @param start - the sum of the preceding bytes, to continue from
 */
export const checksum: (bytes: Uint8Array, start?: number) => number =
  // Available in Node 20 from 20.15 on.
  typeof native === "function"
    ? // For few bytes the call costs more than the sum. And zlib ignores `start` if the array is empty.
      (bytes, start = 0) => (bytes.length <= 128 ? checksumByTable(bytes, start) : native(bytes, start))
    : checksumByTable;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The same checksum in plain JavaScript. */
export function checksumByTable(bytes: Uint8Array, start = 0): number {
  let sum = ~start;
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]!) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
