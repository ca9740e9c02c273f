import { type LatticeEngine, LIMB_BYTES, putInverses, putRatios, putRounding } from "./engine";
import { Modulus, putLongs, putPieces, putWords, withQuotient } from "./modulus";
import { invert, product } from "./numbers";
import { PARAMETERS } from "./parameters";

const { degree, primes } = PARAMETERS;
const WORD = 8;
const Q = product(primes.map(BigInt));

/**
 * The plaintext ring modulo a product t of three primes of the slots. The transform of a polynomial mod such a prime has N
 * values, the slots: the product of two polynomials multiplies slot by slot.
 *
 * A polynomial mod t is the address of its residues mod the three primes.
 *
 * Source: Smart and Vercauteren, "Fully homomorphic SIMD operations", ePrint 2011/133.
 */
export class SlotPlaintext {
  readonly #engine: LatticeEngine;
  readonly #moduli: readonly Modulus[];
  readonly #t: bigint;
  readonly #primes: number;
  readonly #ratios: number;
  /** To digits of q·m mod t, and of x mod t. */
  readonly #messageInverses: number;
  readonly #operandInverses: number;
  /** From digits to residues modulo each prime of q. */
  readonly #messageFactors: readonly number[];
  readonly #operandFactors: readonly number[];
  readonly #rounding: number;

  constructor(engine: LatticeEngine, slotPrimes: readonly number[]) {
    const { kernels } = engine;
    this.#engine = engine;
    this.#moduli = slotPrimes.map((p) => new Modulus(kernels, p));
    const t = product(slotPrimes.map(BigInt));
    this.#t = t;
    this.#primes = putWords(kernels, slotPrimes);
    this.#ratios = putRatios(kernels, slotPrimes);
    this.#operandInverses = putInverses(kernels, slotPrimes);
    this.#messageInverses = putWords(
      kernels,
      slotPrimes.flatMap((p) => withQuotient(Q * invert(t / BigInt(p), BigInt(p)), p)),
    );
    // With r = Σ v·t/p − k·t the residue of least magnitude of q·m, round(q·m/t) = (q·m − r)/t = k − Σ v/p mod each prime of q.
    this.#messageFactors = primes.map((q) =>
      putWords(
        kernels,
        [...slotPrimes.map((p) => -invert(BigInt(p), BigInt(q))), 1n].flatMap((x) => withQuotient(x, q)),
      ),
    );
    this.#operandFactors = primes.map((q) =>
      putWords(
        kernels,
        [...slotPrimes.map((p) => t / BigInt(p)), -t].flatMap((x) => withQuotient(x, q)),
      ),
    );
    this.#rounding = putRounding(kernels, t);
  }

  /** The polynomial with N signed words in its slots. @param to - room for three residues of a polynomial */
  encode(words: number, to: number): void {
    this.#moduli.forEach((modulus, j) => {
      modulus.residues(words, degree, to + j * LIMB_BYTES);
      modulus.inverse(to + j * LIMB_BYTES);
    });
  }

  /** Replace a polynomial by what `scaled` takes. @param k - room for N words of 32 bits */
  prepareMessage(polynomial: number, k: number): void {
    this.#toDigits(polynomial, this.#messageInverses, k);
  }

  /** The residues mod one prime of round(q·m/t). */
  scaled(polynomial: number, k: number, index: number, to: number): void {
    this.#fromDigits(polynomial, k, this.#messageFactors[index]!, index, to);
  }

  /** Replace a polynomial by what `operand` takes. */
  prepareOperand(polynomial: number, k: number): void {
    this.#toDigits(polynomial, this.#operandInverses, k);
  }

  /** The residues mod one prime of the polynomial with coefficients of least magnitude. */
  operand(polynomial: number, k: number, index: number, to: number): void {
    this.#fromDigits(polynomial, k, this.#operandFactors[index]!, index, to);
  }

  #toDigits(polynomial: number, inverses: number, k: number): void {
    const { run } = this.#engine.kernels;
    const count = this.#moduli.length;
    run.toDigits(polynomial, LIMB_BYTES, count, degree, inverses, this.#primes, this.#ratios, k);
  }

  #fromDigits(polynomial: number, k: number, factors: number, index: number, to: number): void {
    const { run } = this.#engine.kernels;
    run.fromDigits(polynomial, LIMB_BYTES, this.#moduli.length, k, degree, factors, primes[index]!, to);
  }

  /** The slots of the responder's share. @param to - room for the residues mod the three primes */
  roundShare(x: number, words: number, to: number): void {
    const { kernels, inverses } = this.#engine;
    const at = [inverses, this.#engine.primes, this.#rounding] as const;
    kernels.run.roundToWord(x, LIMB_BYTES, primes.length, degree, ...at, words);
    this.#decode(words, to);
  }

  /** The slots of the holder's share. */
  roundLifted(low: number, high: number, to: number): void {
    this.#engine.kernels.run.scaledTop(low, high, degree, this.#t, low);
    this.#decode(low, to);
  }

  #decode(words: number, to: number): void {
    this.#moduli.forEach((modulus, j) => {
      modulus.residues(words, degree, to + j * LIMB_BYTES, modulus.unsigned);
      modulus.forward(to + j * LIMB_BYTES);
    });
  }
}

/**
 * All plaintext rings together: their slots hold integers mod T, the product of all their primes. The share of an integer
 * is the residue of least magnitude, mod 2^64.
 */
export class Slots {
  readonly plaintexts: readonly SlotPlaintext[];
  readonly #engine: LatticeEngine;
  readonly #count: number;
  readonly #primes: number;
  readonly #inverses: number;
  readonly #constants: number;
  readonly #weights: number;

  constructor(engine: LatticeEngine) {
    const { kernels } = engine;
    const all = PARAMETERS.slotPrimes.flat();
    const whole = product(all.map(BigInt));
    this.#engine = engine;
    this.plaintexts = PARAMETERS.slotPrimes.map((three) => new SlotPlaintext(engine, three));
    this.#count = all.length;
    this.#primes = putWords(kernels, all);
    this.#inverses = putInverses(kernels, all);
    const fractions = all.map((p) => 2n ** 112n / BigInt(p));
    this.#constants = putPieces(kernels, fractions, 4);
    this.#weights = putLongs(kernels, [...all.map((p) => whole / BigInt(p)), -whole]);
  }

  /** Bytes for the residues of N slots mod all primes. */
  get bytes(): number {
    return this.#count * LIMB_BYTES;
  }

  /** Where the residues of the slots of one plaintext ring lie in them. */
  offset(plaintext: number): number {
    return plaintext * 3 * LIMB_BYTES;
  }

  /** The words that N slots stand for. */
  words(residues: number, to: number): void {
    const { run } = this.#engine.kernels;
    run.nearestWord(
      ...([residues, LIMB_BYTES, this.#count, degree, this.#inverses, this.#primes] as const),
      ...([this.#constants, this.#weights, to] as const),
    );
  }
}

/** Bytes of a polynomial modulo a plaintext modulus. */
export const SLOT_POLYNOMIAL_BYTES = 3 * LIMB_BYTES;
/** Bytes of the words of N slots. */
export const SLOT_WORDS_BYTES = degree * WORD;
