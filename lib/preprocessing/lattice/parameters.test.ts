import { expect, test } from "vitest";
import {
  ERROR_DEVIATION,
  FAILURE_BITS,
  MODULUS_BITS,
  MOST_TERMS,
  noiseDeviation,
  PARAMETERS,
  roundingFailureBits,
  SECURE_MODULUS_BITS,
  wrapFailureBits,
} from "./parameters";

const { degree, primes, liftingPrimes, slotPrimes, residueBits, answerBits } = PARAMETERS;

function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
}

test("the modulus is within the tables for 128 bits of security", () => {
  const { standard, guidelines } = SECURE_MODULUS_BITS[degree]!;
  expect(MODULUS_BITS).toBeLessThanOrEqual(guidelines);
  expect(guidelines).toBeLessThanOrEqual(standard);
  // Both tables are for errors of deviation 3.19 at least.
  expect(ERROR_DEVIATION).toBeGreaterThan(3.19);
});

/**
 * log2 of the cost of the primal attack: find the unique shortest vector by BKZ with blocks of the least size that does,
 * for the best number of samples. The 2016 estimate of success; a sieve costs 2^(0.292β + 16.4), and there are 8d of them.
 */
function primalAttackBits(degree: number, modulusBits: number): number {
  const ratio = Math.log2(ERROR_DEVIATION / Math.sqrt(2 / 3));
  const rootBits = (b: number) =>
    Math.log2(((Math.PI * b) ** (1 / b) * b) / (2 * Math.PI * Math.E)) / (2 * (b - 1));
  let least = Number.POSITIVE_INFINITY;
  for (let samples = Math.ceil(degree * 0.8); samples < degree * 1.2; samples += 64) {
    const d = degree + samples + 1;
    const volume = (samples * modulusBits + degree * ratio) / d;
    let block = 60;
    const found = (b: number) =>
      Math.log2(b) / 2 + Math.log2(ERROR_DEVIATION) <= (2 * b - d - 1) * rootBits(b) + volume;
    while (!found(block)) block++;
    least = Math.min(least, 0.292 * block + 16.4 + Math.log2(8 * d));
  }
  return least;
}

test("the primal attack takes as long as the standard says for its modulus, and longer for ours", () => {
  const { standard } = SECURE_MODULUS_BITS[degree]!;
  expect(Math.abs(primalAttackBits(degree, standard) - 128)).toBeLessThan(1);
  expect(primalAttackBits(degree, MODULUS_BITS)).toBeGreaterThan(138);
});

test("the primes are different, fit their words, and have roots of order 2N", () => {
  const all = [...primes, ...slotPrimes.flat()];
  expect(new Set(all).size).toBe(all.length);
  for (const p of all) {
    expect(isPrime(p)).toBe(true);
    expect(p % (2 * degree)).toBe(1);
  }
  for (const p of primes) expect(p).toBeLessThan(2 ** residueBits);
});

test("the lifting primes hold the answer times the secret", () => {
  const bits = primes.slice(0, liftingPrimes).reduce((sum, p) => sum + Math.log2(p), 0);
  // N ternary terms of the answer's modulus; k is rounded from ratios cut off at 2^-28 each, so an eighth is enough.
  expect(answerBits + Math.log2(degree)).toBeLessThan(bits - 2);
});

test("a modulus of the slots times seven fits a word", () => {
  for (const three of slotPrimes)
    expect(7n * three.reduce((t, p) => t * BigInt(p), 1n)).toBeLessThan(2n ** 64n);
});

test("a coefficient fails within its bound, for words and for slots", () => {
  expect(roundingFailureBits(MOST_TERMS, 64)).toBeLessThan(FAILURE_BITS.coefficient);
  expect(roundingFailureBits(2 * degree, 61.2)).toBeLessThan(FAILURE_BITS.coefficient);
  expect(wrapFailureBits()).toBeLessThan(FAILURE_BITS.slot);
  // The noise of the encryption hardly shows beside the rounding to the answer's modulus.
  expect(noiseDeviation(2 ** 20, 64)).toBeCloseTo(Math.sqrt(degree / 18), 1);
});
