/**
 * Measure comparisons through the steps of a session, between two processes over loopback TCP, with the making of their
 * correlated randomness, and without MACs beside SPU and CrypTen in the same run, each with its largest error. The first
 * party of SPU semi2k and of CrypTen knows all randomness. Floors are set by figures of a quiet machine.
 */

import { SharedVariable } from "../lib/autograd/shared-variable";
import type { Party } from "../lib/channel/channel";
import { shareOf } from "../lib/primitives/shared-tensor";
import { use } from "../lib/protocol/step";
import { compare as compareStep } from "../lib/protocol/steps/compare";
import "../lib/autograd/input";
import "../lib/ops/methods";
import { reveal } from "../lib/protocol/steps/reveal";
import { ring64 } from "../lib/ring";
import { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { longTensor } from "../lib/tensor/long-tensor";
import { measureParties, type Row, serveParty } from "./harness";
import { startDealer } from "./reference/dealer";
import { makePeers } from "./reference/peers/environment";
import { Peer } from "./reference/peers/peer";

/** Elements of one operation: of comparisons, of the stream of operations, of a ReLU. */
const SIZES = {
  "semi-honest": { many: 100_000, chunk: 16_384, relu: 100_000 },
  malicious: { many: 10_000, chunk: 5_000, relu: 1_000 },
} as const;
/** Fixed-point products, each with a truncation, with MACs. */
const PRODUCTS = 10_000;
const RUNS = Number(process.env.SPDZLAB_BENCH_REPEATS ?? 5);

type Security = keyof typeof SIZES;
type Figure = "one" | "stream" | "relu" | "bytes" | "cpu" | "products";

/** @param what - the security and the dealer's address, if there is one */
async function runParty(party: Party, address: string, what: string): Promise<Record<Figure, number>> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const [security, dealer = ""] = what.split(" ") as [Security, string?];
  const { many: MANY, chunk: CHUNK, relu: RELUS } = SIZES[security];
  const where = party === 0 ? { bind: address } : { peer: address };
  const source =
    dealer === "" ? ({ preprocessing: "ot" } as const) : { preprocessing: "dealer" as const, dealer };
  const iface = new DistributedInterface(party, { security, ahead: 0, ...source, ...where });
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
  const [many, few, forRelu] = [shared(MANY), shared(CHUNK), shared(RELUS)];
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
    stream.push(performance.now() - start);
  }
  await check(many, MANY);
  const relus: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const result = await forRelu.relu().reveal();
    relus.push(performance.now() - start);
    if (result.values.some((value, j) => value !== (j % 2 === 0 ? j : 0))) throw new Error("a wrong ReLU");
  }
  const products: number[] = [];
  if (security === "malicious") {
    const values = Array.from({ length: PRODUCTS }, (_, i) => (i % 2 === 0 ? i / 16 : -i / 16));
    const x = await iface.input(0, () => values, { shape: [PRODUCTS] });
    const y = await iface.input(1, () => values.map((value) => value / 8), { shape: [PRODUCTS] });
    for (let i = 0; i < RUNS; i++) {
      const start = performance.now();
      const result = await x.mul(y).reveal();
      products.push(performance.now() - start);
      const wrong = result.values.some((value, j) => Math.abs(value - values[j]! ** 2 / 8) > 2 ** -16);
      if (wrong) throw new Error("a wrong product");
    }
  }
  await iface.close();
  const middle = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;
  return {
    one: middle(times),
    stream: middle(stream),
    relu: middle(relus),
    bytes,
    cpu: (user + system) / RUNS / MANY,
    products: products.length === 0 ? 0 : middle(products),
  };
}

/** Figures of a peer, and the least that passes; bytes of 0 have no limit. */
interface Marks {
  readonly peer: string;
  readonly mark: number;
  readonly floor: number;
  readonly mostBytes: number;
  readonly relu: number;
  readonly reluFloor: number;
}

