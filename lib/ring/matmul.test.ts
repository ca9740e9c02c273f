import { describe, expect, test } from "vitest";
import { drawBytes, uniform } from "../../test/support/random";
import { type MatmulOptions, type Ring, type RingVector, ring64, ring128 } from ".";

/** Sizes on both sides of every switch between kernels: thin, blocks, tiles at several levels, odd and uneven. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [1, 784, 128],
  [2, 100, 9],
  [3, 300, 2],
  [200, 77, 1],
  [5, 600, 7],
  [64, 64, 64],
  [33, 47, 51],
  [128, 784, 10],
  [129, 127, 131],
  [100, 33, 300],
  [40, 1000, 40],
  [256, 256, 256],
  [300, 259, 270],
];

const ORIENTATIONS: readonly MatmulOptions[] = [
  {},
  { transposeLeft: true },
  { transposeRight: true },
  { transposeLeft: true, transposeRight: true },
];

const random = { fill: (target: Uint8Array) => target.set(drawBytes(target.length)) };
/** Make every limb, carry and cross term as large as possible. */
const ones = { fill: (target: Uint8Array) => void target.fill(0xff) };

function transpose(ring: Ring, x: RingVector, rows: number, columns: number): RingVector {
  return ring.strided(x, [columns, rows], [1, columns], 0);
}

describe.each([ring64, ring128])("products mod 2^$bits", (ring) => {
  test.each(SIZES)("%d×%d by %d agree with single elements", (m, k, n) => {
    for (const source of [random, ones]) {
      const a = ring.random(m * k, source);
      const b = ring.random(k * n, source);
      const left = ring.toBigInts(a);
      const right = ring.toBigInts(b);
      const product = ring.toBigInts(ring.matmul(a, b, m, k, n));
      const places = [0, m * n - 1, ...Array.from({ length: 30 }, () => Math.floor(uniform() * m * n))];
      for (const place of places) {
        const i = Math.floor(place / n);
        const j = place % n;
        let sum = 0n;
        for (let l = 0; l < k; l++) sum += left[i * k + l]! * right[l * n + j]!;
        expect(product[place]).toBe(BigInt.asUintN(ring.bits, sum));
      }
    }
  });

  // Freivalds: for a random v, A·(B·v) ≠ (A·B)·v finds a wrong product with probability at least 1/2. Eight columns
  // raise that to 1 − 2^−8. Compare every orientation with the one tested above.
  test.each(SIZES)("%d×%d by %d pass Freivalds' test, and agree when transposed", (m, k, n) => {
    const a = ring.random(m * k, random);
    const b = ring.random(k * n, random);
    const v = ring.random(n * 8, random);
    const product = ring.matmul(a, b, m, k, n);
    const inTurn = ring.matmul(a, ring.matmul(b, v, k, n, 8), m, k, 8);
    expect(ring.equals(ring.matmul(product, v, m, n, 8), inTurn)).toBe(true);
    for (const options of ORIENTATIONS) {
      const left = options.transposeLeft ? transpose(ring, a, m, k) : a;
      const right = options.transposeRight ? transpose(ring, b, k, n) : b;
      expect(ring.equals(ring.matmul(left, right, m, k, n, options), product)).toBe(true);
    }
  });
});
