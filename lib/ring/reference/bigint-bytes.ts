/** Convert lists of bigints to bytes and back: whole elements, little-endian, or only the lowest bit of each. */

/** @param size - bytes of an element */
export function bytesToBigInts(bytes: Uint8Array, size: number): bigint[] {
  return Array.from({ length: bytes.length / size }, (_, i) => {
    let value = 0n;
    for (let j = size - 1; j >= 0; j--) value = (value << 8n) | BigInt(bytes[i * size + j]!);
    return value;
  });
}

/** @param size - bytes of an element */
export function bigIntsToBytes(values: readonly bigint[], size: number): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  values.forEach((value, i) => {
    for (let j = 0, rest = value; j < size; j++, rest >>= 8n) bytes[i * size + j] = Number(rest & 0xffn);
  });
  return bytes;
}

/** Pack the lowest bit of each value, eight to a byte, the first in the lowest place. */
export function packLowBits(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    bytes[i >> 3]! |= Number(value & 1n) << (i & 7);
  });
  return bytes;
}

export function unpackBits(bytes: Uint8Array, length: number): bigint[] {
  return Array.from({ length }, (_, i) => BigInt((bytes[i >> 3]! >> (i & 7)) & 1));
}
