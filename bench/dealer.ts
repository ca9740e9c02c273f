/** Measure a dealer and two parties, each a separate process, over loopback TCP, beside measured figures of MP-SPDZ. */

import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Pair } from "zeromq";
import { NODE_FLAGS } from "../kernel/node-flags";
import { SharedVariable } from "../lib/autograd/shared-variable";
import { ownShare } from "../test/support/own-share";
import "../lib/ops/methods";
import { Variable } from "../lib/autograd/variable";
import { randomSeed } from "../lib/crypto/prg";
import { dealInPieces } from "../lib/preprocessing/dealer/dealing/deal";
import { AUTHENTICATED } from "../lib/preprocessing/kinds/raw";
import { shareOf } from "../lib/primitives/shared-tensor";
import { use } from "../lib/protocol/step";
import { multiply } from "../lib/protocol/steps/multiply";
import { ring64 } from "../lib/ring";
import { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { encode } from "../lib/tensor/fixed-point";
import { FloatTensor } from "../lib/tensor/float-tensor";
import { LongTensor, longTensor } from "../lib/tensor/long-tensor";
import { freePort } from "../test/support/free-port";
import { median, type Row } from "./harness";
import { startDealer } from "./reference/dealer";

/** Three processes share two cores, so each uses one thread. */
const ENV = { ...process.env, SPDZLAB_THREADS: "1" };
const RUNS = Number(process.env.SPDZLAB_BENCH_RUNS ?? 15);
const BATCH = 2 ** 16;
const MANY = 1_000_000;
const STREAM = 10_000_000;
const CHAIN = 10_000;
const MATRICES: [name: string, m: number, k: number, n: number][] = [
  ["128×128 · 128×128", 128, 128, 128],
  ["256×256 · 256×256", 256, 256, 256],
  ["1×784 · 784×128", 1, 784, 128],
];

type Security = "semi-honest" | "malicious";

interface Place {
  readonly party: 0 | 1;
  readonly security: Security;
  /** Addresses: of the parties' connection, of the bare round trips, and of the dealer. */
  readonly address: string;
  readonly bare: string;
  readonly dealer: string;
}

/** Figures of a party: milliseconds of each run, and bytes. */
type Figures = Record<string, number[]>;

async function runParty({ party, security, address, bare, dealer }: Place): Promise<Figures> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const where = party === 0 ? { bind: address } : { peer: address };
  const iface = new DistributedInterface(party, { ...where, security, preprocessing: "dealer", dealer });
  await iface.settled();
  const figures: Figures = {};
  const note = (name: string, value: number) => {
    figures[name] ??= [];
    figures[name].push(value);
  };
  const timed = async (name: string, body: () => unknown, rounds = RUNS) => {
    for (let round = -1; round < rounds; round++) {
      const start = performance.now();
      await body();
      await iface.settled();
      if (round >= 0) note(name, performance.now() - start);
    }
  };
  const bytes = () => iface.costs().total.bytesSent;

  // 3 · 5: shares 2 and 1, 2 and 3.
  const constant = (mine: bigint, theirs: bigint) =>
    new SharedVariable(
      ownShare(longTensor(ring64.full(BATCH, party === 0 ? mine : theirs), [BATCH], 0)),
      iface,
    );
  const [x, y] = [constant(2n, 1n), constant(2n, 3n)];
  let last = x.mul(y);
  const multiply = (count: number) => {
    for (let done = 0; done < count; done += BATCH) last = x.mul(y);
  };
  await timed("multiply", () => multiply(MANY));
  const values = (await last.reveal()).toArray() as number[];
  if (values.some((value) => value !== 15)) throw new Error("a wrong product");

  for (const [name, m, k, n] of MATRICES) {
    // Use a new tensor each time: a tensor that was a factor before is masked already.
    const tensor = (rows: number, columns: number) =>
      encode(FloatTensor.full([rows, columns], party === 0 ? 0.25 : 0.5));
    const shared = (values: LongTensor) => new SharedVariable(new Variable(ownShare(values)), iface);
    const pairs = Array.from({ length: 2 * RUNS + 2 }, () => [tensor(m, k), tensor(k, n)] as const);
    let result: SharedVariable | undefined;
    const sent = bytes();
    await timed(name, () => {
      const [left, right] = pairs.pop()!;
      result = shared(left).matmul(shared(right));
    });
    note(`${name}, bytes`, (bytes() - sent) / (RUNS + 1));
    const [[first]] = (await result!.reveal()).toArray() as [[number]];
    if (Math.abs(first - 0.75 * 0.75 * k) > 0.1) throw new Error(`a wrong product of matrices: ${first}`);
    const weight = shared(tensor(k, n));
    await timed(`${name}, the same matrix again`, () => {
      result = shared(pairs.pop()![0]).matmul(weight);
    });
  }

  const one = new SharedVariable(ownShare(new LongTensor([1])), iface);
  for (const { trip, each } of await multiplyInARow(iface, one, bare)) {
    note("round trip", trip);
    note("dependent", each);
  }

  const memory: number[] = [];
  const watch = setInterval(() => memory.push(process.memoryUsage.rss()), 50);
  await timed("stream", () => streamed(iface, () => multiply(MANY)), 1);
  clearInterval(watch);
  note("memory, first tenth", Math.max(...memory.slice(0, Math.ceil(memory.length / 10))));
  note("memory, most", Math.max(...memory));
  await iface.close();
  return figures;
}

