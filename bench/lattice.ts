/**
 * Measure products without a dealer, by lattices and by oblivious transfer, through the public interface: two processes
 * over loopback TCP, then both parties in one process over a simulated slow network. The floors stand beside figures that
 * SPU's Cheetah (C++) reached on a quiet machine of the same kind.
 */

import { SharedVariable } from "../lib/autograd/shared-variable";
import { ownShare } from "../test/support/own-share";
import "../lib/ops/methods";
import { Variable } from "../lib/autograd/variable";
import type { Party } from "../lib/channel/channel";
import { LatticeEngine } from "../lib/preprocessing/lattice/engine";
import { Modulus } from "../lib/preprocessing/lattice/modulus";
import { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { simulate } from "../lib/session/simulate";
import { encode } from "../lib/tensor/fixed-point";
import { FloatTensor } from "../lib/tensor/float-tensor";
import { LongTensor } from "../lib/tensor/long-tensor";
import { measureParties, type Row, serveParty } from "./harness";

const MANY = 1_000_000;
/** Elements of one operation, and the number of operations running at once. */
const CHUNK = 2 ** 15;
const AT_ONCE = 16;

type Mode = "lattice" | "ot" | "auto";

interface Product {
  readonly sizes: readonly [m: number, k: number, n: number];
  /** SPU's seconds, and the most milliseconds and megabytes of both parties for ours. */
  readonly peer: number | null;
  readonly ms: number | null;
  readonly megabytes?: number;
}

const PRODUCTS: readonly Product[] = [
  { sizes: [128, 128, 128], peer: 510, ms: 250, megabytes: 14 },
  { sizes: [256, 256, 256], peer: 1720, ms: 1200 },
  { sizes: [1, 784, 128], peer: null, ms: 30 },
  { sizes: [128, 784, 128], peer: null, ms: 700 },
];

const nameOf = (sizes: readonly number[]) => `${sizes[0]}×${sizes[1]} · ${sizes[1]}×${sizes[2]}`;

const optionsOf = (mode: Mode) =>
  ({ security: "semi-honest", ahead: 0, ...(mode !== "auto" && { preprocessing: mode }) }) as const;

type Figures = Record<string, number>;

/**
 * Milliseconds and bytes of a fixed-point product of two matrices with its truncation, after one to warm up.
 *
 * @param again - the right matrix is the same each time. Default: both are new.
 */
async function matmul(
  ifaces: readonly DistributedInterface[],
  parties: readonly Party[],
  [m, k, n]: Product["sizes"],
  runs: number,
  again = false,
): Promise<{ ms: number; bytes: number }> {
  const shared = (rows: number, columns: number) =>
    ifaces.map((iface, i) => {
      const values = encode(FloatTensor.full([rows, columns], parties[i] === 0 ? 0.25 : 0.5));
      return new SharedVariable(new Variable(ownShare(values)), iface);
    });
  const times: number[] = [];
  let bytes = 0;
  const weight = shared(k, n);
  for (let run = 0; run <= runs; run++) {
    const [left, right] = [shared(m, k), again ? weight : shared(k, n)];
    await Promise.all(ifaces.map((iface) => iface.settled()));
    const before = ifaces[0]!.costs().total.bytesSent;
    const start = performance.now();
    const results = ifaces.map((_, i) => left[i]!.matmul(right[i]!));
    await Promise.all(ifaces.map((iface) => iface.settled()));
    times.push(performance.now() - start);
    bytes = ifaces[0]!.costs().total.bytesSent - before;
    const opened = await Promise.all(results.map((result) => result.reveal()));
    for (const each of opened)
      for (const value of (each.toArray() as number[][]).flat())
        if (Math.abs(value - 0.75 * 0.75 * k) > 0.01)
          throw new Error(`a wrong product of matrices: ${value}`);
  }
  const [, ...measured] = times;
  return { ms: Math.min(...measured), bytes };
}

/** Multiply `count` pairs of integers and reveal the last product. */
async function multiply(iface: DistributedInterface, x: SharedVariable, count: number): Promise<void> {
  const other = x.detach();
  let product = x;
  for (let done = 0, operations = 1; done < count; done += CHUNK, operations++) {
    product = x.mul(other);
    if (operations % AT_ONCE === 0) await iface.settled();
  }
  const values = (await product.reveal()).toArray() as number[];
  values.forEach((value, i) => {
    if (value !== 4 * i * i) throw new Error(`a wrong product: ${value}`);
  });
}

const integers = (iface: DistributedInterface) =>
  new SharedVariable(ownShare(new LongTensor(Array.from({ length: CHUNK }, (_, i) => i))), iface);

async function runParty(party: Party, address: string, what: string): Promise<Figures> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const [mode, work] = what.split(" ") as [Mode, string];
  const iface = new DistributedInterface(party, {
    ...optionsOf(mode),
    ...(party === 0 ? { bind: address } : { peer: address }),
  });
  await iface.settled();
  const figures: Figures = {};
  const note = (name: string, { ms, bytes }: { ms: number; bytes: number }) => {
    figures[`${name} ms`] = ms;
    figures[`${name} bytes`] = bytes;
  };
  if (work === "matrices")
    for (const { sizes } of PRODUCTS) {
      note(nameOf(sizes), await matmul([iface], [party], sizes, 3));
      note(`${nameOf(sizes)} again`, await matmul([iface], [party], sizes, 4, true));
    }
  if (work === "small") note(nameOf([1, 784, 128]), await matmul([iface], [party], [1, 784, 128], 2));
  if (work === "large") note("512", await matmul([iface], [party], [512, 512, 512], 1));
  if (work === "numbers") {
    const x = integers(iface);
    await multiply(iface, x, CHUNK);
    const [before, start] = [iface.costs().total.bytesSent, performance.now()];
    await multiply(iface, x, MANY);
    figures.ms = performance.now() - start;
    figures.bytes = iface.costs().total.bytesSent - before;
  }
  figures.memory = process.resourceUsage().maxRSS * 1024;
  await iface.close();
  return figures;
}

