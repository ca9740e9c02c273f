import JSBI from "jsbi";
import { describe, expect, test } from "vitest";
import { fc } from "../../test/support/random";
import { BigIntRing, JsbiRing, type Relation, type Ring, ring64, ring128 } from ".";

/**
 * One suite for all rings. An operation is a function of a ring and plain values. Every implementation must give the
 * same plain answer, or throw the same error, in at least 1,000 random cases for each of three families of k.
 */

const RUNS = 1000;

interface Family {
  readonly name: string;
  /** Rings of one k that must agree; the first is the one under test. */
  readonly rings: fc.Arbitrary<readonly Ring[]>;
}

const families: readonly Family[] = [
  { name: "Z_2^64", rings: fc.constant([ring64, new BigIntRing(64), new JsbiRing(64)]) },
  { name: "Z_2^128", rings: fc.constant([ring128, new BigIntRing(128), new JsbiRing(128)]) },
  {
    name: "Z_2^k, k from 1 to 256",
    rings: fc.integer({ min: 1, max: 256 }).map((k) => [new BigIntRing(k), new JsbiRing(k)]),
  },
];

function edges(k: number): bigint[] {
  const half = 1n << BigInt(k - 1);
  const low = 1n << BigInt(k >> 1);
  return [0n, 1n, -1n, 2n, half, half - 1n, -half, 2n * half - 1n, 2n * half, low, low - 1n, half - low];
}

/** Draw any integer: edge cases, uniform ones, and ones outside the ring on both sides. */
function element(k: number): fc.Arbitrary<bigint> {
  const most = 1n << BigInt(k);
  return fc.oneof(
    fc.constantFrom(...edges(k)),
    fc.bigInt(-most, most - 1n),
    fc.bigInt(-most * most, most * most),
  );
}

function elements(k: number, length: number): fc.Arbitrary<bigint[]> {
  return fc.array(element(k), { minLength: length, maxLength: length });
}

const lengths = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.integer({ min: 0, max: 17 }));

function vector(k: number): fc.Arbitrary<bigint[]> {
  return lengths.chain((length) => elements(k, length));
}

/** Draw two vectors, usually of equal length, sometimes not. */
function pair(k: number): fc.Arbitrary<[bigint[], bigint[]]> {
  return fc.oneof(
    { weight: 9, arbitrary: lengths.chain((n) => fc.tuple(elements(k, n), elements(k, n))) },
    { weight: 1, arbitrary: fc.tuple(vector(k), vector(k)) },
  );
}

interface Operation<T> {
  readonly input: (k: number) => fc.Arbitrary<T>;
  readonly run: (ring: Ring, input: T) => unknown;
}

function operation<T>(
  input: (k: number) => fc.Arbitrary<T>,
  run: (ring: Ring, input: T) => unknown,
): Operation<unknown> {
  return { input, run: run as Operation<unknown>["run"] };
}

function zip(name: "add" | "sub" | "mul" | "and" | "xor"): Operation<unknown> {
  return operation(pair, (ring, [x, y]) =>
    ring.toBigInts(ring[name](ring.fromBigInts(x), ring.fromBigInts(y))),
  );
}

function withScalar(name: "addScalar" | "mulScalar" | "andScalar" | "xorScalar"): Operation<unknown> {
  return operation(
    (k) => fc.tuple(vector(k), element(k)),
    (ring, [x, value]) => [
      ring.toBigInts(ring[name](ring.fromBigInts(x), value)),
      ring.toBigInts(ring[name](ring.fromBigInts(x), JSBI.BigInt(value.toString()))),
    ],
  );
}

function shift(name: "shiftLeft" | "shiftRight" | "shiftRightSigned"): Operation<unknown> {
  const bits = (k: number) =>
    fc.oneof(fc.integer({ min: 0, max: k + 2 }), fc.constantFrom(0, k - 1, k, 1000, -1, 0.5, Number.NaN));
  return operation(
    (k) => fc.tuple(vector(k), bits(k)),
    (ring, [x, by]) => ring.toBigInts(ring[name](ring.fromBigInts(x), by)),
  );
}

