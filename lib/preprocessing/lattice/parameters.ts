/**
 * The parameters of the ring-LWE scheme, with what they promise. A test holds every figure here to its bound.
 *
 * The ring is Z_q[X]/(X^N + 1). Secrets are uniform ternary, errors centred binomial. The answer is sent modulo 2^128
 * (modulus switching), and a share is rounded from there to the plaintext modulus t, which is 2^64 or a product of three of
 * the slots' primes.
 */
export const PARAMETERS = {
  /** Names the set in every message. */
  name: "spdzlab-rlwe-8192-203-v1",
  /** N, the degree. */
  degree: 8192,
  /** The primes whose product is q: all are 1 mod 2N and below 2^29. */
  primes: [536690689, 536641537, 536608769, 536543233, 536494081, 536215553, 536166401],
  /** Bits of a residue in a message. */
  residueBits: 29,
  /** The first of these primes are enough for a product of the answer with the secret: their product is above 2^144. */
  liftingPrimes: 5,
  /** Bits of the answer's modulus q'. */
  answerBits: 128,
  /** Errors are the difference of the ones among so many bits and among as many others: their variance is half of it. */
  binomialBits: 21,
  /**
   * Primes of the slots, all 1 mod 2N, three to each plaintext modulus. Seven times such a modulus stays below 2^64, and
   * their product T is above 2^183, so that the integer a₀·b₁ + b₀·a₁ of signed 64-bit numbers is correct mod T.
   */
  slotPrimes: [
    [786433, 1376257, 2424833],
    [557057, 1769473, 2654209],
    [638977, 1589249, 2572289],
  ],
} as const;

/**
 * The largest log2 q for 128 bits of classical security with ternary secrets, by degree: Homomorphic Encryption Standard 1.1
 * (2018), as in SEAL's hestdparms.h, and the stricter table of Bossuat et al., "Security Guidelines for Implementing
 * Homomorphic Encryption", ePrint 2024/463, from memory.
 */
export const SECURE_MODULUS_BITS: Readonly<
  Record<number, { readonly standard: number; readonly guidelines: number }>
> = {
  8192: { standard: 218, guidelines: 214 },
  16384: { standard: 438, guidelines: 430 },
};

/** What goes wrong with at most these probabilities, as logarithms to base 2. */
export const FAILURE_BITS = {
  /** A coefficient of an answer is rounded to a wrong number: see `roundingFailureBits`. */
  coefficient: -55,
  /** The integer in a slot wraps around T: see `wrapFailureBits`. */
  slot: -56,
} as const;

/** Standard deviation of an error. */
export const ERROR_DEVIATION = Math.sqrt(PARAMETERS.binomialBits / 2);

/** log2 of q. */
export const MODULUS_BITS = PARAMETERS.primes.reduce((sum, p) => sum + Math.log2(p), 0);

/**
 * Bound the probability that the two parties' rounded shares of a coefficient do not add up, as a logarithm.
 *
 * With noise e in units of q', the shares before rounding add up to the plaintext and e·t/q'. Rounding gives the wrong sum
 * only if a number that is uniform lies within that distance of the middle between two integers. The noise is that of the
 * encryption times the plain operand, scaled down by q/q', and the rounding of the answer to q', times the ternary secret;
 * both are sums of many independent terms. Take `sigmas` standard deviations for the largest, and both sides.
 *
 * @param terms - coefficients of the plain operand that add to one coefficient of the product
 * @param plainBits - log2 of the plaintext modulus t
 */
export function roundingFailureBits(terms: number, plainBits: number, sigmas = 6.5): number {
  return 1 + Math.log2(sigmas * noiseDeviation(terms, plainBits)) + plainBits - PARAMETERS.answerBits;
}

/** Standard deviation of the noise in an answer, in units of its modulus q'. */
export function noiseDeviation(
  terms: number,
  plainBits: number,
  answerBits: number = PARAMETERS.answerBits,
): number {
  const { degree } = PARAMETERS;
  const operand = 2 ** (plainBits - 1) / Math.sqrt(3);
  const encryption = operand * Math.hypot(ERROR_DEVIATION, 1 / Math.sqrt(12)) * Math.sqrt(terms);
  // The public key's error times u, and e′ times s: both far smaller.
  const masking = ERROR_DEVIATION * Math.sqrt((4 / 3) * degree);
  const scaled = Math.hypot(encryption, masking) * 2 ** (answerBits - MODULUS_BITS);
  return Math.hypot(scaled, Math.sqrt(degree / 18));
}

/** The most terms for which the bound on a coefficient holds. */
export const MOST_TERMS = 2 ** 26;

/** Bound the probability that a slot's integer, below 2^127 in magnitude, wraps around T, as a logarithm. */
export function wrapFailureBits(): number {
  return 127 - PARAMETERS.slotPrimes.flat().reduce((sum, p) => sum + Math.log2(p), 0);
}
