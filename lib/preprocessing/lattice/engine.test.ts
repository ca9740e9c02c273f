import { describe, expect, test } from "vitest";
import { createLatticeStates, negacyclicProduct } from "../../../test/support/lattice";
import { seedOf } from "../../../test/support/machines";
import { createPrg } from "../../crypto/prg";
import type { ByteSource } from "../../ring";
import { LatticeEngine, LIMB_BYTES, POLYNOMIAL_BYTES } from "./engine";
import { Holder } from "./holder";
import { Modulus } from "./modulus";
import { modulo, power, product, rootOfOrder } from "./numbers";
import { noiseDeviation, PARAMETERS } from "./parameters";
import { Responder } from "./responder";
import { Sampler } from "./sampler";
import type { LatticeState } from "./state";
import { LatticeKernels } from "./wasm/kernels";
import { WordPlaintext } from "./word-plaintext";

const { degree, primes, liftingPrimes } = PARAMETERS;
const random = createPrg(seedOf(77));

const bytesOf = (words: Uint32Array | BigUint64Array) =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const words32 = (kernels: LatticeKernels, at: number, count: number) =>
  new Uint32Array(kernels.read(at, count * 4).buffer);
const words64 = (kernels: LatticeKernels, at: number, count: number) =>
  new BigUint64Array(kernels.read(at, count * 8).buffer);
const drawWords = (count: number) => new BigUint64Array(random.draw!(count * 8).slice().buffer);
const drawResidues = (count: number, p: number) =>
  Uint32Array.from(drawWords(count), (word) => Number(word % BigInt(p)));
const reversed = (i: number, bits: number) => {
  let result = 0;
  for (let k = 0; k < bits; k++) result |= ((i >> k) & 1) << (bits - 1 - k);
  return result;
};

describe.each([8192, 16384])("the transform of %i points", (n) => {
  const kernels = new LatticeKernels();
  // The smallest and the largest prime in use that has the roots.
  const moduli = [1179649, 1376257, 536641537]
    .filter((p) => p % (2 * n) === 1)
    .map((p) => new Modulus(kernels, p, n));

  test("evaluates at the odd powers of the root", () => {
    for (const modulus of moduli) {
      const p = BigInt(modulus.prime);
      const root = rootOfOrder(2n * BigInt(n), p);
      const x = drawResidues(n, modulus.prime);
      x.fill(modulus.prime - 1, 0, 9);
      const at = kernels.put(bytesOf(x));
      modulus.forward(at);
      const got = words32(kernels, at, n);
      for (const i of [0, 1, 2, 3, 4, 7, 8, 100, n / 2, n - 2, n - 1]) {
        const index = 8 * Math.floor(i / 8) + [0, 4, 2, 6, 1, 5, 3, 7][i % 8]!;
        const point = power(root, BigInt(2 * reversed(index, Math.log2(n)) + 1), p);
        let value = 0n;
        for (let j = n - 1; j >= 0; j--) value = (value * point + BigInt(x[j]!)) % p;
        expect(BigInt(got[i]!)).toBe(value);
      }
      modulus.inverse(at);
      expect(words32(kernels, at, n)).toEqual(x);
    }
  });

  test("takes coefficients below 4p", () => {
    for (const modulus of moduli) {
      const x = drawResidues(n, modulus.prime);
      const lazy = x.map((value, i) => value + (i % 4) * modulus.prime);
      const [one, other] = [kernels.put(bytesOf(x)), kernels.put(bytesOf(lazy))];
      modulus.forward(one);
      modulus.forward(other);
      expect(words32(kernels, other, n)).toEqual(words32(kernels, one, n));
    }
  });

  test.each([
    [n, n / 8],
    [n, 4],
    [n / 4, 4],
    [1024, 8],
    [1024, 1024],
    [8, 8],
    [8, 4],
    [n / 2, n / 4],
  ])("of a sparse polynomial, rows in stretches of %i of width %i, is the same", (stretch, width) => {
    for (const modulus of moduli) {
      const rows = drawResidues((n / stretch) * width, modulus.prime);
      const whole = new Uint32Array(n);
      for (let i = 0; i < n / stretch; i++) whole.set(rows.subarray(i * width, (i + 1) * width), i * stretch);
      const [expected, from] = [kernels.put(bytesOf(whole)), kernels.put(bytesOf(rows))];
      const at = kernels.put(bytesOf(drawResidues(n, modulus.prime)));
      modulus.forward(expected);
      modulus.forwardSparse(from, at, stretch, width);
      expect(words32(kernels, at, n)).toEqual(words32(kernels, expected, n));
    }
  });
});

