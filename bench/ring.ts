/**
 * Measure the ring engine against its speed floors. Every figure is the median of five rounds; a round is the best of
 * several runs. In each round the engine and all its references take turns, so that other load on the machine affects
 * all of them equally.
 */

import { execFileSync } from "node:child_process";
import { createCipheriv, randomBytes, randomFillSync } from "node:crypto";
import { resolve } from "node:path";
import { type RingVector, ring64, ring128, scope, setThreads } from "../lib/ring";
import { median, type Row } from "./harness";
import { best, type Contest, hold, processes, ROUNDS } from "./reference/contest";
import {
  addBigInts,
  decodeBigInts,
  encodeBigInts,
  matmulBigInts,
  matmulWords,
  matmulWordsByElement,
  mulBigInts,
} from "./reference/loops";
import { compileC, type Reference, startNumpy } from "./reference/process";

const ELEMENTS = 1 << 20;
/** Units of work per millisecond that make 10^9 per second, and 10^6 per second. */
const G = 1e6;
const M = 1e3;
const entropy = { fill: (target: Uint8Array) => void randomFillSync(target) };

/** Compare two threads with one, in turns. */
function holdThreads(): Row[] {
  const [a, b] = [0, 1].map(() => ring64.random(512 * 512, entropy)) as [RingVector, RingVector];
  const wide = ring128.random(256 * 256, entropy);
  const [x, y] = [0, 1].map(() => ring64.random(ELEMENTS, entropy)) as [RingVector, RingVector];
  const works = [
    ["matmul mod 2^64, 512²", 512 ** 3 / G, "GMAC/s", 1.6, () => ring64.matmul(a, b, 512, 512, 512)],
    ["matmul mod 2^128, 256²", 256 ** 3 / G, "GMAC/s", null, () => ring128.matmul(wide, wide, 256, 256, 256)],
    ["mul mod 2^64, 1M elements", ELEMENTS / G, "G/s", null, () => ring64.mul(x, y)],
  ] as const;
  setThreads(2);
  // The second thread starts with the first large job, which does not wait for it.
  const up = performance.now() + 2000;
  while (performance.now() < up) scope(() => void ring64.matmul(a, b, 512, 512, 512));
  return works.map(([name, amount, unit, floor, work]) => {
    const [one, two]: [number[], number[]] = [[], []];
    for (let round = 0; round < 15; round++) {
      setThreads(1);
      one.push(best(work, 5));
      setThreads(2);
      two.push(best(work, 5));
    }
    setThreads(1);
    const [value, referenceValue] = [amount / median(two), amount / median(one)];
    const ratio = value / referenceValue;
    return {
      name: `two threads: ${name}`,
      value,
      unit,
      reference: "one thread",
      referenceValue,
      ratio,
      floor,
    };
  });
}

