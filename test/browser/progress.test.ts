/** Progress of long work, in JupyterLab, in the file that it saves, and in the page made from that file. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

/** Enough products to take longer than a second on the fastest machine, and not for ever on a busy one. */
const COUNT = 10_000;
const LONG = 5 * PATIENCE;

const cells = (party: 0 | 1) => [
  `const iface = new DistributedInterface(${party});`,
  `const secret = new SharedVariable(new Variable(spdz.share(LongTensor.zeros(1, ${COUNT}))[0]), iface);`,
  'const product = secret.mul(secret); "multiplied"',
  `for (const step of progress(20, "Training")) await new Promise((r) => setTimeout(r, 100));
"trained"`,
  '"the last line"',
];

describe.skipIf(!inject("chromium"))("progress in JupyterLab", () => {
  let lab: Lab;
  let parties: [Notebook, Notebook];
  beforeAll(async () => {
    lab = await Lab.start();
    parties = await Promise.all([lab.open("progress-0", cells(0)), lab.open("progress-1", cells(1))]);
  }, 5 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(task.name);
  });
  afterAll(() => lab?.close());

  test("a line says that the cell waits for the other party", async () => {
    const [first, second] = parties;
    await first.runAll();
    await first.see(first.output("new DistributedInterface").filter({ hasText: /^Waiting for party 1/ }));
    await second.runAll();
  });

  test("a bar shows how far the making of correlated randomness has come, and goes away", {
    timeout: 2 * LONG,
  }, async () => {
    const [{ page }] = parties;
    const output = parties[0].output("secret.mul");
    const bar = output.locator("[role=progressbar]");
    await bar.waitFor({ timeout: LONG });
    const moved = output.locator('[role=progressbar]:not([aria-valuenow="0"])');
    await moved.waitFor({ timeout: LONG });
    await parties[0].picture("progress");
    await output.filter({ hasText: "multiplied" }).waitFor({ timeout: LONG });
    await parties[1].output("secret.mul").filter({ hasText: "multiplied" }).waitFor({ timeout: LONG });
    const training = parties[0].output("Training").filter({ hasText: /^Training: / });
    await training.locator("[role=progressbar]").waitFor();
    await parties[0].picture("training");
    await training.waitFor({ state: "detached" });
    await parties[0].see(parties[0].output("the last line"));
    for (const party of parties) await party.idle();
    // Production in advance may continue for a while.
    const left = page.locator(".jp-OutputArea-output").filter({ hasText: /Waiting for|Making|Training:/ });
    await expect.poll(() => left.filter({ visible: true }).count(), { timeout: LONG }).toBe(0);
    expect(await page.locator(".jp-OutputArea-output [role=progressbar]").count()).toBe(0);
    await parties[0].picture("progress-over");
  });

  test("neither the saved notebook nor the page made of it holds a bar", async () => {
    await parties[0].save();
    const { cells: saved } = lab.saved("progress-0");
    const outputs = JSON.stringify(saved.map((cell) => cell.outputs));
    for (const result of ["multiplied", "trained", "the last line"]) expect(outputs).toContain(result);
    expect(outputs).not.toMatch(/progressbar|Waiting|Making|Training|▕/);
    const { text, html } = await lab.converted("progress-0");
    expect(text).toContain("multiplied");
    expect(text).toContain("the last line");
    expect(html).not.toMatch(/role="?progressbar|Waiting for|Making correlated|▕/);
  });

  test("no page reported an error", () => lab.expectQuiet());
});