/** A counter as byte source: it gives every ring the same bytes. */
function source(seed: number): { fill(target: Uint8Array): void } {
  let state = seed;
  return {
    fill(target) {
      for (let i = 0; i < target.length; i++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        target[i] = state >>> 24;
      }
    },
  };
}

const relation = fc.constantFrom<Relation[]>("==", "!=", "<", "<=", ">", ">=", "=" as Relation);

const doubles = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -1.5,
    -2.5,
    2 ** 51 + 0.5,
    -(2 ** 51) - 0.5,
    2 ** 52 + 1,
    2 ** 62,
  ),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ min: -(2 ** 63), max: 2 ** 63, noNaN: true }),
  fc.double(),
  fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((i) => i / 2 ** 17),
);

const matrices = (k: number) =>
  fc
    .tuple(...[0, 1, 2].map(() => fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 9 }))))
    .chain(([m, l, n]) =>
      fc.tuple(
        fc.constant([m!, l!, n!] as const),
        fc.oneof({ weight: 19, arbitrary: elements(k, m! * l!) }, { weight: 1, arbitrary: vector(k) }),
        elements(k, l! * n!),
        fc.record({ transposeLeft: fc.boolean(), transposeRight: fc.boolean() }),
      ),
    );

const strided = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -5, max: 5 })), { maxLength: 4 })
  .map((axes) => [axes.map(([extent]) => extent), axes.map(([, stride]) => stride)] as const);

/** Sizes of three axes, and a vector that usually has so many elements. */
const axes = (k: number) =>
  fc
    .tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 5 })))
    .chain(([outer, axis, inner]) =>
      fc.tuple(
        fc.constant([outer!, axis!, inner!] as const),
        fc.oneof(
          { weight: 9, arbitrary: elements(k, outer! * axis! * inner!) },
          { weight: 1, arbitrary: vector(k) },
        ),
      ),
    );

/** A strided walk and a vector length that usually holds it, and sometimes does not. */
const walks = fc
  .tuple(strided, fc.integer({ min: 0, max: 3 }), fc.integer({ min: -1, max: 2 }))
  .map(([walk, before, spare]) => {
    const reach = walk[0].map((extent, i) => (extent - 1) * walk[1][i]!);
    const low = reach.reduce((sum, r) => sum + Math.min(r, 0), 0);
    const high = reach.reduce((sum, r) => sum + Math.max(r, 0), 0);
    const offset = Math.max(before - low, 0);
    return {
      shape: walk[0],
      strides: walk[1],
      offset,
      length: Math.max(0, offset + Math.max(high, 0) + 1 + spare),
    };
  });