describe("numbers in residue form", () => {
  const engine = new LatticeEngine();
  const { kernels } = engine;
  const q = product(primes.map(BigInt));

  /** Numbers at the edges of their range and random ones in between. */
  function numbers(bound: bigint): bigint[] {
    const edges = [0n, 1n, 2n, bound / 2n, bound / 2n + 1n, bound / 3n, bound - 2n, bound - 1n];
    const wide = Array.from({ length: degree - edges.length }, () =>
      modulo(
        drawWords(4).reduce((sum, word) => (sum << 64n) + word, 0n),
        bound,
      ),
    );
    return [...edges, ...wide];
  }

  function put(values: readonly bigint[], count: number): number {
    const at = engine.allocate(count);
    primes.slice(0, count).forEach((p, i) => {
      kernels.write(
        at + i * LIMB_BYTES,
        bytesOf(Uint32Array.from(values, (x) => Number(modulo(x, BigInt(p))))),
      );
    });
    return at;
  }

  const pair = () => [kernels.allocate(degree * 8), kernels.allocate(degree * 8)] as const;
  const join = ([low, high]: readonly [number, number]) => {
    const highs = words64(kernels, high, degree);
    return [...words64(kernels, low, degree)].map((word, i) => word + (highs[i]! << 64n));
  };
  const rounded = (x: bigint, to: bigint) => (2n * x * to + q) / (2n * q);

  test("are rounded to the nearest word", () => {
    const values = numbers(q);
    // Numbers just beside the middle between two results: at 2^-75 of the distance between results.
    const beside = q >> 139n;
    for (let i = 0; i < 1000; i++) {
      const middle = ((2n ** 55n * BigInt(i) + 1n) * q) / 2n ** 65n;
      values[100 + 2 * i] = middle - beside;
      values[101 + 2 * i] = middle + beside;
    }
    const at = kernels.allocate(degree * 8);
    new WordPlaintext(engine).roundShare(put(values, primes.length), at);
    const got = words64(kernels, at, degree);
    const wrong = values.filter((x, i) => got[i] !== modulo(rounded(x, 2n ** 64n), 2n ** 64n));
    expect(wrong).toEqual([]);
  });

  test("are switched to the answer's modulus, at most one beside the nearest", () => {
    const values = numbers(q);
    const place = pair();
    engine.switchDown(put(values, primes.length), ...place);
    const off = join(place).map((got, i) => modulo(got - rounded(values[i]!, 2n ** 128n) + 1n, 2n ** 128n));
    expect(Math.max(...off.map(Number))).toBeLessThanOrEqual(2);
    expect(off.filter((each) => each !== 1n).length).toBeLessThan(10);
  });

  test("are lifted, with their signs", () => {
    const values = numbers(2n ** 142n).map((x) => x - 2n ** 141n);
    const place = pair();
    engine.lift(put(values, liftingPrimes), ...place);
    expect(join(place)).toEqual(values.map((x) => modulo(x, 2n ** 128n)));
  });

  test("come from words of 64 and of 128 bits", () => {
    const words = drawWords(2 * degree);
    words.set([0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 2n ** 32n - 1n]);
    words.set([0n, 2n ** 64n - 1n, 2n ** 64n - 1n, 2n ** 64n - 1n], degree);
    const [low, high] = [words.subarray(0, degree), words.subarray(degree)];
    const [a, b, to] = [kernels.put(bytesOf(low)), kernels.put(bytesOf(high)), kernels.allocate(LIMB_BYTES)];
    for (const modulus of engine.moduli) {
      const p = BigInt(modulus.prime);
      const residues = (f: (i: number) => bigint) => Uint32Array.from(low, (_, i) => Number(modulo(f(i), p)));
      modulus.residues(a, degree, to);
      expect(words32(kernels, to, degree)).toEqual(residues((i) => BigInt.asIntN(64, low[i]!)));
      modulus.residues(a, degree, to, modulus.unsigned);
      expect(words32(kernels, to, degree)).toEqual(residues((i) => low[i]!));
      modulus.residues128(a, b, to);
      expect(words32(kernels, to, degree)).toEqual(residues((i) => low[i]! + (high[i]! << 64n)));
    }
  });

  test("are scaled up for encryption to the nearest integer", () => {
    const words = drawWords(degree);
    words.set([0n, 1n, 2n ** 63n, 2n ** 64n - 1n]);
    const plaintext = new WordPlaintext(engine);
    const [at, to] = [kernels.put(bytesOf(words)), kernels.allocate(LIMB_BYTES)];
    plaintext.prepare(at);
    primes.forEach((p, index) => {
      plaintext.scaled(at, index, to);
      const nearest = (m: bigint) => (2n * q * m + 2n ** 64n) / 2n ** 65n;
      expect(words32(kernels, to, degree)).toEqual(
        Uint32Array.from(words, (m) => Number(modulo(nearest(m), BigInt(p)))),
      );
    });
  });
});

