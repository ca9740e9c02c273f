import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { OtKernels } from "./kernels";

const random = createPrg(seedOf(8));
const words = (bytes: Uint8Array) => Array.from(new BigUint64Array(bytes.slice().buffer));
const bytesOf = (values: readonly bigint[]) => new Uint8Array(BigUint64Array.from(values).buffer);
const mod64 = (value: bigint) => BigInt.asUintN(64, value);

const EDGES = [0n, 1n, 2n, 3n, 2n ** 31n, 2n ** 32n, 2n ** 33n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n].concat([
  2n ** 32n - 1n,
  2n ** 63n - 1n,
  0x5555555555555555n,
  0xaaaaaaaaaaaaaaaan,
]);

/** The sender's blocks for some transfers, and what the receiver with those bits has of them. */
function transfers(kernels: OtKernels, bits: readonly bigint[]) {
  const size = bits.length * 16;
  const [rows, zeros, ones] = [0, 0, 0].map(() => drawBytes(random, size)) as [Uint8Array, ...Uint8Array[]];
  const delta = words(drawBytes(random, 8))[0]!;
  const [q, p0, p1] = [rows, zeros!, ones!].map(words) as [bigint[], bigint[], bigint[]];
  const messages = bits.map((bit, i) => (bit ? p1[2 * i]! ^ q[2 * i]! ^ delta : p0[2 * i]! ^ q[2 * i]!));
  return {
    sender: [kernels.put(zeros!), kernels.put(ones!), kernels.put(rows), delta] as const,
    messages: kernels.put(bytesOf(messages)),
  };
}

test("products of 64 bits are shared, for factors at every edge", () => {
  const kernels = new OtKernels();
  const pairs = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const));
  const single = Array.from({ length: 64 }, (_, i) => 1n << BigInt(i));
  pairs.push(
    ...single.map((b) => [2n ** 64n - 1n, b] as const),
    ...single.map((a) => [a, 2n ** 63n] as const),
  );
  const count = pairs.length;
  const bits = pairs.flatMap(([a]) => single.map((_, i) => (a >> BigInt(i)) & 1n));
  const { sender, messages } = transfers(kernels, bits);
  const [a, b] = [0, 1].map((i) => kernels.put(bytesOf(pairs.map((pair) => pair[i]!)))) as [number, number];
  const d = kernels.allocate(260 * count);
  const [sent, received] = [kernels.allocate(8 * count), kernels.allocate(8 * count)];
  kernels.run.sendProducts(...sender, b, count, d, d + 256 * count, sent);
  kernels.run.receiveProducts(messages, a, count, d, d + 256 * count, received);
  const [mine, theirs] = [sent, received].map((at) => words(kernels.read(at, 8 * count)));
  pairs.forEach(([x, y], i) => {
    expect(mod64(mine![i]! + theirs![i]!), `${x}·${y}`).toBe(mod64(x * y));
  });
});

test("products of one bit are shared", () => {
  const kernels = new OtKernels();
  const pairs = EDGES.flatMap((b) => [0n, 1n].map((bit) => [bit, b] as const));
  const count = pairs.length;
  const { sender, messages } = transfers(
    kernels,
    pairs.map(([bit]) => bit),
  );
  const [bits, b] = [0, 1].map((i) => kernels.put(bytesOf(pairs.map((pair) => pair[i]!)))) as [
    number,
    number,
  ];
  const [d, sent, received] = [0, 0, 0].map(() => kernels.allocate(8 * count)) as [number, number, number];
  kernels.run.sendBitProducts(...sender, b, count, d, sent);
  kernels.run.receiveBitProducts(messages, bits, count, d, received);
  const [mine, theirs] = [sent, received].map((at) => words(kernels.read(at, 8 * count)));
  pairs.forEach(([bit, y], i) => {
    expect(mod64(mine![i]! + theirs![i]!), `${bit}·${y}`).toBe(bit * y);
  });
});

test("streams are summed, low words taken, bits spread and products added", () => {
  const kernels = new OtKernels();
  const length = 96;
  const streams = [0, 1, 2, 3].map(() => drawBytes(random, length));
  const at = streams.map((stream) => kernels.put(stream)) as [number, number, number, number];
  const xored = (count: number) =>
    streams[0]!.map((_, i) => streams.slice(0, count).reduce((sum, stream) => sum ^ stream[i]!, 0));
  const to = kernels.allocate(length);
  kernels.run.sumStreams(at[0], at[1], at[2], length, to);
  expect(kernels.read(to, length)).toEqual(xored(3));
  kernels.run.sumFourStreams(...at, length, to);
  expect(kernels.read(to, length)).toEqual(xored(4));

  kernels.run.xorLow(at[0], at[1], length / 16, to);
  const both = words(xored(2));
  expect(words(kernels.read(to, length / 2))).toEqual(both.filter((_, i) => i % 2 === 0));

  const spread = kernels.allocate(8 * 8 * length);
  kernels.run.spreadBits(at[0], 8 * length, spread);
  const bits = Array.from({ length: 8 * length }, (_, i) => BigInt((streams[0]![i >> 3]! >> (i & 7)) & 1));
  expect(words(kernels.read(spread, 64 * length))).toEqual(bits);

  kernels.run.addProducts64(...at, length / 8, to);
  const [x, y, s, t] = streams.map(words) as [bigint[], bigint[], bigint[], bigint[]];
  expect(words(kernels.read(to, length))).toEqual(x.map((value, i) => mod64(value * y[i]! + s[i]! + t[i]!)));
});