const operations: Record<string, Operation<unknown>> = {
  "bigints in and out": operation(vector, (ring, x) => [
    ring.toBigInts(ring.fromBigInts(x)),
    ring.toSignedBigInts(ring.fromBigInts(x)),
    ring.fromBigInts(x).length,
  ]),
  "JSBI in and out": operation(vector, (ring, x) =>
    ring.toJSBIs(ring.fromBigInts(x.map((value) => JSBI.BigInt(value.toString())))).map(String),
  ),
  full: operation(
    (k) => fc.tuple(fc.oneof(lengths, fc.constantFrom(-1, 1.5)), element(k)),
    (ring, [length, value]) => [ring.toBigInts(ring.full(length, value)), ring.toBigInts(ring.zeros(length))],
  ),
  "bytes out": operation(vector, (ring, x) => ring.toBytes(ring.fromBigInts(x))),
  "bytes into an array": operation(
    (k) => fc.tuple(vector(k), fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 0, 0, 1)),
    (ring, [x, at, beyond]) => {
      const whole = new Uint8Array(at + x.length * ring.bytes + beyond + 2).fill(7);
      ring.toBytes(ring.fromBigInts(x), whole.subarray(at, whole.length - 2));
      return whole;
    },
  ),
  "bytes in": operation(
    () => fc.tuple(fc.uint8Array({ maxLength: 80 }), lengths, fc.boolean()),
    (ring, [bytes, length, fits]) => {
      const exact = fits ? bytes.subarray(0, bytes.length - (bytes.length % ring.bytes)) : bytes;
      return ring.toBigInts(ring.fromBytes(exact, fits ? exact.length / ring.bytes : length));
    },
  ),
  random: operation(
    () => fc.tuple(lengths, fc.nat()),
    (ring, [length, seed]) => ring.toBigInts(ring.random(length, source(seed))),
  ),
  fromFloat64: operation(
    (k) =>
      fc.tuple(
        fc.array(doubles, { maxLength: 5 }),
        fc.integer({ min: -1, max: 40 }),
        fc.integer({ min: 0, max: k }),
      ),
    (ring, [values, fracBits, limitBits]) =>
      ring.toSignedBigInts(ring.fromFloat64(Float64Array.from(values), fracBits, limitBits)),
  ),
  "fromFloat64 within limits": operation(
    (k) =>
      fc.integer({ min: 1, max: k }).chain((limitBits) =>
        fc.tuple(
          fc.array(fc.double({ min: -(2 ** (limitBits - 1)), max: 2 ** (limitBits - 1), noNaN: true }), {
            maxLength: 5,
          }),
          fc.constant(limitBits),
        ),
      ),
    (ring, [values, limitBits]) =>
      ring.toSignedBigInts(ring.fromFloat64(Float64Array.from(values), 0, limitBits)),
  ),
  toFloat64: operation(
    (k) => fc.tuple(vector(k), fc.integer({ min: 0, max: 60 })),
    (ring, [x, fracBits]) => ring.toFloat64(ring.fromBigInts(x), fracBits),
  ),
  "toFloat64 of values near a tie": operation(
    (k) =>
      fc.tuple(
        fc.bigInt(1n << 52n, (1n << 54n) - 1n),
        fc.integer({ min: 0, max: Math.max(k - 55, 0) }),
        fc.bigInt(-2n, 2n),
      ),
    (ring, [value, by, near]) => {
      const sum = (value << BigInt(by)) + near;
      return ring.toFloat64(ring.fromBigInts([sum, -sum]), 3);
    },
  ),
  add: zip("add"),
  sub: zip("sub"),
  mul: zip("mul"),
  and: zip("and"),
  xor: zip("xor"),
  neg: operation(vector, (ring, x) => ring.toBigInts(ring.neg(ring.fromBigInts(x)))),
  mulAdd: operation(
    (k) => pair(k).chain(([x, y]) => fc.tuple(fc.constant(x), fc.constant(y), elements(k, x.length))),
    (ring, [x, y, z]) =>
      ring.toBigInts(ring.mulAdd(ring.fromBigInts(x), ring.fromBigInts(y), ring.fromBigInts(z))),
  ),
  addScalar: withScalar("addScalar"),
  mulScalar: withScalar("mulScalar"),
  andScalar: withScalar("andScalar"),
  xorScalar: withScalar("xorScalar"),
  shiftLeft: shift("shiftLeft"),
  shiftRight: shift("shiftRight"),
  shiftRightSigned: shift("shiftRightSigned"),
  matmul: operation(matrices, (ring, [[m, k, n], x, y, options]) =>
    ring.toBigInts(ring.matmul(ring.fromBigInts(x), ring.fromBigInts(y), m, k, n, options)),
  ),
  sum: operation(vector, (ring, x) => ring.sum(ring.fromBigInts(x))),
  sumAxis: operation(axes, (ring, [[outer, axis, inner], x]) =>
    ring.toBigInts(ring.sumAxis(ring.fromBigInts(x), outer, axis, inner)),
  ),
  cumulateAxis: operation(axes, (ring, [[outer, axis, inner], x]) =>
    ring.toBigInts(ring.cumulateAxis(ring.fromBigInts(x), outer, axis, inner)),
  ),
  compareScalar: operation(
    (k) =>
      fc
        .tuple(vector(k), relation, element(k), fc.boolean())
        .map(([x, r, c, signed]) => [[...x, c, c + 1n], r, c, signed] as const),
    (ring, [x, r, c, signed]) => ring.toBigInts(ring.compareScalar(ring.fromBigInts(x), r, c, signed)),
  ),
  bit: operation(
    (k) =>
      fc.tuple(vector(k), fc.oneof(fc.integer({ min: 0, max: k - 1 }), fc.constantFrom(-1, 0.5, k, k - 1))),
    (ring, [x, index]) => ring.toBigInts(ring.bit(ring.fromBigInts(x), index)),
  ),
  decompose: operation(
    (k) =>
      fc.tuple(vector(k), fc.oneof(fc.integer({ min: 0, max: Math.min(k, 9) }), fc.constantFrom(-1, k + 1))),
    (ring, [x, count]) => ring.toBigInts(ring.decompose(ring.fromBigInts(x), count)),
  ),
  compose: operation(
    (k) =>
      fc.tuple(
        vector(k),
        fc.oneof(fc.integer({ min: 0, max: Math.min(k, 5) }), fc.constantFrom(-1, k, k + 1)),
      ),
    (ring, [x, count]) => ring.toBigInts(ring.compose(ring.fromBigInts(x), count)),
  ),
  "all bits and back": operation(vector, (ring, x) => {
    const values = ring.fromBigInts(x);
    return ring.equals(ring.compose(ring.decompose(values, ring.bits), ring.bits), values);
  }),
  "packed bits": operation(vector, (ring, x) => {
    const bytes = ring.toBits(ring.fromBigInts(x));
    return [bytes, ring.toBigInts(ring.fromBits(bytes, x.length))];
  }),
  fromBits: operation(
    () => fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.integer({ min: -1, max: 24 })),
    (ring, [bytes, length]) => ring.toBigInts(ring.fromBits(bytes, length)),
  ),
  slice: operation(
    (k) => fc.tuple(vector(k), fc.integer({ min: -1, max: 17 }), fc.integer({ min: -1, max: 17 })),
    (ring, [x, start, end]) => ring.toBigInts(ring.slice(ring.fromBigInts(x), start, end)),
  ),
  concat: operation(
    (k) => fc.array(vector(k), { maxLength: 4 }),
    (ring, parts) => ring.toBigInts(ring.concat(parts.map((part) => ring.fromBigInts(part)))),
  ),
  "concat of rows": operation(
    (k) =>
      fc
        .tuple(fc.integer({ min: 0, max: 3 }), fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(9))
        .chain(([rows, widths, miss]) =>
          fc.tuple(
            fc.constant(rows + (miss === 0 ? 1 : 0)),
            fc.tuple(...widths.map((width) => elements(k, rows * width))),
          ),
        ),
    (ring, [rows, parts]) =>
      ring.toBigInts(
        ring.concat(
          parts.map((part) => ring.fromBigInts(part)),
          rows,
        ),
      ),
  ),
  strided: operation(
    (k) => walks.chain((walk) => fc.tuple(fc.constant(walk), elements(k, walk.length))),
    (ring, [{ shape, strides, offset }, x]) =>
      ring.toBigInts(ring.strided(ring.fromBigInts(x), shape, strides, offset)),
  ),
  stridedAdd: operation(
    (k) =>
      walks.chain((walk) =>
        fc.tuple(
          fc.constant(walk),
          elements(
            k,
            walk.shape.reduce((size, extent) => size * extent, 1),
          ),
        ),
      ),
    (ring, [{ shape, strides, offset, length }, x]) =>
      ring.toBigInts(ring.stridedAdd(ring.fromBigInts(x), shape, strides, offset, length)),
  ),
  gather: operation(
    (k) =>
      vector(k).chain((x) =>
        fc.tuple(
          fc.constant(x),
          fc.array(fc.integer({ min: x.length > 0 ? 0 : -1, max: Math.max(x.length - 1, 0) }), {
            maxLength: 20,
          }),
          fc.constantFrom(0, 0, 0, -1, 100),
        ),
      ),
    (ring, [x, indices, wrong]) =>
      ring.toBigInts(
        ring.gather(ring.fromBigInts(x), Int32Array.from(wrong === 0 ? indices : [...indices, wrong])),
      ),
  ),
  scatterAdd: operation(
    (k) =>
      fc
        .tuple(vector(k), fc.integer({ min: 1, max: 9 }))
        .chain(([x, length]) =>
          fc.tuple(
            fc.constant(x),
            fc.array(fc.integer({ min: 0, max: length - 1 }), { minLength: x.length, maxLength: x.length }),
            fc.constantFrom(length, length, length, 1, -1),
          ),
        ),
    (ring, [x, indices, length]) =>
      ring.toBigInts(ring.scatterAdd(ring.fromBigInts(x), Int32Array.from(indices), length)),
  ),
  equals: operation(
    (k) => fc.tuple(pair(k), fc.boolean()),
    (ring, [[x, y], same]) =>
      ring.equals(
        ring.fromBigInts(x),
        ring.fromBigInts(same ? x.map((value) => value - (1n << BigInt(ring.bits))) : y),
      ),
  ),
  "one element different": operation(
    (k) => vector(k).chain((x) => fc.tuple(fc.constant(x), fc.nat(Math.max(x.length - 1, 0)))),
    (ring, [x, i]) =>
      ring.equals(ring.fromBigInts(x), ring.fromBigInts(x.map((value, j) => (i === j ? value ^ 1n : value)))),
  ),
};