describe("random polynomials", () => {
  const kernels = new LatticeKernels();
  const sampler = new Sampler(kernels);
  const small = (at: number) => new Int8Array(kernels.read(at, degree).buffer);
  const at = kernels.allocate(degree + 16);
  const many = Array.from({ length: 32 });

  test("have ternary coefficients, each a third of the time", () => {
    const counts = [0, 0, 0];
    for (const _ of many) {
      sampler.ternary(random, at);
      for (const value of small(at)) counts[value + 1]!++;
    }
    const total = many.length * degree;
    for (const count of counts) expect(Math.abs(count / total - 1 / 3)).toBeLessThan(0.005);
  });

  test("have errors of the stated deviation", () => {
    let [sum, squares, most] = [0, 0, 0];
    for (const _ of many) {
      sampler.errors(random, at);
      for (const value of small(at)) {
        sum += value;
        squares += value * value;
        most = Math.max(most, Math.abs(value));
      }
    }
    const total = many.length * degree;
    expect(Math.abs(sum / total)).toBeLessThan(0.05);
    expect(squares / total).toBeCloseTo(PARAMETERS.binomialBits / 2, 0);
    expect(most).toBeLessThanOrEqual(PARAMETERS.binomialBits);
    expect(most).toBeGreaterThan(10);
  });

  test("are uniform below the prime, the same from the same stream", () => {
    // Below half of 2^29, so that every other candidate is rejected.
    const modulus = new Modulus(kernels, 268369921);
    const [one, other] = [0, 0].map(() => kernels.allocate(degree * 4)) as [number, number];
    sampler.uniform(createPrg(seedOf(1)), modulus, one);
    sampler.uniform(createPrg(seedOf(1)), modulus, other);
    const values = words32(kernels, one, degree);
    expect(words32(kernels, other, degree)).toEqual(values);
    expect(Math.max(...values)).toBeLessThan(modulus.prime);
    const mean = values.reduce((sum, value) => sum + value / modulus.prime, 0) / degree;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });
});