/** Measure the very first call in a new process, in milliseconds: the module is loaded, but not yet optimized. */
function cold(work: string): number {
  const program = `
    const { ring64, ring128 } = require(${JSON.stringify(resolve("dist/lib/ring"))});
    const entropy = { fill: (target) => require("node:crypto").randomFillSync(target) };
    const make = (ring, length) => ring.random(length, entropy);
    const first = () => { const start = performance.now(); work(); return performance.now() - start; };
    ${work}
    console.log(first());`;
  const times = Array.from({ length: ROUNDS }, () =>
    Number(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" })),
  );
  return median(times);
}

function coldRow(name: string, work: string): Row {
  return {
    name,
    value: cold(work),
    unit: "ms",
    reference: "",
    referenceValue: null,
    ratio: null,
    floor: null,
  };
}

function wordsOf(x: RingVector): BigUint64Array {
  return new BigUint64Array(ring64.toBytes(x).buffer as ArrayBuffer);
}

function contests(c: Reference | null, narrow: Reference | null, numpy: Reference | null): Contest[] {
  const [a, b] = [0, 1].map(() => ring64.random(ELEMENTS, entropy)) as [RingVector, RingVector];
  const [squareA, squareB] = [a, b].map((x) => ring64.slice(x, 0, 512 * 512)) as [RingVector, RingVector];
  const [row, weights] = [ring64.slice(a, 0, 784), ring64.slice(b, 0, 784 * 128)];
  const [wideA, wideB] = [0, 1].map(() => ring128.random(256 * 256, entropy)) as [RingVector, RingVector];
  const [wordsA, wordsB] = [squareA, squareB].map(wordsOf) as [BigUint64Array, BigUint64Array];
  const [rowWords, weightWords] = [wordsOf(row), wordsOf(weights)];
  const [bigA, bigB] = [a, b].map((x) => ring64.toBigInts(x)) as [bigint[], bigint[]];
  const [wideBigA, wideBigB] = [wideA, wideB].map((x) => ring128.toBigInts(x)) as [bigint[], bigint[]];
  const values = Float64Array.from({ length: ELEMENTS }, () => (Math.random() - 0.5) * 2000);
  const encoded = ring64.fromFloat64(values, 16, 63);
  const encodedBigInts = ring64.toBigInts(encoded);
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = new Uint8Array(65536);
  const stream = {
    fill: (target: Uint8Array) => target.set(cipher.update(zeros.subarray(0, target.length))),
  };
  return [
    {
      name: "matmul mod 2^64, 512²",
      ...{ unit: "GMAC/s", amount: 512 ** 3 / G, repetitions: 5 },
      engine: () => ring64.matmul(squareA, squareB, 512, 512, 512),
      against: [
        {
          name: "BigUint64Array loop, row order",
          floor: 10,
          run: () => matmulWords(wordsA, wordsB, 512, 512, 512),
        },
        ...processes([
          [c, "matmul64-512", 0.7],
          [narrow, "matmul64-512", null],
          [numpy, "matmul64-512", null],
        ]),
      ],
    },
    {
      name: "matmul mod 2^64, 1024²",
      ...{ unit: "GMAC/s", amount: 1024 ** 3 / G, repetitions: 3 },
      engine: () => ring64.matmul(a, b, 1024, 1024, 1024),
      against: processes([
        [c, "matmul64-1024", 0.9],
        [narrow, "matmul64-1024", null],
      ]),
    },
    {
      name: "1×784 · 784×128 mod 2^64",
      ...{ unit: "GMAC/s", amount: (784 * 128) / G, repetitions: 200 },
      engine: () => ring64.matmul(row, weights, 1, 784, 128),
      against: [
        {
          name: "BigUint64Array loop, row order",
          floor: 8,
          run: () => matmulWords(rowWords, weightWords, 1, 784, 128),
        },
        {
          name: "BigUint64Array loop, textbook order",
          floor: null,
          run: () => matmulWordsByElement(rowWords, weightWords, 1, 784, 128),
        },
        ...processes([
          [c, "thin64", null],
          [narrow, "thin64", null],
          [numpy, "thin64", null],
        ]),
      ],
    },
    {
      name: "matmul mod 2^128, 256²",
      ...{ unit: "GMAC/s", amount: 256 ** 3 / G, repetitions: 5 },
      engine: () => ring128.matmul(wideA, wideB, 256, 256, 256),
      against: [
        { name: "BigInt[]", floor: 35, run: () => matmulBigInts(128, wideBigA, wideBigB, 256, 256, 256) },
        ...processes([
          [c, "matmul128-256", 0.5],
          [narrow, "matmul128-256", null],
        ]),
      ],
    },
    ...(["add", "mul"] as const).map((operation) => ({
      name: `${operation} mod 2^64, 1M elements`,
      ...{ unit: "G/s", amount: ELEMENTS / G, repetitions: 20 },
      engine: () => ring64[operation](a, b),
      against: [
        {
          name: "BigInt[]",
          floor: 20,
          run: () => (operation === "add" ? addBigInts : mulBigInts)(64, bigA, bigB),
        },
        ...processes([
          [numpy, `${operation}64`, 0.7],
          [numpy, `${operation}64-out`, null],
          [c, `${operation}64`, null],
        ]),
      ],
    })),
    {
      name: "fixed-point encode, 1M",
      ...{ unit: "M/s", amount: ELEMENTS / M, repetitions: 10 },
      engine: () => ring64.fromFloat64(values, 16, 63),
      against: [
        { name: "BigInt(Math.round(x))", floor: 5, run: () => encodeBigInts(values, 16) },
        ...processes([
          [numpy, "encode64", null],
          [c, "encode64", null],
        ]),
      ],
    },
    {
      name: "fixed-point decode, 1M",
      ...{ unit: "M/s", amount: ELEMENTS / M, repetitions: 10 },
      engine: () => ring64.toFloat64(encoded, 16),
      against: [
        { name: "Number(x) / 2^f", floor: 5, run: () => decodeBigInts(encodedBigInts, 16) },
        ...processes([
          [numpy, "decode64", null],
          [c, "decode64", null],
        ]),
      ],
    },
    {
      name: "uniform fill from AES-CTR, 1M",
      ...{ unit: "G/s", amount: ELEMENTS / G, repetitions: 10 },
      engine: () => ring64.random(ELEMENTS, stream),
      against: [],
    },
  ];
}

export default async function suite(): Promise<Row[]> {
  const c = compileC("C");
  const narrow = compileC("C without AVX-512", "-mno-avx512f");
  const numpy = startNumpy();
  const rows: Row[] = [];
  setThreads(1);
  for (const contest of contests(c, narrow, numpy)) rows.push(...(await hold(contest)));
  c?.close();
  narrow?.close();
  numpy?.close();
  rows.push(...holdThreads());
  rows.push(
    coldRow(
      "first call: matmul mod 2^64, 512²",
      "const a = make(ring64, 512 * 512); const work = () => ring64.matmul(a, a, 512, 512, 512);",
    ),
    coldRow(
      "first call: matmul mod 2^128, 256²",
      "const a = make(ring128, 256 * 256); const work = () => ring128.matmul(a, a, 256, 256, 256);",
    ),
    coldRow(
      "first call: 1×784 · 784×128",
      "const a = make(ring64, 784), b = make(ring64, 784 * 128); const work = () => ring64.matmul(a, b, 1, 784, 128);",
    ),
    coldRow("first call: mul, 1M", "const a = make(ring64, 2 ** 20); const work = () => ring64.mul(a, a);"),
    coldRow(
      "first call: encode, 1M",
      "const v = new Float64Array(2 ** 20).fill(1.5); const work = () => ring64.fromFloat64(v, 16, 63);",
    ),
    coldRow("module loaded and first use", "const work = () => ring64.zeros(1);"),
  );
  return rows;
}