async function streamed(iface: DistributedInterface, multiplyMany: () => void): Promise<void> {
  for (let done = 0; done < STREAM; done += MANY) {
    multiplyMany();
    await iface.settled();
  }
}

/**
 * Measure, in milliseconds, each of many products, each computed from the one before, with triples already made, and a
 * round trip of 64 bytes between two bare PAIR sockets. Take turns after every tenth.
 */
async function multiplyInARow(iface: DistributedInterface, x: SharedVariable, address: string) {
  const pair = new Pair({ linger: 0 });
  if (iface.party === 0) await pair.bind(address);
  else pair.connect(address);
  const figures: { trip: number; each: number }[] = [];
  const entered = x.mul(x);
  const turns = 10;
  const run = iface.run({
    description: { kind: "products in a row", operands: [] },
    uses: { products: Array.from({ length: CHAIN }, () => use(multiply, { length: 1 })) },
    async body(_, { products }) {
      let next = 0;
      const factor = await shareOf(entered.tensor).promise;
      // The triples are in production since the operation was issued.
      await sleep(1000);
      let product = factor;
      for (let turn = 0; turn < turns; turn++) {
        const trip = await timeEach(CHAIN / turns, () => roundTrip(pair, iface.party));
        const each = await timeEach(CHAIN / turns, async () => {
          product = await products[next++]!(product, factor);
        });
        figures.push({ trip, each });
      }
    },
  });
  await run.promise;
  pair.close();
  return figures;
}

async function timeEach(times: number, body: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i++) await body();
  return (performance.now() - start) / times;
}

async function roundTrip(pair: Pair, party: 0 | 1): Promise<void> {
  const message = new Uint8Array(64);
  if (party === 0) await pair.send(message);
  await pair.receive();
  if (party === 1) await pair.send(message);
}

function startParty(place: Place): Promise<Figures> {
  const child: ChildProcess = fork(__filename, ["party", JSON.stringify(place)], {
    env: ENV,
    execArgv: [...NODE_FLAGS],
  });
  return new Promise((resolve, reject) => {
    child.on("message", (figures) => resolve(figures as Figures));
    child.on("exit", (code) => reject(new Error(`party ${place.party} ended with ${code}`)));
  });
}