/** The holder's and the responder's shares of X·m, for one plain operand. */
function multiplyOnce(
  [holder, responder]: readonly [LatticeState, LatticeState],
  m: BigUint64Array,
  x: BigUint64Array,
  alter: (answer: Uint8Array) => void = () => undefined,
) {
  const marks = [holder, responder].map(({ engine }) => engine.kernels.mark);
  const own = new WordPlaintext(holder.engine);
  const plain = holder.engine.kernels.put(bytesOf(m));
  own.prepare(plain);
  const c0 = holder.holder.encrypt((index, to) => own.scaled(plain, index, to));

  const { engine } = responder;
  const { kernels } = engine;
  const other = new WordPlaintext(engine);
  const [first, second, y, d] = [0, 0, 0, 0].map(() => engine.allocate()) as [number, number, number, number];
  responder.responder.takeCiphertext(c0, first, second);
  const [operand, limb] = [kernels.put(bytesOf(x)), kernels.allocate(LIMB_BYTES)];
  engine.each((modulus, offset) => {
    modulus.residues(operand, degree, limb);
    modulus.forward(limb);
    responder.responder.addProducts(
      ...([modulus, limb, first + offset, second + offset, POLYNOMIAL_BYTES, 1] as const),
      ...([y + offset, d + offset] as const),
    );
  });
  const answer = responder.responder.answer(y, d);
  const share = kernels.allocate(degree * 8);
  other.roundShare(y, share);
  const theirs = words64(kernels, share, degree);

  alter(answer);
  const memory = holder.engine.kernels;
  const [low, high] = [memory.allocate(degree * 8), memory.allocate(degree * 8)];
  holder.holder.lift(answer, low, high);
  own.roundLifted(low, high, low);
  const mine = words64(memory, low, degree);
  [holder, responder].forEach(({ engine }, i) => {
    engine.kernels.release(marks[i]!);
  });
  return { mine, theirs, sum: mine.map((word, i) => word + theirs[i]!), answer, c0 };
}

const wrongIn = (sum: BigUint64Array, expected: BigUint64Array) =>
  sum.reduce((wrong, word, i) => wrong + (word === expected[i] ? 0 : 1), 0);

describe("a product of an encrypted and a plain polynomial", () => {
  test("is shared exactly, in every coefficient", async () => {
    const states = await createLatticeStates();
    const edges = new BigUint64Array(degree).fill(2n ** 63n);
    const ones = new BigUint64Array(degree).fill(2n ** 64n - 1n);
    const pairs = [
      [drawWords(degree), drawWords(degree)],
      [edges, ones],
      [ones, edges],
      [edges, edges],
    ] as const;
    for (const both of [states, [states[1], states[0]] as const])
      for (const [m, x] of pairs) {
        const { sum } = multiplyOnce(both, m, x);
        expect(wrongIn(sum, negacyclicProduct(m, x))).toBe(0);
      }
  });

  test("fails at a short modulus, where it should and no more often than predicted", async () => {
    const states = await createLatticeStates(5);
    const m = drawWords(degree);
    const x = drawWords(degree);
    const expected = negacyclicProduct(m, x);
    const counts = [];
    for (const lost of [46, 50, 54]) {
      // Switch the answer on to 2^(128 − lost): round away so many low bits of each coefficient.
      const short = (answer: Uint8Array) => {
        const view = new BigUint64Array(answer.buffer, answer.byteOffset, 2 * degree);
        for (let i = 0; i < degree; i++) {
          const whole = view[i]! + (view[i + degree]! << 64n);
          const kept = ((whole + (1n << BigInt(lost - 1))) >> BigInt(lost)) << BigInt(lost);
          view[i] = kept;
          view[i + degree] = kept >> 64n;
        }
      };
      const { sum } = multiplyOnce(states, m, x, short);
      const off = sum.map((word, i) => word - expected[i]!);
      // A failure is a step of one, never another error.
      expect(off.every((each) => each === 0n || each === 1n || each === 2n ** 64n - 1n)).toBe(true);
      const wrong = off.filter((each) => each !== 0n).length;
      // The mean of the noise's magnitude, in steps of the share.
      const deviation = noiseDeviation(degree, 64, 128 - lost);
      const rate = Math.sqrt(2 / Math.PI) * deviation * 2 ** (64 - 128 + lost);
      expect(wrong).toBeLessThan(rate * degree + 5 * Math.sqrt(rate * degree) + 1);
      counts.push({ wrong, expected: rate * degree });
    }
    for (const { wrong, expected } of counts)
      if (expected > 50) expect(wrong).toBeGreaterThan(expected - 5 * Math.sqrt(expected));
    expect(counts.at(-1)!.wrong).toBeGreaterThan(50);
  });

  test("has a fresh public polynomial, secret u and error each time", async () => {
    const states = await createLatticeStates(7);
    const m = drawWords(degree);
    const x = drawWords(degree);
    const [one, other] = [multiplyOnce(states, m, x), multiplyOnce(states, m, x)];
    const differing = (a: Uint8Array, b: Uint8Array) =>
      a.filter((byte, i) => byte !== b[i]).length / a.length;
    expect(differing(one.c0, other.c0)).toBeGreaterThan(0.99);
    expect(differing(one.answer, other.answer)).toBeGreaterThan(0.99);
    // Same ciphertext and operand, so a reused u would leave a small difference: two answers differ by a·(u − u′).
    expect(wrongIn(one.mine, other.mine)).toBeGreaterThan(0.99 * degree);
  });
});

