/** The stock gauge and a plan in JupyterLab. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

const cells = [
  'const [alice, bob] = spdz.simulate({ security: "semi-honest" });',
  "const [x, y] = [alice, bob].map((iface) => new SharedVariable(spdz.share(LongTensor.zeros(20, 20))[0], iface)); 0",
  "spdz.plan(() => { x.matmul(x).mul(3).reveal(); })",
  "await Promise.all([alice, bob].map((iface) => iface.prepare({ triples: 10_000, truncations: 500 }))); 0",
  // Of two handles, for a value times itself is a square.
  "x.mul(x.detach()); y.mul(y.detach()); 0",
  "alice.store()",
];

describe.skipIf(!inject("chromium"))("the store in a notebook", () => {
  let lab: Lab;
  let notebook: Notebook;
  beforeAll(async () => {
    lab = await Lab.start();
    notebook = await lab.open("store", cells);
  }, 3 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(task.name);
  });
  afterAll(() => lab?.close());

  test("a plan is shown as a table of what a computation needs", async () => {
    await notebook.run("const [alice");
    await notebook.run("const [x, y]");
    await notebook.run("mul(3)");
    const plan = notebook.output("mul(3)").locator("table");
    await notebook.see(plan);
    const text = await notebook.output("mul(3)").first().innerText();
    expect(text).toMatch(/Plan: 3 operations, 2 rounds, 1 triple, .* on a WAN/);
    expect(await plan.innerText()).toMatch(/matrix triples\s+1/);
    await notebook.picture("plan");
  });

  test("a gauge shows how much is ready and how much was used", async () => {
    await notebook.run("prepare(");
    await notebook.run("x.mul(x.detach())");
    await notebook.run("alice.store()");
    const gauge = notebook.output("alice.store()").locator("table");
    await notebook.see(gauge);
    expect(await gauge.innerText()).toMatch(/triples\s+[\d,]+ ready \(.*\), (.*, )?400 used/);
    await notebook.picture("store");
  });
});
