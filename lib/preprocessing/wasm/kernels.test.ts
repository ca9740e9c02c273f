import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { transposeBits } from "../ot/bit-matrix";
import { OtKernels } from "./kernels";

const random = createPrg(seedOf(3));
const MOD = 1n << 192n;

const integers = (bytes: Uint8Array, size: number) =>
  Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  );

test("transposes bit matrices as the plain reference does", () => {
  const kernels = new OtKernels();
  for (const rows of [128, 256, 1152]) {
    const columns = drawBytes(random, (128 * rows) / 8);
    const to = kernels.allocate(rows * 16);
    kernels.run.transpose(kernels.put(columns), rows / 8, to, rows);
    expect(kernels.read(to, rows * 16)).toEqual(transposeBits(columns, rows));
  }
});

test("folds sixteen leaves into their sum and the sums by the bits of their index", () => {
  const kernels = new OtKernels();
  const length = 48;
  const leaves = drawBytes(random, 16 * length);
  const [sum, columns] = [kernels.allocate(length), kernels.allocate(4 * length)];
  kernels.run.foldLeaves(kernels.put(leaves), length, sum, columns, length);
  const expected = (takes: (leaf: number) => boolean) =>
    Uint8Array.from({ length }, (_, i) =>
      Array.from({ length: 16 }, (_, leaf) => (takes(leaf) ? leaves[leaf * length + i]! : 0)).reduce(
        (a, b) => a ^ b,
      ),
    );
  expect(kernels.read(sum, length)).toEqual(expected(() => true));
  for (let j = 0; j < 4; j++)
    expect(kernels.read(columns + j * length, length)).toEqual(expected((leaf) => ((leaf >> j) & 1) === 1));
});

test("computes mod 2^192 as BigInt does, carries included", () => {
  const kernels = new OtKernels();
  const count = 40;
  const bytes = drawBytes(random, 4 * count * 24);
  // Long runs of ones and zeros carry furthest.
  bytes.fill(255, 0, 24 * 7);
  bytes.fill(0, 24 * count, 24 * (count + 5));
  for (const leaf of [2, 3]) bytes.fill(255, 24 * count * leaf, 24 * (count * leaf + leaf + 1));
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((i) =>
    integers(bytes.subarray(i * count * 24, (i + 1) * count * 24), 24),
  ) as [bigint[], bigint[], bigint[], bigint[]];
  const leaves = kernels.put(bytes);
  const plain = (at: number) => integers(kernels.read(at, count * 24), 24);
  const mod = (x: bigint) => ((x % MOD) + MOD) % MOD;
  const sum = s0.map((x, i) => x + s1[i]! + s2[i]! + s3[i]!);
  const w = s0.map((_, i) => -(s1[i]! + 2n * s2[i]! + 3n * s3[i]!));
  for (const [bits, delta] of [
    [0, 0n],
    [2, 1n],
    [34, 2n],
    [62, 3n],
  ] as const) {
    const [x, start] = [drawBytes(random, count * 24).fill(255, 24, 96), drawBytes(random, count * 24)];
    const [xs, starts] = [x, start].map((bytes) => integers(bytes, 24)) as [bigint[], bigint[]];
    const [correction, weighted] = [kernels.allocate(count * 24), kernels.allocate(count * 24)];
    const total = kernels.put(start);
    const expectTotals = (of: bigint[]) =>
      expect(plain(total)).toEqual(starts.map((value, i) => mod(value + (of[i]! << BigInt(bits)))));
    kernels.run.proveTree(leaves, count * 24, kernels.put(x), bits, count, correction, weighted, total);
    expect(plain(correction)).toEqual(xs.map((value, i) => mod(value - sum[i]!)));
    expect(plain(weighted)).toEqual(w.map(mod));
    expectTotals(w);
    kernels.write(total, start);
    kernels.run.keepTree(leaves, count * 24, kernels.put(x), delta, bits, count, weighted, total);
    const kept = w.map((value, i) => mod(value + delta * (sum[i]! + xs[i]!)));
    expect(plain(weighted)).toEqual(kept);
    expectTotals(kept);
  }
  const weights = drawBytes(random, count * 8);
  const chi = integers(weights, 8);
  const bits = drawBytes(random, count / 8);
  const [first, second, verifier] = [kernels.allocate(24), kernels.allocate(24), kernels.allocate(24)];
  kernels.run.bitProver(leaves, kernels.put(bits), kernels.put(weights), count, first, second);
  const bit = (i: number) => BigInt((bits[i >> 3]! >> (i & 7)) & 1);
  const add = (f: (i: number) => bigint) => mod(s0.reduce((all, _, i) => all + f(i), 0n));
  expect(integers(kernels.read(first, 24), 24)[0]).toBe(add((i) => chi[i]! * s0[i]! * s0[i]!));
  expect(integers(kernels.read(second, 24), 24)[0]).toBe(add((i) => chi[i]! * s0[i]! * (2n * bit(i) - 1n)));
  const alpha = (1n << 64n) - 3n;
  kernels.run.bitVerifier(leaves, kernels.put(weights), alpha, count, verifier);
  expect(integers(kernels.read(verifier, 24), 24)[0]).toBe(
    add((i) => chi[i]! * (s0[i]! ** 2n - alpha * s0[i]!)),
  );
});