export default async function compare(): Promise<Row[]> {
  await makePeers();
  const rows: Row[] = [];
  const report = (mode: string, security: Security, of: Record<Figure, number>, marks: Marks) => {
    const { many, chunk, relu } = SIZES[security];
    const { peer, floor } = marks;
    const row = (name: string, value: number, unit: string, more: Partial<Row> = {}) =>
      rows.push({
        ...{ name: `${mode}: ${name}`, value, unit, reference: "", referenceValue: null, ratio: null },
        ...{ floor: null, ...more },
      });
    const count = (n: number) => n.toLocaleString("en");
    const rate = many / (of.one / 1000);
    row(`${count(many)} comparisons of 64 bits in one operation, items made too`, rate, "1/s", {
      ...{ reference: peer, referenceValue: marks.mark, ratio: rate / marks.mark },
      floor: floor / marks.mark,
    });
    const stream = (chunk * Math.ceil(many / chunk)) / (of.stream / 1000);
    row(`the same in operations of ${count(chunk)} at once`, stream, "1/s");
    row("bytes for each between the parties, of both", 2 * of.bytes, "B", {
      ...(marks.mostBytes > 0 && {
        reference: "limit",
        referenceValue: marks.mostBytes,
        ratio: marks.mostBytes / (2 * of.bytes),
        floor: 1,
      }),
    });
    row(`ReLU on ${count(relu)}, revealed`, of.relu, "ms", {
      ...{ reference: peer, referenceValue: marks.relu, ratio: marks.relu / of.relu },
      floor: marks.relu / marks.reluFloor,
    });
    row("processor time for each, of one party", of.cpu, "µs");
    if (security === "malicious")
      row(`${count(PRODUCTS)} fixed-point products with truncation, revealed`, of.products, "ms", {
        ...{ reference: peer, referenceValue: 36_800, ratio: 36_800 / of.products },
        floor: 36_800 / 6_000,
      });
  };
  /** The same work by other systems, which take turns with ours. */
  const reportBeside = async (
    mode: string,
    of: Record<Figure, number>,
    systems: readonly Peer["system"][],
  ) => {
    const { many } = SIZES["semi-honest"];
    for (const system of systems) {
      const peer = new Peer(system);
      for (const [work, ours] of [
        ["compare", of.one],
        ["relu", of.relu],
      ] as const) {
        const theirs = await peer.measure(work, RUNS);
        if (!theirs) continue;
        const [rate, reference] = [(many * 1000) / ours, many / theirs.seconds];
        rows.push({
          ...{
            name: `${mode}: ${work} on 100,000, beside ${system}`,
            value: rate,
            unit: "1/s",
            reference: system,
          },
          ...{ referenceValue: reference, ratio: rate / reference, floor: null },
        });
        rows.push({
          ...{
            name: `${system}: ${work}: largest error`,
            value: theirs.error * 2 ** 16,
            unit: "units of 2^-16",
          },
          ...{ reference: "", referenceValue: null, ratio: null, floor: null },
        });
      }
      peer.close();
    }
  };
  const cheetah = { mark: 154_000, floor: 155_000, mostBytes: 600, relu: 720, reluFloor: 700 };
  const plain = await measureParties<Figure>(__filename, "semi-honest");
  report("semi-honest", "semi-honest", plain, { peer: "SPU, on a quiet machine", ...cheetah });
  await reportBeside("semi-honest", plain, ["spu_cheetah"]);
  const { address, child } = await startDealer();
  const dealt = { mark: 1_440_000, floor: 1_500_000, mostBytes: 0, relu: 95, reluFloor: 90 };
  const withDealer = await measureParties<Figure>(__filename, `semi-honest ${address}`);
  report("dealer", "semi-honest", withDealer, { peer: "SPU, on a quiet machine", ...dealt });
  await reportBeside("dealer", withDealer, ["spu_semi2k", "crypten_tfp"]);
  const mpSpdz = {
    peer: "MP-SPDZ, on a quiet machine",
    mark: 412,
    floor: 1_500,
    mostBytes: 0,
    relu: 2_100,
    reluFloor: 800,
  };
  report("malicious", "malicious", await measureParties<Figure>(__filename, "malicious"), mpSpdz);
  report(
    ...(["malicious, dealer", "malicious"] as const),
    await measureParties<Figure>(__filename, `malicious ${address}`),
    mpSpdz,
  );
  child.kill();
  return rows;
}

serveParty(runParty);
