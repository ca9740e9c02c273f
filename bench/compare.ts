/**
 * Measure comparisons without MACs, through the steps of a session, between two processes over loopback TCP, with the
 * making of their correlated randomness, beside measured figures of SPU (Cheetah, and its dealer of the first party).
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../kernel/package";
import { SharedVariable } from "../lib/autograd/shared-variable";
import type { Party } from "../lib/channel/channel";
import { shareOf } from "../lib/primitives/shared-tensor";
import { use } from "../lib/protocol/step";
import { compare as compareStep } from "../lib/protocol/steps/compare";
import "../lib/ops/methods";
import { reveal } from "../lib/protocol/steps/reveal";
import { ring64 } from "../lib/ring";
import { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { longTensor } from "../lib/tensor/long-tensor";
import { measureParties, type Row, serveParty } from "./harness";

const MANY = 100_000;
/** Elements of one operation in the stream of operations. */
const CHUNK = 16_384;
const RUNS = Number(process.env.SPDZLAB_BENCH_REPEATS ?? 5);

type Figure = "one" | "stream" | "relu" | "bytes" | "cpu";

async function runParty(party: Party, address: string, dealer: string): Promise<Record<Figure, number>> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const where = party === 0 ? { bind: address } : { peer: address };
  const source =
    dealer === "" ? ({ preprocessing: "ot" } as const) : { preprocessing: "dealer" as const, dealer };
  const iface = new DistributedInterface(party, { security: "semi-honest", ahead: 0, ...source, ...where });
  await iface.settled();
  // Shares of 0, 1, −1, 2, −2, …: the second party's share is what is left.
  const share = (length: number) => {
    const values = Array.from({ length }, (_, i) => (i % 2 === 0 ? BigInt(i) : -BigInt(i)));
    const mask = values.map((_, i) => BigInt(i) * 0x9e3779b97f4a7c15n);
    return ring64.fromBigInts(party === 0 ? mask : values.map((x, i) => x - mask[i]!));
  };
  const shared = (length: number) =>
    new SharedVariable(longTensor(share(length), [length], 0, { isShare: true }), iface);
  const run = (x: ReturnType<typeof shared>, length: number) =>
    iface.run({
      description: { kind: "compare", operands: [] },
      inputs: [shareOf(x.tensor)],
      uses: {
        compare: use(compareStep, { length, comparison: "negative" }),
        reveal: use(reveal, { length }),
      },
      body: async (_, { compare, reveal }) => reveal(await compare(shareOf(x.tensor).value)),
    });
  const check = async (x: ReturnType<typeof shared>, length: number) => {
    const found = ring64.toBigInts(await run(x, length).promise);
    if (found.some((bit, i) => bit !== BigInt(i % 2))) throw new Error("a wrong comparison");
  };
  const [many, few] = [shared(MANY), shared(CHUNK)];
  await check(few, CHUNK);
  const sent = () => iface.costs().total.bytesSent;
  const times: number[] = [];
  const [bytesBefore, cpuBefore] = [sent(), process.cpuUsage()];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await run(many, MANY).promise;
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const bytes = (sent() - bytesBefore) / RUNS / MANY - 8;
  const stream: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await Promise.all(Array.from({ length: Math.ceil(MANY / CHUNK) }, () => run(few, CHUNK).promise));
    stream.push(((performance.now() - start) * MANY) / (CHUNK * Math.ceil(MANY / CHUNK)));
  }
  await check(many, MANY);
  const relus: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const result = await many.relu().reveal();
    relus.push(performance.now() - start);
    if (result.values.some((value, j) => value !== (j % 2 === 0 ? j : 0))) throw new Error("a wrong ReLU");
  }
  await iface.close();
  const middle = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;
  return {
    one: middle(times),
    stream: middle(stream),
    relu: middle(relus),
    bytes,
    cpu: (user + system) / RUNS / MANY,
  };
}

/** Start `spdzlab dealer` and return its address. */
async function startDealer() {
  const cli = join(packageRoot, "dist/cli/main.js");
  const env = { ...process.env, SPDZLAB_THREADS: "1", SPDZ_CONFIG: "/nonexistent" };
  const child = spawn(process.execPath, [cli, "dealer", "--bind", "tcp://127.0.0.1:*"], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /listens at (\S+)/.exec(line)?.[1];
    if (address) return { address, child };
  }
  throw new Error("the dealer did not start");
}

/** Figures of the reference, and the least that passes; bytes of 0 have no limit. */
interface Marks {
  readonly mark: number;
  readonly floor: number;
  readonly mostBytes: number;
  readonly relu: number;
  readonly reluFloor: number;
}

export default async function compare(): Promise<Row[]> {
  const rows: Row[] = [];
  const report = (
    mode: string,
    of: Record<Figure, number>,
    { mark, floor, mostBytes, relu, reluFloor }: Marks,
  ) => {
    const row = (name: string, value: number, unit: string, more: Partial<Row> = {}) =>
      rows.push({
        ...{ name: `${mode}: ${name}`, value, unit, reference: "", referenceValue: null, ratio: null },
        ...{ floor: null, ...more },
      });
    const rate = MANY / (of.one / 1000);
    const beside = { reference: "SPU, measured", referenceValue: mark, ratio: rate / mark };
    row("100k comparisons of 64 bits in one operation, items made too", rate, "1/s", {
      ...beside,
      floor: floor / mark,
    });
    row("the same in operations of 16,384 at once", MANY / (of.stream / 1000), "1/s");
    row("bytes for each between the parties, of both", 2 * of.bytes, "B", {
      ...(mostBytes > 0 && {
        reference: "limit",
        referenceValue: mostBytes,
        ratio: mostBytes / (2 * of.bytes),
        floor: 1,
      }),
    });
    row("ReLU on 100k, revealed", of.relu, "ms", {
      reference: "SPU, measured",
      referenceValue: relu,
      ratio: relu / of.relu,
      floor: relu / reluFloor,
    });
    row("processor time for each, of one party", of.cpu, "µs");
  };
  report("semi-honest", await measureParties<Figure>(__filename), {
    ...{ mark: 154_000, floor: 155_000, mostBytes: 600 },
    ...{ relu: 720, reluFloor: 700 },
  });
  const { address, child } = await startDealer();
  report("dealer", await measureParties<Figure>(__filename, address), {
    ...{ mark: 1_440_000, floor: 1_500_000, mostBytes: 0 },
    ...{ relu: 95, reluFloor: 90 },
  });
  child.kill();
  return rows;
}

serveParty(runParty);
