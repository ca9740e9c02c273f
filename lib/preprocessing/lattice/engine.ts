import { Modulus, putLongs, putPieces, putWords, withQuotient } from "./modulus";
import { invert, modulo, product } from "./numbers";
import { PARAMETERS } from "./parameters";
import { LatticeKernels } from "./wasm/kernels";

const { degree, primes, liftingPrimes } = PARAMETERS;

/** Bytes from one residue of a polynomial to the next: a line of the cache more, or all would compete for the same lines. */
export const LIMB_BYTES = degree * 4 + 64;
/** Bytes of a polynomial mod q. */
export const POLYNOMIAL_BYTES = primes.length * LIMB_BYTES;

/**
 * The ring Z_q[X]/(X^N + 1) in one party's memory, in residue form: a polynomial is the address of its residues mod the
 * first prime, followed by those of the others.
 */
export class LatticeEngine {
  readonly kernels = new LatticeKernels();
  /** The primes of q. */
  readonly moduli: readonly Modulus[];
  readonly primes: number;
  /** (q/p)^−1 mod p of each prime p. */
  readonly inverses: number;
  readonly #pairConstants: number;
  readonly #lift: { readonly inverses: number; readonly ratios: number; readonly constants: number };

  constructor() {
    const { kernels } = this;
    this.moduli = primes.map((prime) => new Modulus(kernels, prime));
    this.primes = putWords(kernels, primes);
    this.inverses = putInverses(kernels, primes);
    const switched = primes.map((p) => (2n ** (128n + 56n) / BigInt(p)) % 2n ** (140n + 56n));
    this.#pairConstants = putPieces(kernels, switched, 7);
    const lifting = primes.slice(0, liftingPrimes);
    const whole = product(lifting.map(BigInt));
    const constants = [...lifting.map((p) => whole / BigInt(p)), -whole].map((x) => modulo(x, 2n ** 140n));
    this.#lift = {
      inverses: putInverses(kernels, lifting),
      ratios: putRatios(kernels, lifting),
      constants: putPieces(kernels, constants, 5),
    };
  }

  /** Room for a polynomial mod q, zero. */
  allocate(limbs: number = primes.length): number {
    return this.kernels.allocate(limbs * LIMB_BYTES);
  }

  /** Run `body` for each prime, with the place of its residues in a polynomial. */
  each(body: (modulus: Modulus, offset: number, index: number) => void, count: number = primes.length): void {
    for (let i = 0; i < count; i++) body(this.moduli[i]!, i * LIMB_BYTES, i);
  }

  /** round(x · 2^128 / q) mod 2^128 of each coefficient, as low and high words. */
  switchDown(x: number, low: number, high: number): void {
    this.kernels.run.roundToPair(
      ...([x, LIMB_BYTES, primes.length, degree, this.inverses, this.primes] as const),
      ...([this.#pairConstants, low, high] as const),
    );
  }

  /** x mod 2^128 of each coefficient, of a polynomial modulo the lifting primes whose coefficients are below 2^142. */
  lift(x: number, low: number, high: number): void {
    const { inverses, ratios, constants } = this.#lift;
    this.kernels.run.liftToPair(
      ...([x, LIMB_BYTES, liftingPrimes, degree, inverses, this.primes] as const),
      ...([ratios, constants, low, high] as const),
    );
  }

  /** Overwrite all secrets. */
  destroy(): void {
    this.kernels.destroy();
  }
}

/** (P/p)^−1 mod p of each prime p, P their product. */
export function putInverses(kernels: LatticeKernels, of: readonly number[]): number {
  const whole = product(of.map(BigInt));
  return putWords(
    kernels,
    of.flatMap((p) => withQuotient(invert(whole / BigInt(p), BigInt(p)), p)),
  );
}

/** 2^58/p of each prime p. */
export function putRatios(kernels: LatticeKernels, of: readonly number[]): number {
  return putLongs(
    kernels,
    of.map((p) => 2n ** 58n / BigInt(p)),
  );
}

/** Constants to round x·t/q: t/p of each prime, with four pieces of fraction. */
export function putRounding(kernels: LatticeKernels, t: bigint): number {
  const constants = primes.map((p) => modulo((t << 112n) / BigInt(p), 2n ** 196n));
  return putPieces(kernels, constants, 7);
}
