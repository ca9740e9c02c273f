/**
 * Measure the tensor library on shares: layout and sums beside NumPy's uint64, and operations of a session with a dealer.
 *
 * Rates of layout and sums count 64-bit words. A share without MACs has one of them for an element, and each half of a
 * share with MACs, which is mod 2^128, has two.
 */

import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { resolve } from "node:path";
import { NODE_FLAGS } from "../kernel/node-flags";
import { type Ring, type RingVector, ring64, ring128, setThreads } from "../lib/ring";
import { type Layout, moveElements } from "../lib/tensor/layout";
import { joinAlong } from "../lib/tensor/parts";
import { addUp, planReduction } from "../lib/tensor/reduction";
import { type SliceRange, sliceLayout } from "../lib/tensor/slices";
import { flipLayout, transposeLayout } from "../lib/tensor/views";
import type { Row } from "./harness";
import { type Contest, hold, processes } from "./reference/contest";
import { type Reference, startNumpy } from "./reference/process";

const SHAPE = [1024, 1024];
const ELEMENTS = 1 << 20;
/** The least share of NumPy's rate. */
const FLOOR = 0.5;
/** Words per millisecond that make 10^9 per second. */
const G = 1e6;
const entropy = { fill: (target: Uint8Array) => void randomFillSync(target) };

const SLICE: readonly SliceRange[] = [
  [8, 1000, 2],
  [16, 1008],
];

function contests(ring: Ring, numpy: Reference | null): Contest[] {
  const [a, b] = [0, 1].map(() => ring.random(ELEMENTS, entropy)) as [RingVector, RingVector];
  const words = ring.bits / 64;
  const contest = (name: string, work: string, elements: number, engine: () => RingVector): Contest => ({
    name: `${name}, mod 2^${ring.bits}`,
    unit: "Gwords/s",
    amount: (elements * words) / G,
    repetitions: 20,
    engine,
    // NumPy moves one word for each element.
    against: processes([[numpy, work, FLOOR]]).map((each) => ({ ...each, amount: elements / G })),
  });
  const move = (name: string, work: string, layout: Layout) =>
    contest(
      name,
      work,
      layout.shape.reduce((size, extent) => size * extent, 1),
      () => moveElements(ring, a, layout),
    );
  const join = (axis: number) => {
    const { rows } = joinAlong([SHAPE, SHAPE], axis);
    return contest(`concat along axis ${axis}, 2M`, `concat-${axis}`, 2 * ELEMENTS, () =>
      ring.concat([a, b], rows),
    );
  };
  const sum = (axis: number) => {
    const plan = planReduction("sum", SHAPE, axis);
    return contest(`sum over axis ${axis}, 1M`, `sum-${axis}`, ELEMENTS, () => addUp(ring, a, plan));
  };
  return [
    move("slice [8:1000:2, 16:1008]", "slice", sliceLayout(SHAPE, SLICE)),
    move("slice [:, ::-1]", "slice-reverse", flipLayout(SHAPE, 1)),
    move("transpose, 1M", "transpose", transposeLayout(SHAPE)),
    join(0),
    join(1),
    sum(0),
    sum(1),
  ];
}

/** Two simulated parties and a dealer, in a process of their own; its figures by name. */
function session(work: string): Record<string, number> {
  return JSON.parse(
    execFileSync(process.execPath, [...NODE_FLAGS, "-e", work], {
      encoding: "utf8",
      cwd: resolve("."),
      maxBuffer: 2 ** 24,
    }),
  ) as Record<string, number>;
}

/** Start a session of two parties in this process, with a dealer's randomness in a thread of its own. */
const START = `
  const spdz = require("./dist/lib");
  const log = console.log;
  console.warn = console.info = () => {};
  const { setHost } = require("./dist/lib/session/host/host");
  setHost({ cell: () => undefined, notify: () => undefined });
  const { parseAddress } = require("./dist/lib/channel/address");
  const { DealerServer } = require("./dist/lib/preprocessing/dealer/desk/server");
  const { dealCorrections } = require("./dist/lib/preprocessing/dealer/dealing/request");
  const start = async (security) => {
    const server = new DealerServer({ address: parseAddress("tcp://127.0.0.1:*", "bind", true), deal: dealCorrections });
    await server.listen();
    const pair = spdz.simulate({ security, preprocessing: "dealer", dealer: server.address });
    await Promise.all(pair.map((iface) => iface.settled()));
    const end = async () => { await Promise.all(pair.map((iface) => iface.close())); await server.close(); };
    return { pair, end };
  };
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];`;

