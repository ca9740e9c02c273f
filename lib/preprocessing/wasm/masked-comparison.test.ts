import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { OtKernels } from "./kernels";

const random = createPrg(seedOf(9));
const words = (bytes: Uint8Array) => Array.from(new BigUint64Array(bytes.slice().buffer));
const bytesOf = (values: readonly bigint[]) => new Uint8Array(BigUint64Array.from(values).buffer);
const bit = (word: bigint, i: number) => Number((word >> BigInt(i)) & 1n);
const digit = (word: bigint, i: number) => Number((word >> BigInt(4 * i)) & 15n);

const EDGES = [0n, 1n, 15n, 16n, 2n ** 32n, 2n ** 60n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const drawn = words(drawBytes(random, 8 * 60));
const R = [...EDGES, ...drawn.slice(0, 30)];
const MASKS = [...EDGES, ...drawn.slice(30)];

/** The masks of a node, from the word's bits: e0 to e3, l0 to l2. */
function masksOf(word: bigint, node: number): number[] {
  return Array.from({ length: 7 }, (_, type) => bit(word, node < 4 ? 4 * type + node : 28 + type));
}

/** The products of a node's masks, in their order. */
function productsOf([e0, e1, e2, e3, l0, l1, l2]: readonly number[]): number[] {
  const tail = (t: number) => [e2! & t, e3! & t, e3! & e2! & t];
  return [
    ...[e3! & e2!, e3! & l2!],
    ...[e1!, l1!, l0!, e0!].flatMap(tail),
    ...[e1! & l0!, e1! & e0!].flatMap((t) => [...tail(t), t]),
  ];
}

test("the dealer's kernel gives digits, products and the result's mask", () => {
  const kernels = new OtKernels();
  const count = R.length;
  const [r, m] = [R, MASKS].map((values) => kernels.put(bytesOf(values))) as [number, number];
  const to = kernels.allocate(7 * 8 * count);
  kernels.run.dealComparisons(r, m, count, to, 8 * count);
  const fields = Array.from({ length: 7 }, (_, i) => words(kernels.read(to + i * 8 * count, 8 * count)));
  R.forEach((word, i) => {
    for (let t = 0; t < 4; t++) {
      const expected = [0, 1, 2, 3].reduce(
        (sum, block) => sum | (1n << BigInt(16 * block + digit(word, 4 * block + t))),
        0n,
      );
      expect(fields[t]![i], `digits ${t} of ${word}`).toBe(expected);
    }
    const [low, high] = [fields[4]![i]!, fields[5]![i]!];
    for (let node = 0; node < 5; node++) {
      const found = Array.from({ length: 22 }, (_, place) => {
        if (node === 4) return bit(high, 24 + place);
        return place < 16 ? bit(low, 4 * place + node) : bit(high, 4 * (place - 16) + node);
      });
      expect(found, `node ${node} of ${MASKS[i]}`).toEqual(productsOf(masksOf(MASKS[i]!, node)));
    }
    expect(high >> 46n).toBe(0n);
    expect(fields[6]![i]).toBe((MASKS[i]! >> 35n) & 1n);
  });
});

test("shares of digits, of blocks and of results add up to those of the words", () => {
  const kernels = new OtKernels();
  const { run } = kernels;
  const pairs = EDGES.flatMap((c) => EDGES.map((r) => [c, r] as const)).concat(
    drawn.map((c, i) => [c, drawn[(i * 7) % drawn.length]!] as const),
  );
  const count = pairs.length;
  const size = 8 * count;
  const [c, r] = [0, 1].map((i) => kernels.put(bytesOf(pairs.map((pair) => pair[i]!)))) as [number, number];
  const m = kernels.put(drawBytes(random, size));
  const whole = kernels.allocate(7 * size);
  run.dealComparisons(r, m, count, whole, size);
  // The first share of everything is random.
  const shares = [0, 1].map((party) => {
    const fields =
      party === 0
        ? drawBytes(random, 8 * size)
        : concat(kernels.read(m, size), kernels.read(whole, 7 * size));
    return { at: kernels.put(fields), opened: kernels.allocate(4 * count), held: kernels.allocate(count) };
  });
  run.xorInto(shares[1]!.at, shares[0]!.at, 7 * size);
  const each = (f: (share: (typeof shares)[number], first: number) => void) =>
    shares.forEach((share, party) => {
      f(share, 1 - party);
    });
  const bytesAt = (at: number, length: number) => kernels.read(at, length);
  for (const zero of [0, 1]) {
    each(({ at, opened, held }, first) => {
      run.compareDigits(c, at + size, size, at, count, zero, first, opened, held);
    });
    const first = shares.map(({ opened, at }) => [bytesAt(opened, 4 * count), bytesAt(at, size)] as const);
    pairs.forEach(([x, y], i) => {
      const word = (party: number) =>
        new DataView(first[party]![0].buffer).getUint32(4 * i, true) ^
        (Number(words(first[party]![1])[i]! & 0xfffffffn) | 0);
      const bits = word(0) ^ word(1);
      for (let block = 0; block < 4; block++)
        for (let t = 0; t < 4; t++) {
          const top = block === 3 && t === 3 && zero === 0 ? 7 : 15;
          const [a, b] = [x, y].map((value) => digit(value, 4 * block + t) & top) as [number, number];
          expect((bits >> (4 * t + block)) & 1, `${x} = ${y}`).toBe(a === b ? 1 : 0);
          if (t < 3) expect((bits >> (16 + 4 * t + block)) & 1, `${x} < ${y}`).toBe(a < b ? 1 : 0);
        }
    });
    const opened = shares.map(({ opened }) => kernels.put(bytesAt(opened, 4 * count))) as [number, number];
    each(({ at, opened: to, held }, first) => {
      run.compareBlocks(opened[0], opened[1], at, at + 5 * size, size, count, first, held, to);
    });
    const blocks = shares.map(({ opened }) => kernels.put(bytesAt(opened, count))) as [number, number];
    each(({ at, opened: to, held }, first) => {
      run.compareRoot(blocks[0], blocks[1], at, at + 6 * size, at, 35n, count, zero, first, held, to);
    });
    const results = shares.map(({ opened }) => bytesAt(opened, Math.ceil(count / 8)));
    const d = words(kernels.read(m, size)).map((word) => bit(word, 35));
    pairs.forEach(([x, y], i) => {
      const masked = results.reduce((sum, packed) => sum ^ ((packed[i >> 3]! >> (i & 7)) & 1), 0);
      const holds = zero === 1 ? x === y : BigInt.asIntN(64, x - y) < 0n;
      expect(masked ^ d[i]!, `${x} − ${y}`).toBe(holds ? 1 : 0);
    });
  }
});

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
