// The fused kernels compared with the plain ring, on operands that carry at every position.

import { expect, test } from "vitest";
import { ring128 } from "../../lib/ring";
import { beginProduct, endProduct } from "../../lib/sharing/beaver";
import { sumSubsets, WIDTHS } from "../../lib/sharing/mac-rows";
import { OpeningLog } from "../../lib/sharing/opening";
import { drawBytes, uniform } from "../support/random";

const ALL = (1n << 128n) - 1n;
const EDGES = [
  0n,
  1n,
  ALL,
  1n << 127n,
  (1n << 64n) - 1n,
  1n << 64n,
  ALL - (1n << 64n),
  0xffffffffn,
  ALL ^ 0xffffffffn,
];
const ROUNDS = process.env.SPDZLAB_CHEAT === "all" ? 500 : 40;
const random = (n: number) => {
  const bytes = Buffer.from(drawBytes(16));
  return bytes[0]! < n ? EDGES[bytes[1]! % EDGES.length]! : BigInt(`0x${bytes.toString("hex")}`);
};
const draw = (count: number, edges: number) => Array.from({ length: count }, () => random(edges));

test("sums of subsets equal those of BigInt", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const count = 1 + (round < 40 ? round : Math.floor(700 * uniform()));
    const edges = round % 3 === 0 ? 256 : 100;
    const [x, m, v] = [draw(count, edges), draw(count, edges), draw(count, edges)];
    const groups = Math.ceil(count / 4);
    const subsets = round % 5 === 0 ? new Uint8Array(groups * 32).fill(255) : drawBytes(groups * 32);
    const sums = sumSubsets(
      { values: ring128.fromBigInts(x), macs: ring128.fromBigInts(m), opened: ring128.fromBigInts(v) },
      subsets,
      WIDTHS,
    );
    const expected = (list: bigint[], bits: number) =>
      Array.from({ length: 64 }, (_, row) =>
        BigInt.asUintN(
          bits,
          list.reduce((sum, value, i) => {
            const byte = subsets[Math.floor(i / 4) * 32 + (row >> 1)]!;
            return (byte >> ((row % 2) * 4 + (i % 4))) & 1 ? sum + value : sum;
          }, 0n),
        ),
      );
    expect(ring128.toBigInts(sums.values)).toEqual(expected(x, 128));
    expect(ring128.toBigInts(sums.macs)).toEqual(expected(m, 128));
    expect(ring128.toBigInts(sums.opened).map((sum) => BigInt.asUintN(64, sum))).toEqual(expected(v, 64));
  }
});

test("masked products equal those of BigInt", () => {
  const bytes = (list: bigint[]) => ring128.toBytes(ring128.fromBigInts(list));
  for (let round = 0; round < ROUNDS; round++) {
    const count = 1 + (round % 37);
    const edges = round % 2 === 0 ? 256 : 100;
    const some = () => draw(count, edges);
    const [xv, xm, yv, ym, av, am, bv, bm, cv, cm] = Array.from({ length: 10 }, some) as bigint[][];
    const share = (value: bigint[], mac: bigint[]) => ({
      value: ring128.fromBigInts(value),
      mac: ring128.fromBigInts(mac),
    });
    const triple = [
      { values: bytes(av!), macs: bytes(am!) },
      { values: bytes(bv!), macs: bytes(bm!) },
      { values: bytes(cv!), macs: bytes(cm!) },
    ];
    const low = BigInt.asUintN.bind(null, 64);
    const wide = BigInt.asUintN.bind(null, 128);
    const alpha = low(random(edges));
    const party = (round % 2) as 0 | 1;
    const begun = beginProduct(share(xv!, xm!), share(yv!, ym!), triple);
    expect(ring128.toBigInts(begun.values)).toEqual([
      ...xv!.map((x, i) => wide(x - av![i]!)),
      ...yv!.map((y, i) => wide(y - bv![i]!)),
    ]);
    expect(ring128.toBigInts(begun.macs)).toEqual([
      ...xm!.map((x, i) => wide(x - am![i]!)),
      ...ym!.map((y, i) => wide(y - bm![i]!)),
    ]);
    const theirs = drawBytes(count * 16);
    if (round % 3 === 0) theirs.fill(255);
    const log = new OpeningLog();
    const mine = begun.mine.slice();
    const product = endProduct({ party, alpha }, log, triple, begun, theirs);
    const word = (list: Uint8Array, i: number) => Buffer.from(list).readBigUInt64LE(8 * i);
    const sums = Array.from({ length: 2 * count }, (_, i) => low(word(mine, i) + word(theirs, i)));
    expect(ring128.toBigInts(log.drain()[0]!.opened)).toEqual(sums);
    const result = (a: bigint[], b: bigint[], c: bigint[], by: bigint) =>
      c.map((value, i) => {
        const [e, d] = [sums[i]!, sums[count + i]!];
        return wide(value + e * b[i]! + d * a[i]! + by * e * d);
      });
    expect(ring128.toBigInts(product.value)).toEqual(result(av!, bv!, cv!, party === 0 ? 1n : 0n));
    expect(ring128.toBigInts(product.mac)).toEqual(result(am!, bm!, cm!, alpha));
  }
});
