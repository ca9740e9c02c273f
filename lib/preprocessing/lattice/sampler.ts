import { drawBytes } from "../../crypto/bytes";
import type { ByteSource } from "../../ring";
import type { Modulus } from "./modulus";
import { PARAMETERS } from "./parameters";
import type { LatticeKernels } from "./wasm/kernels";

const { degree, residueBits } = PARAMETERS;
const MASK = 2 ** residueBits - 1;
/** Bytes that `ternary` takes at first: a quarter of the pairs of bits is rejected, and few more than these are needed. */
const TERNARY_BYTES = 2816;
/** Bytes for an error. */
const ERROR_BYTES = 6;

/**
 * Draws polynomials from streams of random bytes. Which candidates are rejected depends on their bytes alone and tells nothing
 * about those that are accepted; nothing else here takes time that depends on a secret.
 */
export class Sampler {
  readonly #kernels: LatticeKernels;
  readonly #bytes: number;

  constructor(kernels: LatticeKernels) {
    this.#kernels = kernels;
    this.#bytes = kernels.allocate(degree * ERROR_BYTES);
  }

  /** Uniform residues mod p, by rejection. The same stream gives the same residues to both parties. */
  uniform(stream: ByteSource, { prime }: Modulus, to: number): void {
    const { run } = this.#kernels;
    for (let found = 0; found < degree; ) {
      const missing = degree - found;
      this.#draw(stream, missing * 4);
      found += run.uniform(this.#bytes, missing, MASK, prime, to + found * 4, missing);
    }
  }

  /** Uniform numbers of −1, 0 and 1, a byte each, by rejection. @param to - has room for three more */
  ternary(random: ByteSource, to: number): void {
    const { run } = this.#kernels;
    for (let found = 0; found < degree; ) {
      const length = found === 0 ? TERNARY_BYTES : 64;
      this.#draw(random, length);
      found += run.ternary(this.#bytes, length, to + found, degree - found);
    }
    this.#kernels.clear(this.#bytes, TERNARY_BYTES);
  }

  /** Centred binomial errors, a byte each. */
  errors(random: ByteSource, to: number): void {
    this.#draw(random, degree * ERROR_BYTES);
    this.#kernels.run.binomial(this.#bytes, degree, to);
    this.#kernels.clear(this.#bytes, degree * ERROR_BYTES);
  }

  #draw(source: ByteSource, length: number): void {
    const bytes = drawBytes(source, length);
    this.#kernels.write(this.#bytes, bytes);
    bytes.fill(0);
  }
}
