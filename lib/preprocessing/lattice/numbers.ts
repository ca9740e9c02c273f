/** Number theory for tables of constants. Public numbers only: this takes variable time. */

/** base^exponent mod p. */
export function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let result = 1n;
  let square = base % p;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

/** x mod m, from 0 on. */
export function modulo(x: bigint, m: bigint): bigint {
  return ((x % m) + m) % m;
}

/** 1/x mod a prime. */
export function invert(x: bigint, p: bigint): bigint {
  return power(modulo(x, p), p - 2n, p);
}

/** A number of order 2n mod p, for a power of two n. */
export function rootOfOrder(order: bigint, p: bigint): bigint {
  for (let g = 2n; ; g++) {
    const root = power(g, (p - 1n) / order, p);
    if (power(root, order / 2n, p) === p - 1n) return root;
  }
}

export function product(factors: readonly bigint[]): bigint {
  return factors.reduce((a, b) => a * b, 1n);
}