test("sums with three weights at once, and shifted, as BigInt does", () => {
  const kernels = new OtKernels();
  const count = 150;
  const bytes = drawBytes(random, count * 24);
  bytes.fill(255, 0, 24 * 70);
  const weights = drawBytes(random, count * 16);
  weights.fill(255, 0, 16 * 70);
  const before = drawBytes(random, 3 * 24);
  const x = integers(bytes, 24);
  const chi = integers(weights, 4).map((word) => BigInt.asUintN(25, word));
  const [at, to] = [kernels.put(bytes), kernels.put(before)];
  kernels.run.combineThrice(at, kernels.put(weights), count, to);
  const sums = integers(before, 24).map((start, j) =>
    BigInt.asUintN(
      192,
      x.reduce((sum, e, i) => sum + chi[4 * i + j]! * e, start),
    ),
  );
  expect(integers(kernels.read(to, 3 * 24), 24)).toEqual(sums);
  const reversed = bytes.slice().reverse();
  for (const bits of [0n, 2n, 62n, 64n, 70n, 126n]) {
    const sum = kernels.put(reversed);
    kernels.run.shiftAdd192(at, bits, count, sum);
    const start = integers(reversed, 24);
    expect(integers(kernels.read(sum, count * 24), 24)).toEqual(
      x.map((e, i) => BigInt.asUintN(192, start[i]! + (e << bits))),
    );
  }
});

test("multiplies bits by elements, and sums the products, as BigInt does", () => {
  const kernels = new OtKernels();
  const { run } = kernels;
  const [group, groups] = [48, 3];
  const count = group * groups;
  const low = (x: bigint) => BigInt.asUintN(168, x);
  /** Of 16 and 5 bytes, in two rows. */
  const pad = () => {
    const bytes = [drawBytes(random, count * 16), drawBytes(random, count * 16)] as const;
    for (const half of bytes) half.fill(255, 0, 16 * 50);
    const tops = integers(bytes[1], 16);
    const values = integers(bytes[0], 16).map((e, i) => low(e + (tops[i]! << 128n)));
    return { at: [kernels.put(bytes[0]), kernels.put(bytes[1])] as const, values };
  };
  const [h0, h1, h] = [pad(), pad(), pad()];
  const own = drawBytes(random, groups * 24).fill(255, 0, 24);
  const b = integers(own, 24);
  const bits = drawBytes(random, count / 8).fill(255, 0, 2);
  const bit = (i: number) => BigInt((bits[i >> 3]! >> (i & 7)) & 1);
  const theirs = drawBytes(random, count * 21 + 3).fill(255, 0, 210);
  const packed = integers(theirs.subarray(0, count * 21), 21);
  const shares = kernels.allocate(count * 24);
  const d = kernels.allocate(count * 21 + 3);
  // In two parts that end within a group.
  const [values, choices, corrections] = [kernels.put(own), kernels.put(bits), kernels.put(theirs)];
  for (const [from, size] of [
    [0, 72],
    [72, count - 72],
  ] as const) {
    const moved = (at: number) => at + from * 16;
    const [s0, s1] = [h0.at.map(moved), h1.at.map(moved)];
    run.gilboaSend(
      s0[0]!,
      s0[1]!,
      s1[0]!,
      s1[1]!,
      values,
      group,
      from,
      size,
      d + from * 21,
      shares + from * 24,
    );
    const at = h.at.map(moved);
    const share = shares + from * 24;
    const bitsAt = choices + from / 8;
    run.gilboaReceive(at[0]!, at[1]!, corrections + from * 21, bitsAt, values, group, from, size, share);
  }
  const ownValue = (i: number) => b[Math.floor(i / group)]!;
  expect(integers(kernels.read(d, count * 21), 21)).toEqual(
    h0.values.map((e, i) => low(e - h1.values[i]! + ownValue(i))),
  );
  const e = h0.values.map((zero, i) => low(h.values[i]! - zero + bit(i) * (packed[i]! + ownValue(i))));
  const limbs = integers(kernels.read(shares, count * 24), 4);
  expect(limbs.every((limb) => limb < 1n << 28n)).toBe(true);
  expect(e).toEqual(e.map((_, i) => [5, 4, 3, 2, 1, 0].reduce((x, j) => (x << 28n) + limbs[6 * i + j]!, 0n)));

  const [r, s] = [drawBytes(random, group * 8).fill(255, 0, 160), drawBytes(random, group * 24)];
  s.fill(255, 0, 24 * 20);
  const weights = kernels.allocate(group * 48);
  run.limbs(kernels.put(r), kernels.put(s), group, weights);
  const [c, c2, a, a2] = [0, 1, 2, 3].map(() => kernels.allocate(groups * 24)) as [
    number,
    number,
    number,
    number,
  ];
  run.combine(shares, choices, weights, group, groups, c, c2, a, a2);
  const read = (at: number) => integers(kernels.read(at, groups * 24), 24).map(low);
  const sum = (weight: bigint[], of: (i: number) => bigint) =>
    b.map((_, g) => low(weight.reduce((all, w, i) => all + low(w) * of(g * group + i), 0n)));
  const [words, elements] = [integers(r, 8), integers(s, 24)];
  expect(read(c)).toEqual(sum(words, (i) => e[i]!));
  expect(read(c2)).toEqual(sum(elements, (i) => e[i]!));
  expect(read(a)).toEqual(sum(words, bit));
  expect(read(a2)).toEqual(sum(elements, bit));
});

