/** Measure the kernel beside plain tslab: first result, a cell, completion and memory, over several starts of each. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { KernelClient, type Message } from "../test/kernel/client";
import { freePort } from "../test/support/free-port";
import { median, type Row } from "./harness";

const STARTS = Number(process.env.SPDZLAB_BENCH_STARTS ?? 5);
/** At most 1.2 times plain tslab's processor time and memory. */
const FLOOR = 1 / 1.2;

const FIGURES = [
  ["start to first result", "first_result_ms", "ms", null],
  ["start to first result, processor time", "cpu_to_first_result_ms", "ms", FLOOR],
  ["a cell", "cell_ms", "ms", null],
  ["completion", "complete_ms", "ms", null],
  ["resident memory", "rss_mb", "MB", FLOOR],
] as const;

/** Answers measured while correlated randomness is made. */
const PROBES = 12;
/** An answer within 100 ms is not felt. */
const ANSWERS = 10;
/** A loop over a top-level variable takes at most 1.5 times as long as in plain Node. */
const LOOP = 1 / 1.5;

/**
 * Milliseconds that a completion takes, and an interrupt until its cell has ended, while a thread of the kernel makes
 * correlated randomness. Medians.
 */
async function answersWhileMaking(): Promise<{ completion: number; interrupt: number }> {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const env = { SPDZ_BIND: address, SPDZ_PEER: address };
  const [kernel, other] = await Promise.all([KernelClient.start({ env }), KernelClient.start({ env })]);
  try {
    const multiply = (party: number) => `const iface = new DistributedInterface(${party});
const secret = (n: number) => new SharedVariable(spdz.share(LongTensor.zeros(1, 20000))[0], iface);
const product = secret(0).mul(secret(1));`;
    let running = kernel.begin(multiply(0));
    other.begin(multiply(1));
    await kernel.waitFor(
      ({ header, content }: Message) =>
        header.msg_type === "update_display_data" &&
        /^Making correlated randomness.* [1-9]/.test(content.data["text/plain"]),
    );
    const [completions, interrupts]: [number[], number[]] = [[], []];
    for (let i = 0; i < PROBES; i++) {
      const began = performance.now();
      await kernel.request("complete_request", { code: "spdz.enc", cursor_pos: 8 });
      completions.push(performance.now() - began);
    }
    for (let i = 0; i < PROBES; i++) {
      const began = performance.now();
      await Promise.all([kernel.request("interrupt_request", {}, "control"), kernel.finished(running)]);
      interrupts.push(performance.now() - began);
      // A cell that waits for the products, which are still being made.
      running = kernel.begin("await iface.settled()");
      await kernel.waitFor(
        ({ header, parent }) => header.msg_type === "display_data" && parent.msg_id === running,
      );
    }
    return { completion: median(completions), interrupt: median(interrupts) };
  } finally {
    await Promise.all([kernel.stop(), other.stop()]);
  }
}

/** How long a loop over a top-level variable takes in a cell, and in plain Node in the same process. */
async function loop(): Promise<{ cell: number; plain: number }> {
  const kernel = await KernelClient.start();
  try {
    const work = "let s = 0.5; for (let i = 0; i < 1e8; i++) s += i % 7;";
    const time = `const t = performance.now();\n${work}\nconst ms = performance.now() - t; ms`;
    const body = `(() => { const t = performance.now(); ${work} return performance.now() - t })()`;
    const plainly = `require("vm").runInThisContext(${JSON.stringify(body)})`;
    const run = async (code: string) => Number((await kernel.run(code)).result);
    const [cells, plains]: [number[], number[]] = [[], []];
    for (let round = 0; round < 7; round++) {
      cells.push(await run(time));
      plains.push(await run(plainly));
    }
    return { cell: median(cells), plain: median(plains) };
  } finally {
    await kernel.stop();
  }
}

export default async function suite(): Promise<Row[]> {
  const { completion, interrupt } = await answersWhileMaking();
  const { cell, plain } = await loop();
  return [
    ...(await besideTslab()),
    ...Object.entries({ completions: completion, interrupts: interrupt }).map(([name, ms]) => ({
      name: `${name} in a second while products are prepared`,
      value: 1000 / ms,
      unit: "1/s",
      reference: "",
      referenceValue: null,
      ratio: null,
      floor: ANSWERS,
    })),
    {
      name: "a loop over a top-level variable",
      value: cell,
      unit: "ms",
      reference: "plain Node",
      referenceValue: plain,
      ratio: plain / cell,
      floor: LOOP,
    },
  ];
}

async function besideTslab(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-bench-"));
  try {
    const spec = join(folder, "kernels/tslab");
    mkdirSync(spec, { recursive: true });
    const tslab = join(
      dirname(require.resolve("tslab/package.json", { paths: [resolve(".")] })),
      "bin/tslab",
    );
    const argv = [process.execPath, tslab, "kernel", "--config-path={connection_file}"];
    const kernel = { argv, display_name: "tslab", language: "typescript" };
    writeFileSync(join(spec, "kernel.json"), JSON.stringify(kernel));
    const { status, stdout, stderr } = spawnSync(
      resolve(".venv/bin/python"),
      [resolve("bench/kernel.py"), String(STARTS), "tslab", "spdzlab"],
      { encoding: "utf8", env: { ...process.env, JUPYTER_PATH: folder } },
    );
    if (status !== 0) throw new Error(`bench/kernel.py ended with ${status}: ${stderr}`);
    const { tslab: plain, spdzlab: ours } = JSON.parse(stdout) as Record<string, Record<string, number>>;
    return FIGURES.map(([name, key, unit, floor]) => ({
      name,
      value: ours![key]!,
      unit,
      reference: "plain tslab",
      referenceValue: plain![key]!,
      ratio: plain![key]! / ours![key]!,
      floor,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
