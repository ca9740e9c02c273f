/** Measure the kernel beside plain tslab: first result, a cell, completion and memory, over several starts of each. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Row } from "./harness";

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

export default async function suite(): Promise<Row[]> {
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