const CONVOLVE = `${START}
  (async () => {
    const figures = {};
    for (const security of ["semi-honest", "malicious"]) {
      const { pair, end } = await start(security);
      const random = (...shape) => spdz.FloatTensor.from(Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random()), shape);
      const [image, filters] = [random(1, 1, 28, 28), random(8, 1, 5, 5)];
      const shared = await Promise.all(pair.map((iface) => Promise.all([iface.input(0, () => image), iface.input(1, () => filters)])));
      const times = [];
      for (let round = 0; round < 60; round++) {
        const begin = performance.now();
        await Promise.all(pair.map(async (iface, i) => { shared[i][0].conv2d(shared[i][1]); await iface.settled(); }));
        if (round >= 20) times.push(performance.now() - begin);
      }
      figures[security] = 1000 / median(times);
      await end();
    }
    log(JSON.stringify(figures));
    process.exit(0);
  })();`;

const MEAN = `${START}
  (async () => {
    const { pair: [zero], end } = await start("malicious");
    const count = (length) => {
      const planned = spdz.plan(() => zero.lift(spdz.FloatTensor.ones(length)).mean());
      return planned.items.filter(({ kind }) => /trunc/.test(kind)).reduce((sum, { needed }) => sum + needed, 0);
    };
    const figures = { one: count(3), million: count(1_000_000) };
    await end();
    log(JSON.stringify(figures));
    process.exit(0);
  })();`;

/** Slice, join, reverse and add up 10M elements, again and again; the peak of the process in MB. */
const PIPELINE = `${START}
  (async () => {
    const { pair, end } = await start("semi-honest");
    const values = Float64Array.from({ length: 10_000_000 }, (_, i) => i % 97);
    const matrix = spdz.FloatTensor.from(values, [10_000, 1000]);
    let peak = 0;
    const watch = () => { peak = Math.max(peak, process.memoryUsage().rss); };
    const timer = setInterval(watch, 5);
    const run = async (iface) => {
      const x = await iface.input(0, () => matrix);
      const means = [];
      for (let i = 0; i < 10; i++) {
        const halves = x.flip(1).t().split([500, 500]);
        means.push(spdz.concat(halves, 0).sub(i).mean(1));
        await iface.settled();
        watch();
      }
      return spdz.stack(means).sum().reveal();
    };
    const [sum] = await Promise.all(pair.map(run));
    let expected = 0;
    for (const value of values) expected += value;
    expected = (expected / 10_000) * 10 - 45 * 1000;
    if (Math.abs(sum.item() - expected) > 10_000 * 2 ** -15) throw new Error("a wrong sum: " + sum.item() + " instead of " + expected);
    clearInterval(timer);
    await end();
    log(JSON.stringify({ peak: peak / 1e6 }));
    process.exit(0);
  })();`;

function row(name: string, value: number, unit: string, floor: number | null): Row {
  return { name, value, unit, reference: "", referenceValue: null, ratio: null, floor };
}

export default async function suite(): Promise<Row[]> {
  const numpy = startNumpy();
  const rows: Row[] = [];
  setThreads(1);
  for (const ring of [ring64, ring128])
    for (const contest of contests(ring, numpy)) rows.push(...(await hold(contest)));
  numpy?.close();
  const { one, million } = session(MEAN) as { one: number; million: number };
  rows.push({
    ...row("mean of 1M elements: truncations", million, "truncations", 1),
    reference: "mean of 3 elements",
    referenceValue: one,
    ratio: one / million,
  });
  for (const [security, rate] of Object.entries(session(CONVOLVE)))
    rows.push(
      row(
        `conv2d 1×28×28, 8 filters 5×5, dealer, ${security}`,
        rate,
        "/s",
        security === "semi-honest" ? 200 : null,
      ),
    );
  rows.push(
    row("10M elements through a pipeline ten times, both parties: peak", session(PIPELINE).peak!, "MB", null),
  );
  return rows;
}