/** Return the operation's result, or the error it threw. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : error;
  }
}

for (const { name, rings } of families) {
  describe(name, () => {
    for (const [title, { input, run }] of Object.entries(operations)) {
      test(title, () => {
        fc.assert(
          fc.property(
            rings.chain((of) => fc.tuple(fc.constant(of), input(of[0]!.bits))),
            ([of, value]) => {
              const [mine, ...others] = of.map((ring) => outcome(() => run(ring, value)));
              for (const other of others) expect(mine).toEqual(other);
            },
          ),
          { numRuns: RUNS },
        );
      });
    }
  });
}

describe("rings", () => {
  test("the default engine is WASM", () => {
    expect([ring64.name, ring128.name]).toEqual(["wasm", "wasm"]);
  });

  test("k runs from 1 to 256", () => {
    for (const k of [0, 257, 1.5, Number.NaN]) {
      expect(() => new BigIntRing(k)).toThrow(RangeError);
      expect(() => new JsbiRing(k)).toThrow(RangeError);
    }
  });

  test("rejects a vector of another ring", () => {
    const vectors = [ring64, ring128, new BigIntRing(64), new BigIntRing(128), new JsbiRing(64)].map((ring) =>
      ring.zeros(2),
    );
    for (const x of vectors)
      for (const y of vectors)
        if (x !== y) {
          expect(() => x.ring.add(x, y)).toThrow(TypeError);
          expect(() => x.ring.matmul(x, y, 1, 2, 1)).toThrow(TypeError);
          expect(() => x.ring.toBigInts(y)).toThrow(TypeError);
        }
  });

  test("rejects a vector that was disposed", () => {
    for (const ring of [ring64, ring128, new BigIntRing(64), new JsbiRing(9)]) {
      const x = ring.fromBigInts([1n, 2n]);
      const y = ring.zeros(2);
      x.dispose();
      x.dispose();
      for (const use of [
        () => ring.toBigInts(x),
        () => ring.add(x, y),
        () => ring.add(y, x),
        () => ring.matmul(x, y, 1, 2, 1),
        () => ring.shiftLeft(x, 1000),
        () => ring.sum(x),
        () => ring.toBytes(x),
        () => ring.equals(x, y),
      ])
        expect(use).toThrow(/disposed of/);
    }
  });
});
