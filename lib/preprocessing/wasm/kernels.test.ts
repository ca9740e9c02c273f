import { expect, test } from "vitest";
import { seedOf } from "../../../test/machines";
import { hashBlocks, permuteForHash } from "../../crypto/block-hash";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { transposeBits } from "../ot/bit-matrix";
import { Kernels } from "./kernels";

const random = createPrg(seedOf(3));
const MOD = 1n << 192n;

const integers = (bytes: Uint8Array, size: number) =>
  Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  );

test("transposes bit matrices as the plain reference does", () => {
  const kernels = new Kernels();
  for (const rows of [128, 256, 1152]) {
    const columns = drawBytes(random, (128 * rows) / 8);
    const to = kernels.allocate(rows * 16);
    kernels.run.transpose(kernels.put(columns), rows / 8, to, rows);
    expect(kernels.read(to, rows * 16)).toEqual(transposeBits(columns, rows));
  }
});

test("folds sixteen leaves into their sum and the sums by the bits of their index", () => {
  const kernels = new Kernels();
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

test("sums subsets of rows and of the bits beside them", () => {
  const kernels = new Kernels();
  const [count, outputs] = [64, 80];
  const [rows, bits, subsets] = [
    drawBytes(random, count * 16),
    drawBytes(random, count / 8),
    drawBytes(random, (count / 8) * outputs),
  ];
  const [sums, parities] = [kernels.allocate(outputs * 16), kernels.allocate(outputs)];
  kernels.run.subsetSums(
    kernels.put(rows),
    kernels.put(bits),
    count,
    kernels.put(subsets),
    outputs,
    sums,
    parities,
  );
  for (let o = 0; o < outputs; o++) {
    const expected = new Uint8Array(16);
    let parity = 0;
    for (let i = 0; i < count; i++) {
      if (((subsets[(i >> 3) * outputs + o]! >> (i & 7)) & 1) === 0) continue;
      parity ^= (bits[i >> 3]! >> (i & 7)) & 1;
      for (let j = 0; j < 16; j++) expected[j]! ^= rows[i * 16 + j]!;
    }
    expect(kernels.read(sums + o * 16, 16)).toEqual(expected);
    const byte = kernels.read(parities + o, 1)[0]!;
    expect(Array.from({ length: 8 }, (_, i) => (byte >> i) & 1).reduce((a, b) => a ^ b)).toBe(parity);
  }
});

test("computes mod 2^192 as BigInt does, carries included", () => {
  const kernels = new Kernels();
  const count = 40;
  const bytes = drawBytes(random, 4 * count * 24);
  // Long runs of ones and zeros carry furthest.
  bytes.fill(255, 0, 24 * 7);
  bytes.fill(0, 24 * count, 24 * (count + 5));
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((i) =>
    integers(bytes.subarray(i * count * 24, (i + 1) * count * 24), 24),
  ) as [bigint[], bigint[], bigint[], bigint[]];
  const leaves = kernels.put(bytes);
  const [sum, weighted] = [kernels.allocate(count * 24), kernels.allocate(count * 24)];
  kernels.run.foldRing(leaves, count * 24, count, sum, weighted);
  const plain = (at: number) => integers(kernels.read(at, count * 24), 24);
  const mod = (x: bigint) => ((x % MOD) + MOD) % MOD;
  expect(plain(sum)).toEqual(s0.map((x, i) => mod(x + s1[i]! + s2[i]! + s3[i]!)));
  const w = s0.map((_, i) => mod(-(s1[i]! + 2n * s2[i]! + 3n * s3[i]!)));
  expect(plain(weighted)).toEqual(w);
  const total = plain(sum);
  kernels.run.applyDelta(sum, leaves, 3n, count, weighted);
  expect(plain(weighted)).toEqual(w.map((x, i) => mod(x + 3n * (total[i]! + s0[i]!))));
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

test("computes the steps of a triple as BigInt does", () => {
  const kernels = new Kernels();
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

test("the block hash is π(π(x) ⊕ i) ⊕ π(x), and tweaks and domains keep apart", () => {
  const blocks = drawBytes(random, 64);
  const hash = hashBlocks(blocks, 5n, 1);
  const inner = new Uint8Array(permuteForHash(blocks.slice(16, 32)));
  const tweaked = inner.slice();
  tweaked[0]! ^= 6;
  tweaked[8]! ^= 1;
  const outer = permuteForHash(tweaked);
  expect(hash.slice(16, 32)).toEqual(inner.map((byte, i) => byte ^ outer[i]!));
  expect(hashBlocks(blocks, 5n, 0)).not.toEqual(hash);
  expect(hashBlocks(blocks, 6n, 1)).not.toEqual(hash);
});