test("computes the steps of a triple as BigInt does", () => {
  const kernels = new OtKernels();
  const { run } = kernels;
  const count = 12;
  const low = (x: bigint) => BigInt.asUintN(168, x);
  const elements = () => {
    const bytes = drawBytes(random, count * 24);
    bytes.fill(255, 0, 50);
    bytes.fill(0, 72, 100);
    return bytes;
  };
  const read = (at: number) => integers(kernels.read(at, count * 24), 24).map(low);
  const [x, y, z, u, v] = [elements(), elements(), elements(), elements(), elements()];
  const [xs, ys, zs, us, vs] = [x, y, z, u, v].map((bytes) => integers(bytes, 24)) as bigint[][];
  const [xa, ya, za, ua, va] = [x, y, z, u, v].map((bytes) => kernels.put(bytes)) as number[];
  const to = kernels.allocate(count * 24 + 24);
  const t = (1n << 64n) - 59n;
  run.sacrificeRho(xa!, ya!, t, count, to);
  expect(read(to)).toEqual(xs!.map((e, i) => low(t * e - ys![i]!)));
  run.macOfOwn192(xa!, ya!, t, count, to);
  expect(read(to)).toEqual(xs!.map((e, i) => low(t * e - ys![i]!)));
  const packed = kernels.allocate(count * 21 + 3);
  run.pack(xa!, count, packed);
  expect(integers(kernels.read(packed, count * 21), 21)).toEqual(xs!.map(low));
  kernels.write(to, y);
  run.addPacked(packed, count, to);
  expect(read(to)).toEqual(xs!.map((e, i) => low(low(e) + ys![i]!)));

  const rho = drawBytes(random, count * 24);
  const weights = drawBytes(random, count * 16);
  const words = integers(weights, 8);
  const sum = kernels.allocate(24);
  const alpha = 77n + (1n << 63n);
  run.sacrificeCheck(xa!, ya!, za!, ua!, va!, kernels.put(rho), t, alpha, kernels.put(weights), count, sum);
  const expected = integers(rho, 24).reduce(
    (all, r, i) =>
      all +
      words[2 * i]! * (t * xs![i]! - ys![i]! - alpha * r) +
      words[2 * i + 1]! * (t * us![i]! - vs![i]! - r * zs![i]!),
    0n,
  );
  expect(low(integers(kernels.read(sum, 24), 24)[0]!)).toBe(low(expected));

  // Shares whose sum is a multiple of 2^40 once noise·y is taken away.
  const noise = new Uint8Array(count * 8).map((_, i) => (i % 8 < 5 ? (i * 37) & 255 : 0));
  const n = integers(noise, 8);
  const quotients = zs!.map((e) => BigInt.asUintN(128, e));
  const first = us!.map((e, i) => low(e) + n[i]! * vs![i]!);
  const second = quotients.map((q, i) => low((q << 40n) - low(us![i]!)));
  const put = (list: bigint[]) =>
    kernels.put(
      Uint8Array.from(
        list.flatMap((e) =>
          Array.from({ length: 24 }, (_, i) => Number((BigInt.asUintN(192, e) >> BigInt(8 * i)) & 255n)),
        ),
      ),
    );
  const [down, up] = [kernels.allocate(count * 16), kernels.allocate(count * 16)];
  run.divide(put(first), va!, 24, kernels.put(noise), 0n, count, down);
  run.divide(put(second), va!, 0, kernels.allocate(count * 8), 1n, count, up);
  const ups = integers(kernels.read(up, count * 16), 16);
  const total = integers(kernels.read(down, count * 16), 16).map((d, i) => BigInt.asUintN(128, d + ups[i]!));
  expect(total).toEqual(quotients);
});
