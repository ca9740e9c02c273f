import { TransportError } from "../../errors";
import type { ByteSource } from "../../ring";
import { type LatticeEngine, LIMB_BYTES } from "./engine";
import { ANSWER_BYTES, PACKED_BYTES, type PublicStreams } from "./holder";
import type { Modulus } from "./modulus";
import { PARAMETERS } from "./parameters";
import type { Sampler } from "./sampler";

const { degree, residueBits, primes } = PARAMETERS;
const LIMB_PACKED = PACKED_BYTES / primes.length;
/** The most products that are added up before they are reduced. */
const MOST_ADDED = 32;

/**
 * The party that answers: it multiplies the other party's ciphertexts by its own plain polynomials, and masks the sum of the
 * products with a fresh encryption of zero under the other party's public key.
 *
 * It sends only d = Σ X·c1 + a·u + e′, a ring-LWE sample under the fresh ternary u, which does not depend on what the other
 * party sent. Its own share comes from Σ X·c0 + pk0·u.
 *
 * Security: semi-honest; ring-LWE with ternary secret.
 * Source: the products of Baum et al., ePrint 2020/970, with locally rounded shares as in Boyle, Kohl and Scholl, ePrint
 * 2019/129.
 */
export class Responder {
  readonly #engine: LatticeEngine;
  readonly #sampler: Sampler;
  readonly #streams: PublicStreams;
  readonly #random: ByteSource;
  /** pk0 and a, transformed. */
  readonly #key: number;
  readonly #a: number;
  readonly #small: number;
  readonly #limb: number;
  readonly #packed: number;
  readonly #answer: number;

  constructor(engine: LatticeEngine, sampler: Sampler, streams: PublicStreams, random: ByteSource) {
    const { kernels } = engine;
    this.#engine = engine;
    this.#sampler = sampler;
    this.#streams = streams;
    this.#random = random;
    this.#key = engine.allocate();
    this.#a = engine.allocate();
    this.#small = kernels.allocate(degree + 16);
    this.#limb = kernels.allocate(LIMB_BYTES);
    this.#packed = kernels.allocate(PACKED_BYTES);
    this.#answer = kernels.allocate(ANSWER_BYTES);
  }

  /**
   * Take the other party's public key.
   *
   * @throws {TransportError} `malformed`: a residue is not reduced
   */
  takeKey(packed: Uint8Array): void {
    this.#take(packed, this.#streams.key, this.#key, this.#a);
  }

  /**
   * Take the other party's next ciphertext.
   *
   * @param c0 - address of a polynomial, as is `c1`
   * @throws {TransportError} `malformed`: a residue is not reduced
   */
  takeCiphertext(packed: Uint8Array, c0: number, c1: number): void {
    this.#take(packed, this.#streams.ciphertexts, c0, c1);
  }

  #take(packed: Uint8Array, stream: ByteSource, first: number, second: number): void {
    const { kernels } = this.#engine;
    kernels.write(this.#packed, packed);
    this.#engine.each((modulus, offset, index) => {
      const from = this.#packed + index * LIMB_PACKED;
      const reduced = kernels.run.unpack(from, degree, BigInt(residueBits), modulus.prime, first + offset);
      if (!reduced)
        throw new TransportError(
          "malformed",
          "the other party sent a ciphertext with a coefficient that is not reduced. Start a new session on both sides",
        );
      this.#sampler.uniform(stream, modulus, second + offset);
    });
  }

  /**
   * Add products of plain polynomials with ciphertexts, mod one prime.
   *
   * @param x - residues of the plain polynomials, transformed, one after another `LIMB_BYTES` apart
   * @param c0 - residues of the first ciphertext; the next lie `stride` bytes apart, as do those of c1
   * @param y - the sum of products with c0; d that with c1
   */
  addProducts(
    { constants }: Modulus,
    x: number,
    c0: number,
    c1: number,
    stride: number,
    count: number,
    y: number,
    d: number,
  ): void {
    const { run } = this.#engine.kernels;
    for (let done = 0; done < count; done += MOST_ADDED) {
      const some = Math.min(MOST_ADDED, count - done);
      const [from, at] = [x + done * LIMB_BYTES, done * stride];
      run.addProducts(from, LIMB_BYTES, c0 + at, c1 + at, stride, some, degree, constants, y, d);
    }
  }

  /**
   * Mask the sums of products.
   *
   * @param y - sum with c0, transformed; becomes this party's part of the product mod q, as coefficients
   * @param d - sum with c1, transformed; is overwritten
   * @returns the answer for the other party
   */
  answer(y: number, d: number): Uint8Array {
    const { kernels } = this.#engine;
    const { run } = kernels;
    const limb = this.#limb;
    this.#sampler.ternary(this.#random, this.#small);
    this.#engine.each((modulus, offset) => {
      kernels.clear(limb, degree * 4);
      run.addSmall(limb, this.#small, degree, modulus.prime, limb);
      modulus.forward(limb);
      this.addProducts(modulus, limb, this.#key + offset, this.#a + offset, 0, 1, y + offset, d + offset);
    });
    this.#sampler.errors(this.#random, this.#small);
    this.#engine.each((modulus, offset) => {
      modulus.inverse(y + offset);
      modulus.inverse(d + offset);
      run.addSmall(d + offset, this.#small, degree, modulus.prime, d + offset);
    });
    this.#engine.switchDown(d, this.#answer, this.#answer + degree * 8);
    return kernels.read(this.#answer, ANSWER_BYTES);
  }
}
