/** The linear hash of the OT extension with the point itself as its key, so that a game can use a small set of keys. */

/** Products in the field of GCM, which numbers bits from the left. */
export function times(x: bigint, y: bigint): bigint {
  let [z, v] = [0n, y];
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v;
    v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
  }
  return z;
}

export const ONE = 1n << 127n;

export function power(x: bigint, exponent: bigint): bigint {
  let [result, base] = [ONE, x];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = times(result, base);
    base = times(base, base);
  }
  return result;
}

/** The elements of the subfield of 2^bits elements, zero included; bits is a power of two. */
export function subfield(bits: number): readonly bigint[] {
  const order = (1n << BigInt(bits)) - 1n;
  for (let seed = 2n; ; seed++) {
    const generator = power(seed << 120n, ((1n << 128n) - 1n) / order);
    const found = new Set([0n]);
    for (let i = 0n, x = ONE; i < order; i++, x = times(x, generator)) found.add(x);
    if (found.size === 2 ** bits) return [...found];
  }
}

export const toField = (bytes: Uint8Array) => bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);

export const fromField = (x: bigint) =>
  Uint8Array.from({ length: 16 }, (_, i) => Number((x >> BigInt(8 * (15 - i))) & 255n));

/** The polynomial of `LinearHash`: blocks x_1 … x_n become Σ x_i·h^(n + 1 − i). */
export function hashAt(point: bigint, blocks: readonly bigint[]): bigint {
  return blocks.reduce((sum, block) => times(sum ^ block, point), 0n);
}

export class PointHash {
  readonly #point: bigint;

  constructor(key: Uint8Array) {
    this.#point = toField(key);
  }

  hash(bytes: Uint8Array): Uint8Array {
    const blocks = Array.from({ length: bytes.length / 16 }, (_, i) =>
      toField(bytes.subarray(16 * i, 16 * i + 16)),
    );
    return fromField(hashAt(this.#point, blocks));
  }
}
