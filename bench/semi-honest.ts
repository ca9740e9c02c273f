/**
 * Measure semi-honest security from oblivious transfer, through the public interface, between two processes over
 * loopback TCP, beside measured figures of MP-SPDZ (C++, one thread).
 */

import { SharedVariable } from "../lib/autograd/shared-variable";
import { ownShare } from "../test/support/own-share";
import "../lib/ops/methods";
import type { Party } from "../lib/channel/channel";
import { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { LongTensor } from "../lib/tensor/long-tensor";
import { measureParties, type Row, serveParty } from "./harness";

const MANY = 1_000_000;
const FIXED = 250_000;
const STREAM = 10_000_000;
/** Elements of one operation, and the number of operations running at once. */
const CHUNK = 8192;
const AT_ONCE = 32;

/** Figures of one run, in milliseconds or bytes. */
type Figure = "setUp" | "endToEnd" | "bytes" | "cpu" | "fixed";
type StreamFigure = "early" | "most";

/** Multiply `count` pairs of elements and reveal the last product. */
async function multiply(
  iface: DistributedInterface,
  x: SharedVariable,
  count: number,
  each: (done: number) => void = () => undefined,
): Promise<void> {
  const other = x.detach();
  let product = x;
  for (let done = 0, operations = 1; done < count; done += CHUNK, operations++) {
    // Two handles, for a value and itself would be a square.
    product = x.mul(other);
    if (operations % AT_ONCE !== 0) continue;
    await iface.settled();
    each(done);
  }
  await product.reveal();
}

async function runParty(party: Party, address: string, what: string) {
  setHost({ cell: () => undefined, notify: () => undefined });
  const where = party === 0 ? { bind: address } : { peer: address };
  // Make nothing ahead: items that are not needed would count as cost.
  const mode = { security: "semi-honest", preprocessing: "ot", ahead: 0 } as const;
  const iface = new DistributedInterface(party, { ...mode, ...where });
  const settled = iface.settled();
  while (!iface.connected) await new Promise((resolve) => setTimeout(resolve, 1));
  const begun = performance.now();
  await settled;
  const setUp = performance.now() - begun;
  const integers = new SharedVariable(
    ownShare(new LongTensor(Array.from({ length: CHUNK }, (_, i) => i))),
    iface,
  );
  await integers.mul(integers.detach()).reveal();
  const figures = what === "stream" ? await stream(iface, integers) : await speed(iface, integers, setUp);
  await iface.close();
  return figures;
}

async function speed(
  iface: DistributedInterface,
  integers: SharedVariable,
  setUp: number,
): Promise<Record<Figure, number>> {
  const sent = () => iface.costs().total.bytesSent;
  const [bytesBefore, cpuBefore, start] = [sent(), process.cpuUsage(), performance.now()];
  await multiply(iface, integers, MANY);
  const endToEnd = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const bytes = sent() - bytesBefore;
  const fractions = integers.mul(1 / 64);
  const begun = performance.now();
  await multiply(iface, fractions, FIXED);
  return { setUp, endToEnd, bytes, cpu: user + system, fixed: performance.now() - begun };
}

/** Measure peak memory in the first half of a stream, and in the whole stream. */
async function stream(
  iface: DistributedInterface,
  integers: SharedVariable,
): Promise<Record<StreamFigure, number>> {
  let [early, most] = [0, 0];
  await multiply(iface, integers, STREAM, (done) => {
    most = Math.max(most, process.memoryUsage.rss());
    if (done < STREAM / 2) early = most;
  });
  return { early, most };
}

export default async function semiHonest(): Promise<Row[]> {
  const of = await measureParties<Figure>(__filename);
  const { early, most } = await measureParties<StreamFigure>(__filename, "stream", 1);
  const row = (name: string, value: number, unit: string): Row => ({
    name,
    value,
    unit,
    reference: "",
    referenceValue: null,
    ratio: null,
    floor: null,
  });
  /** Compare with MP-SPDZ, at the better end of its measured figures. */
  const beside = (plain: Row, referenceValue: number, ratio: number, floor: number): Row => ({
    ...plain,
    reference: "MP-SPDZ, measured",
    referenceValue,
    ratio,
    floor,
  });
  const rate = MANY / (of.endToEnd / 1000);
  const bytes = (2 * of.bytes) / MANY;
  const megabytes = (value: number) => value / 1e6;
  return [
    beside(row("1M multiplications end to end", rate, "1/s"), 140_000, rate / 140_000, 1),
    beside(row("bytes for each, of both parties", bytes, "B"), 2100, 2100 / bytes, 2100 / 1600),
    row("processor time for each, of one party", of.cpu / MANY, "µs"),
    row("fixed-point multiplications with truncation", FIXED / (of.fixed / 1000), "1/s"),
    row("set-up", of.setUp, "ms"),
    {
      ...row("most memory in a stream of 10M", megabytes(most), "MB"),
      reference: "limit",
      referenceValue: 1000,
      ratio: 1000 / megabytes(most),
      floor: 1,
    },
    {
      ...row("the same in the first half", megabytes(early), "MB"),
      reference: "in all",
      referenceValue: megabytes(most),
      ratio: early / most,
      floor: 0.85,
    },
  ];
}

serveParty(runParty);
