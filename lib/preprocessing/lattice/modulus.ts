import { invert, modulo, rootOfOrder } from "./numbers";
import { PARAMETERS } from "./parameters";
import type { LatticeKernels } from "./wasm/kernels";

const WORD = 4;

/** A factor mod p and its quotient, as the kernels take constant factors. */
export function withQuotient(factor: bigint, prime: number): [number, number] {
  const p = BigInt(prime);
  const w = modulo(factor, p);
  return [Number(w), Number((w << 32n) / p)];
}

/** Put words of 32 bits in memory; returns the address. */
export function putWords(kernels: LatticeKernels, words: readonly number[]): number {
  return kernels.put(new Uint8Array(Uint32Array.from(words).buffer));
}

/** Put numbers in memory, each cut into `pieces` pieces of 28 bits from the lowest; the pieces of equal weight lie together. */
export function putPieces(kernels: LatticeKernels, numbers: readonly bigint[], pieces: number): number {
  const words = [];
  for (let j = 0; j < pieces; j++)
    for (const number of numbers) words.push(Number((number >> BigInt(28 * j)) & 0xfffffffn));
  return putWords(kernels, words);
}

/** Put words of 64 bits in memory. */
export function putLongs(kernels: LatticeKernels, words: readonly bigint[]): number {
  return kernels.put(new Uint8Array(BigUint64Array.from(words.map((x) => modulo(x, 2n ** 64n))).buffer));
}

/** One prime with its tables in a kernels' memory. */
export class Modulus {
  readonly #kernels: LatticeKernels;
  /** Of the powers of a root of order 2N, and of its inverse. */
  readonly #forward: number;
  readonly #inverse: number;
  readonly #scale: number;
  /** What reductions take. */
  readonly constants: number;
  /** Factors that turn signed words into residues. */
  readonly signed: number;
  /** Factors that turn unsigned words into residues. */
  readonly unsigned: number;
  readonly #factors128: number;

  constructor(
    kernels: LatticeKernels,
    readonly prime: number,
    readonly degree: number = PARAMETERS.degree,
  ) {
    const p = BigInt(prime);
    const n = BigInt(degree);
    const root = rootOfOrder(2n * n, p);
    const back = invert(root, p);
    this.#kernels = kernels;
    const table = (of: bigint) => {
      const at = kernels.allocate(2 * degree * WORD);
      kernels.run.fillTable(Number(of), prime, degree, at);
      return at;
    };
    this.#forward = table(root);
    this.#inverse = table(back);
    // The last layer's root is the power N/2 of the inverse root.
    let last = back;
    for (let e = 1n; e < n / 2n; e *= 2n) last = (last * last) % p;
    const over = invert(n, p);
    this.#scale = putWords(
      kernels,
      [over, over * last].flatMap((x) => withQuotient(x, prime)),
    );
    const one = withQuotient(1n, prime);
    const up = withQuotient(2n ** 32n, prime);
    this.constants = putWords(kernels, [prime, ...up, one[1]]);
    this.signed = putWords(kernels, [...one, ...up, Number(modulo(-(2n ** 64n), p))]);
    this.unsigned = putWords(kernels, [...one, ...up, 0]);
    this.#factors128 = putWords(
      kernels,
      [0n, 32n, 64n, 96n].flatMap((e) => withQuotient(2n ** e, prime)),
    );
  }

  /** Transform N residues in place. */
  forward(x: number): void {
    this.#kernels.run.forward(x, this.degree, this.#forward, this.prime);
  }

  /** Transform a polynomial with the given rows, each the first `width` coefficients of a stretch. */
  forwardSparse(rows: number, x: number, stretch: number, width: number): void {
    this.#kernels.run.forwardSparse(rows, x, this.degree, stretch, width, this.#forward, this.prime);
  }

  /** Undo `forward`. */
  inverse(x: number): void {
    this.#kernels.run.inverse(x, this.degree, this.#inverse, this.prime, this.#scale);
  }

  /** Residues of words of 64 bits. @param factors - Default: those of signed words. */
  residues(words: number, count: number, to: number, factors = this.signed): void {
    this.#kernels.run.residues(words, count, factors, this.prime, to);
  }

  residues128(low: number, high: number, to: number): void {
    this.#kernels.run.residues128(low, high, this.degree, this.#factors128, this.prime, to);
  }
}