describe("a public polynomial or a mask that is used twice", () => {
  const engine = new LatticeEngine();
  const sampler = new Sampler(engine.kernels);
  const words = new WordPlaintext(engine);
  const m = engine.kernels.put(bytesOf(drawWords(degree)));
  words.prepare(m);
  const seed = seedOf(8);
  const honest = { key: createPrg(seed, 0), ciphertexts: createPrg(seed, 1) };
  const repeating = {
    key: honest.key,
    get ciphertexts() {
      return createPrg(seed, 2);
    },
  };

  /** The largest coefficient of the difference of two encryptions of the same polynomial, modulo the first prime. */
  function largestDifference(streams: typeof honest): number {
    const holder = new Holder(0, engine, sampler, streams, random);
    const { kernels, moduli } = engine;
    const [modulus] = moduli as [Modulus];
    const transforms = [0, 1].map(() => {
      const packed = kernels.put(holder.encrypt((index, to) => words.scaled(m, index, to)));
      const at = kernels.allocate(LIMB_BYTES);
      expect(kernels.run.unpack(packed, degree, 29n, modulus.prime, at)).toBe(1);
      return words32(kernels, at, degree);
    }) as [Uint32Array, Uint32Array];
    const difference = transforms[0].map((x, i) => (x - transforms[1][i]! + modulus.prime) % modulus.prime);
    const at = kernels.put(bytesOf(difference));
    modulus.inverse(at);
    const centred = [...words32(kernels, at, degree)].map((x) => Math.min(x, modulus.prime - x));
    return Math.max(...centred);
  }

  test("shows that two ciphertexts have one plaintext; in a session none is used twice", () => {
    expect(largestDifference(repeating)).toBeLessThan(4 * PARAMETERS.binomialBits);
    expect(largestDifference(honest)).toBeGreaterThan(2 ** 27);
  });

  test("shows that two answers have one operand; in a session none is used twice", () => {
    const answers = (source: ByteSource) => {
      const streams = { key: createPrg(seed, 0), ciphertexts: createPrg(seed, 1) };
      const responder = new Responder(engine, sampler, streams, source);
      const other = { ...streams, key: createPrg(seed, 0) };
      responder.takeKey(new Holder(0, engine, sampler, other, random).publicKey());
      return [0, 1].map(() => responder.answer(engine.allocate(), engine.allocate()));
    };
    const again: ByteSource = {
      fill: (target) => createPrg(seed).fill(target),
      draw: (length) => createPrg(seed).draw!(length),
    };
    const alike = (answers: Uint8Array[]) => Buffer.compare(answers[0]!, answers[1]!) === 0;
    expect(alike(answers(again))).toBe(true);
    expect(alike(answers(random))).toBe(false);
  });

  test("cannot come from a set-up after a resync: seeds and secrets are new", async () => {
    const plain = drawWords(degree);
    const encrypted: Uint8Array[] = [];
    for (const start of [101, 103]) {
      const states = await createLatticeStates(19, undefined, start);
      encrypted.push(multiplyOnce(states, plain, plain).c0);
    }
    const same = encrypted[0]!.filter((byte, i) => byte === encrypted[1]![i]).length;
    expect(same).toBeLessThan(encrypted[0]!.length / 100);
  });
});