/** The slower party's median of each figure. */
async function measure(security: Security): Promise<(name: string) => number> {
  const { address: dealer, child } = await startDealer(ENV);
  const [address, bare] = [`tcp://127.0.0.1:${await freePort()}`, `tcp://127.0.0.1:${await freePort()}`];
  const both = await Promise.all(
    ([0, 1] as const).map((party) => startParty({ party, security, address, bare, dealer })),
  );
  const memory = peakMemory(child.pid!);
  child.kill();
  return (name) =>
    name === "dealer's memory" ? memory : Math.max(...both.map((figures) => median(figures[name]!)));
}

/** Return the peak memory of a process and of those it started, in bytes, if the system reports it. */
function peakMemory(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    return children.reduce((sum, child) => sum + peakMemory(Number(child)), Number(kilobytes) * 1024);
  } catch {
    return 0;
  }
}

/** A step of dealing holds the dealer's thread; so many of them in a second are the least. */
const STEPS = [
  ["a tall matrix times a vector", AUTHENTICATED, "product 0 1 16384 1024 1 2", 4],
  ["the largest product", AUTHENTICATED, "product 0 1 2048 2048 2048 2", 2],
] as const;

function dealingSteps(): Row[] {
  return STEPS.map(([name, layout, kind, floor]) => {
    const seeds = [randomSeed(), randomSeed()] as const;
    const pieces = dealInPieces({ kind, count: 1, start: 0 }, { layout, seeds });
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now();
      pieces.next();
      return performance.now() - start;
    });
    pieces.return();
    const value = 1000 / median(times);
    return {
      name: `malicious: steps of dealing ${name} in a second`,
      value,
      unit: "1/s",
      reference: "",
      referenceValue: null,
      ratio: null,
      floor,
    };
  });
}

export default async function dealer(): Promise<Row[]> {
  const rows: Row[] = dealingSteps();
  for (const security of ["semi-honest", "malicious"] as const) {
    const of = await measure(security);
    const plain = security === "semi-honest";
    /** The reference figures are for shares without MACs. */
    const row = (
      name: string,
      value: number,
      unit: string,
      mark: number | null,
      ratio: number | null,
      floor: number | null,
    ) =>
      rows.push({
        name: `${security}: ${name}`,
        value,
        unit,
        reference: plain && mark !== null ? "MP-SPDZ, measured" : "",
        referenceValue: plain ? mark : null,
        ratio: plain && mark !== null ? ratio : null,
        floor: plain ? floor : null,
      });
    const rate = MANY / (of("multiply") / 1000);
    row("1M multiplications end to end", rate, "1/s", 3_200_000, rate / 3_200_000, 6 / 3.2);
    const marks = [
      [25, 10],
      [184, 60],
      [null, 4],
    ] as const;
    for (const [index, [name]] of MATRICES.entries()) {
      const [mark, most] = marks[index]!;
      const ms = of(name);
      if (mark !== null) row(`${name}, truncated`, ms, "ms", mark, mark / ms, mark / most);
      else {
        row(`${name}, truncated: in a second`, 1000 / ms, "1/s", null, null, 1000 / most);
      }
      row(`${name}, the same matrix again`, of(`${name}, the same matrix again`), "ms", null, null, null);
      row(`${name}: bytes each way between the parties`, of(`${name}, bytes`), "B", null, null, null);
    }
    const [trip, each] = [of("round trip"), of("dependent")];
    rows.push({
      name: `${security}: each of 10k dependent multiplications`,
      value: each,
      unit: "ms",
      reference: "bare zeromq round trip",
      referenceValue: trip,
      ratio: trip / each,
      floor: 1 / 1.5,
    });
    row("10M multiplications in a stream", STREAM / (of("stream") / 1000), "1/s", null, null, null);
    row("memory of a party during that, most", of("memory, most") / 2 ** 20, "MiB", null, null, null);
    row("memory of the dealer, most", of("dealer's memory") / 2 ** 20, "MiB", null, null, null);
    row("memory of a party in its first tenth", of("memory, first tenth") / 2 ** 20, "MiB", null, null, null);
  }
  return rows;
}

if (process.argv[2] === "party" && process.send) {
  runParty(JSON.parse(process.argv[3]!)).then(
    (figures) => process.send!(figures, () => process.exit(0)),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
