import { type LatticeEngine, LIMB_BYTES, putRounding } from "./engine";
import { putWords, withQuotient } from "./modulus";
import { modulo, product } from "./numbers";
import { PARAMETERS } from "./parameters";

const { degree, primes } = PARAMETERS;
const Q = product(primes.map(BigInt));

/** The plaintext ring modulo t = 2^64: coefficients are words. */
export class WordPlaintext {
  readonly #engine: LatticeEngine;
  readonly #factors: readonly number[];
  readonly #rounding: number;

  constructor(engine: LatticeEngine) {
    this.#engine = engine;
    // round(q·m/2^64) = (q·m − r)/2^64 for the r of least magnitude that is q·m mod 2^64: so it is −r/2^64 mod p.
    this.#factors = primes.map((p) => {
      const [low, high] = [-64n, -32n].map((e) => -power2(e, p)) as [bigint, bigint];
      return putWords(engine.kernels, [...withQuotient(low, p), ...withQuotient(high, p), 1]);
    });
    this.#rounding = putRounding(engine.kernels, 2n ** 64n);
  }

  /** Replace N words m by those from which `scaled` computes. */
  prepare(words: number): void {
    this.#engine.kernels.run.scaleWords(words, degree, modulo(Q, 2n ** 64n));
  }

  /** The residues mod one prime of round(q·m/2^64), from prepared words. */
  scaled(words: number, index: number, to: number): void {
    this.#engine.moduli[index]!.residues(words, degree, to, this.#factors[index]);
  }

  /** The responder's share, from its part of the product mod q. */
  roundShare(x: number, to: number): void {
    const { kernels, inverses } = this.#engine;
    kernels.run.roundToWord(
      x,
      LIMB_BYTES,
      primes.length,
      degree,
      inverses,
      this.#engine.primes,
      this.#rounding,
      to,
    );
  }

  /** The holder's share, from the answer times its secret. */
  roundLifted(low: number, high: number, to: number): void {
    this.#engine.kernels.run.topWord(low, high, degree, to);
  }
}

/** 2^e mod p, for a negative e too. */
function power2(e: bigint, prime: number): bigint {
  const p = BigInt(prime);
  // 2^(p − 1) is 1, so a multiple of p − 1 may be added to e.
  let result = 1n;
  let square = 2n;
  for (let left = e + p - 1n; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}
