import type { Party } from "../../channel/channel";
import type { Prg } from "../../crypto/prg";
import type { ByteSource } from "../../ring";
import { type LatticeEngine, LIMB_BYTES } from "./engine";
import { PARAMETERS } from "./parameters";
import type { Sampler } from "./sampler";

const { degree, residueBits, liftingPrimes, primes } = PARAMETERS;
/** Bytes of a polynomial mod q in a message. */
export const PACKED_BYTES = (primes.length * degree * residueBits) / 8;
/** Bytes of an answer. */
export const ANSWER_BYTES = degree * 16;
const LIMB_PACKED = PACKED_BYTES / primes.length;

/** Public uniform polynomials, in the transformed domain, from a seed that both parties have. Each is taken once. */
export interface PublicStreams {
  /** The polynomial of the public key. */
  readonly key: Prg;
  /** One polynomial c1 for each plaintext, in order. */
  readonly ciphertexts: Prg;
}

/**
 * The party that holds the secret s: it encrypts its own polynomials under s, and turns answers into its shares of the
 * products.
 *
 * The ciphertext of m is (c0, c1), c1 public and uniform, c0 = −c1·s + round(q·m/t) + e; only c0 is sent, transformed.
 *
 * Security: semi-honest; ring-LWE with ternary secret.
 * Source: the symmetric form of Fan and Vercauteren, ePrint 2012/144, with seeded c1.
 */
export class Holder {
  readonly #engine: LatticeEngine;
  readonly #sampler: Sampler;
  readonly #streams: PublicStreams;
  readonly #random: ByteSource;
  /** s, transformed. */
  readonly #secret: number;
  readonly #small: number;
  readonly #limb: number;
  readonly #public: number;
  readonly #packed: number;
  readonly #lifted: number;

  constructor(
    readonly party: Party,
    engine: LatticeEngine,
    sampler: Sampler,
    streams: PublicStreams,
    random: ByteSource,
  ) {
    const { kernels } = engine;
    this.#engine = engine;
    this.#sampler = sampler;
    this.#streams = streams;
    this.#random = random;
    this.#secret = engine.allocate();
    this.#small = kernels.allocate(degree + 16);
    this.#limb = kernels.allocate(LIMB_BYTES);
    this.#public = kernels.allocate(LIMB_BYTES);
    this.#packed = kernels.allocate(PACKED_BYTES);
    this.#lifted = engine.allocate(liftingPrimes);
    sampler.ternary(random, this.#small);
    engine.each((modulus, offset) => {
      const at = this.#secret + offset;
      kernels.run.addSmall(at, this.#small, degree, modulus.prime, at);
      modulus.forward(at);
    });
  }

  /** The public key −a·s + e, transformed, as bytes. */
  publicKey(): Uint8Array {
    return this.#mask(this.#streams.key, (_, to) => this.#engine.kernels.clear(to, degree * 4));
  }

  /**
   * Encrypt a polynomial under the next c1.
   *
   * @param scaled - writes the residues of round(q·m/t) mod a prime
   * @returns c0 as bytes
   */
  encrypt(scaled: (index: number, to: number) => void): Uint8Array {
    return this.#mask(this.#streams.ciphertexts, scaled);
  }

  /** −c·s + m + e for the next c of a stream. */
  #mask(stream: Prg, message: (index: number, to: number) => void): Uint8Array {
    const { kernels } = this.#engine;
    const limb = this.#limb;
    this.#sampler.errors(this.#random, this.#small);
    this.#engine.each((modulus, offset, index) => {
      message(index, limb);
      kernels.run.addSmall(limb, this.#small, degree, modulus.prime, limb);
      modulus.forward(limb);
      this.#sampler.uniform(stream, modulus, this.#public);
      kernels.run.subtractProduct(limb, this.#public, this.#secret + offset, degree, modulus.constants);
      kernels.run.pack(limb, degree, BigInt(residueBits), this.#packed + index * LIMB_PACKED);
    });
    return kernels.read(this.#packed, PACKED_BYTES);
  }

  /**
   * Multiply an answer d by the secret.
   *
   * @param answer - low words, then high words
   * @param low - address of N words, and `high` of N more, for d·s mod 2^128
   */
  lift(answer: Uint8Array, low: number, high: number): void {
    const { kernels } = this.#engine;
    kernels.write(low, answer.subarray(0, degree * 8));
    kernels.write(high, answer.subarray(degree * 8));
    this.#engine.each((modulus, offset) => {
      const at = this.#lifted + offset;
      modulus.residues128(low, high, at);
      modulus.forward(at);
      kernels.run.multiply(at, this.#secret + offset, degree, modulus.constants, at);
      modulus.inverse(at);
    }, liftingPrimes);
    this.#engine.lift(this.#lifted, low, high);
  }
}
