/** The sequence diagram and the bars, as a notebook gets them. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel.stop());

test("a cell's messages are drawn in the cell that asks", async () => {
  const made = await kernel.run(
    "const pair = spdz.simulate(); const both = pair.map(async (iface) => { const [x, y] = await iface.inputs([[iface.party, 2]]); return x.mul(y).reveal(); }); await Promise.all(both); pair.length",
  );
  expect(made.traceback).toBe("");
  const cell = made.reply.execution_count as number;
  for (const code of [
    "pair[0].trace()",
    `pair[0].trace({ cell: ${cell} })`,
    'pair[0].trace({ cell: "last" })',
  ]) {
    const { all } = await kernel.run(code);
    const { data } = all("execute_result")[0]!;
    expect(data["text/html"]).toMatch(/^<svg [^>]*>.*<\/svg>$/);
    expect(data["text/html"]).toContain("opens masked factors");
    expect(data["text/plain"]).toContain("mul [1,2]·[1,2]");
    expect(data["text/plain"]).toMatch(
      code === "pair[0].trace()" ? /^Session: / : new RegExp(`^In \\[${cell}\\]: `),
    );
  }
});

test("a loop shows a bar, updated at most ten times a second, and leaves nothing", async () => {
  const { all, result } = await kernel.run(
    'let sum = 0; const t0 = Date.now(); for (const i of progress(60, "Training <it>")) { sum += i; await new Promise((r) => setTimeout(r, 20)); } [sum, Date.now() - t0]',
  );
  const [sum, took] = JSON.parse(result!.replace("[ ", "[").replace(" ]", "]")) as [number, number];
  expect(sum).toBe((60 * 59) / 2);
  const [shown, ...more] = all("display_data");
  expect(more).toEqual([]);
  // A console that cannot update keeps this line, so it has no bar.
  expect(shown!.data["text/plain"]).toBe("Training <it> …");
  expect(shown!.data["text/html"]).toContain("Training &#60;it&#62;");
  expect(shown!.data["text/html"]).toMatch(/role="progressbar" aria-valuenow="\d+".*width:\d+%/);
  const updates = all("update_display_data");
  expect(updates.length).toBeGreaterThan(2);
  expect(updates.length).toBeLessThanOrEqual(took / 100 + 2);
  expect(updates.at(-2)!.data["text/plain"]).toMatch(/^Training <it>: \d+ of 60 … ▕█+░*▏ \d+ %$/);
  expect(updates.at(-1)!.data).toEqual({ "text/plain": "", "text/html": "" });
});

test("a loop that fails, breaks off or is quick leaves nothing either", async () => {
  const slow = "await new Promise((r) => setTimeout(r, 400));";
  const failed = await kernel.run(
    `for (const i of progress(["a", "b"])) { ${slow} if (i === "b") throw new Error("no") }`,
  );
  expect(failed.reply.evalue).toBe("no");
  expect(failed.all("update_display_data").at(-1)!.data["text/plain"]).toBe("");
  const broken = await kernel.run(`for (const i of progress(9)) { ${slow} if (i === 2) break }`);
  expect(broken.all("update_display_data").at(-1)!.data["text/plain"]).toBe("");
  expect((await kernel.run("[...progress(3)]")).all("display_data")).toEqual([]);
  expect((await kernel.run("[...progress(1.5)]")).reply.ename).toBe("RangeError");
});