/** The same products at 100 Mbit/s, where a message and its answer take 20 ms. */
async function slowly(mode: Mode, sizes: Product["sizes"]): Promise<number> {
  const { ahead: _, ...options } = optionsOf(mode);
  const ifaces = simulate({ ...options, latencyMs: 10, bytesPerSecond: 12.5e6 });
  try {
    return (await matmul(ifaces, [0, 1], sizes, 1)).ms;
  } finally {
    await Promise.all(ifaces.map((iface) => iface.close()));
  }
}

/** Microseconds of a transform. */
function transformMicros(degree: number): number {
  const { kernels } = new LatticeEngine();
  const modulus = new Modulus(kernels, 536641537, degree);
  const at = kernels.allocate(degree * 4);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 200; run++) {
    const start = performance.now();
    for (let i = 0; i < 20; i++) modulus.forward(at);
    best = Math.min(best, (performance.now() - start) / 20);
  }
  return best * 1000;
}

export default async function lattice(): Promise<Row[]> {
  const bare = { reference: "", referenceValue: null, ratio: null, floor: null };
  const row = (name: string, value: number, unit: string): Row => ({ name, value, unit, ...bare });
  /** A figure that should be at most `most`. */
  const atMost = (plain: Row, reference: string, most: number): Row => ({
    ...plain,
    reference,
    referenceValue: most,
    ratio: most / plain.value,
    floor: 1,
  });
  const rows: Row[] = [];
  for (const [degree, micros] of [
    [8192, 15.7],
    [16384, 33.3],
  ] as const)
    rows.push(
      atMost(row(`transform of ${degree} points`, transformMicros(degree), "µs"), "prototype", micros),
    );

  const matrices = await measureParties<string>(__filename, "lattice matrices");
  for (const { sizes, peer, ms, megabytes } of PRODUCTS) {
    const name = nameOf(sizes);
    const time = matrices[`${name} ms`]!;
    const both = (2 * matrices[`${name} bytes`]!) / 1e6;
    if (ms) rows.push(atMost(row(name, time, "ms"), "limit", ms));
    if (peer)
      rows.push({
        ...row(`${name}, beside SPU Cheetah`, time, "ms"),
        referenceValue: peer,
        ratio: peer / time,
      });
    const bytes = row(`${name}, both parties`, both, "MB");
    rows.push(megabytes ? atMost(bytes, "limit", megabytes) : bytes);
    rows.push(
      row(`${name}, the same matrix again`, matrices[`${name} again ms`]!, "ms"),
      row(`${name}, the same matrix again, both parties`, (2 * matrices[`${name} again bytes`]!) / 1e6, "MB"),
    );
  }
  const small = nameOf([1, 784, 128]);
  const transferred = await measureParties<string>(__filename, "ot small", 1);
  rows.push(
    {
      ...row(`${small}, beside oblivious transfer`, matrices[`${small} ms`]!, "ms"),
      reference: "oblivious transfer",
      referenceValue: transferred[`${small} ms`]!,
      ratio: transferred[`${small} ms`]! / matrices[`${small} ms`]!,
    },
    row(`${small} by oblivious transfer, both parties`, (2 * transferred[`${small} bytes`]!) / 1e6, "MB"),
  );

  const numbers = await measureParties<string>(__filename, "lattice numbers");
  const chosen = await measureParties<string>(__filename, "auto numbers", 1);
  const byOt = await measureParties<string>(__filename, "ot numbers", 1);
  const rate = (ms: number) => MANY / (ms / 1000);
  rows.push(
    {
      ...row("1M products end to end", rate(numbers.ms!), "1/s"),
      reference: "SPU Cheetah",
      referenceValue: 324_000,
      ratio: rate(numbers.ms!) / 324_000,
      floor: 360 / 324,
    },
    {
      ...row("the same, beside oblivious transfer", rate(numbers.ms!), "1/s"),
      reference: "oblivious transfer",
      referenceValue: rate(byOt.ms!),
      ratio: byOt.ms! / numbers.ms!,
    },
    row("the same, either way as measured", rate(chosen.ms!), "1/s"),
    atMost(row("bytes for each, both parties", (2 * numbers.bytes!) / MANY, "B"), "limit", 250),
    row("the same by oblivious transfer", (2 * byOt.bytes!) / MANY, "B"),
    atMost(row("most memory, 1M products", numbers.memory! / 1e6, "MB"), "limit", 600),
  );
  const large = await measureParties<string>(__filename, "lattice large", 1);
  rows.push(
    row("512×512 · 512×512", large["512 ms"]!, "ms"),
    atMost(row("most memory, 512×512 · 512×512", large.memory! / 1e6, "MB"), "limit", 600),
  );
  setHost({ cell: () => undefined, notify: () => undefined });
  for (const { sizes } of PRODUCTS)
    rows.push(row(`${nameOf(sizes)}, 100 Mbit/s and 20 ms`, await slowly("lattice", sizes), "ms"));
  rows.push(
    row(`${small} by oblivious transfer, 100 Mbit/s and 20 ms`, await slowly("ot", [1, 784, 128]), "ms"),
  );
  return rows;
}

serveParty(runParty);
