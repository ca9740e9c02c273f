/** One notebook in JupyterLab: writing, reading, stopping, starting again. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

const plot = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: { values: [1, 4, 9, 16].map((y, x) => ({ x, y })) },
  mark: "bar",
  encoding: { x: { field: "x", type: "ordinal" }, y: { field: "y", type: "quantitative" } },
};

const cells = [
  "const kept = 6 * 7; kept",
  "spdz.enco",
  "spdz.encode",
  "const wrong: number = spdz.version.toUpperCase();",
  'throw new RangeError("a wrong turn");',
  'console.log("waits"); await new Promise(() => {});',
  '"still " + "alive"',
  "kept + 1",
  'console.log("spins"); await new Promise((r) => setTimeout(r, 100)); for (;;);',
  `const plot = ${JSON.stringify(plot)};
display({ [Symbol.for("Jupyter.display")]: () => ({ "application/vnd.vegalite.v5+json": plot, "text/plain": "a plot" }) });`,
];

describe.skipIf(!inject("chromium"))("a notebook in JupyterLab", () => {
  let lab: Lab;
  let notebook: Notebook;
  beforeAll(async () => {
    lab = await Lab.start();
    notebook = await lab.open("scratch", cells);
  }, 5 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(task.name);
  });
  afterAll(() => lab?.close());

  test("a cell shows its value", async () => {
    await notebook.run("const kept");
    await notebook.see(notebook.output("const kept").filter({ hasText: "42" }));
  });

  test("Tab completes a name of the library", async () => {
    await notebook.edit(/^spdz\.enco$/);
    await notebook.page.keyboard.press("Tab");
    const item = notebook.page.locator(".jp-Completer-item", { hasText: "encode" }).first();
    await notebook.see(item);
    await notebook.picture("completion");
    await notebook.page.keyboard.press("Escape");
  });

  test("Shift-Tab shows a function's signature and what it does", async () => {
    await notebook.edit(/^spdz\.encode$/);
    await notebook.page.keyboard.press("Shift+Tab");
    const hover = notebook.page.locator(".jp-Tooltip");
    await notebook.see(hover);
    await notebook.picture("hover");
    expect(await hover.innerText()).toMatch(/encode\(.*FloatTensor/s);
    await notebook.page.keyboard.press("Escape");
  });

  test("a type error is shown with its place, and a thrown error with its cell", async () => {
    await notebook.run("const wrong");
    const diagnostic = notebook.output("const wrong");
    await notebook.see(diagnostic);
    await notebook.run("throw new RangeError");
    const thrown = notebook.output("throw new RangeError");
    await notebook.see(thrown);
    await notebook.picture("errors");
    expect(await diagnostic.first().innerText()).toContain("line 1, column 28");
    expect(await thrown.first().innerText()).toMatch(/RangeError.*a wrong turn/s);
  });

  test("the stop button ends a wait, and the kernel lives on", async () => {
    await notebook.run("await new Promise");
    await notebook.see(notebook.output("await new Promise").filter({ hasText: "waits" }));
    await notebook.tool("notebook:interrupt-kernel");
    await notebook.see(notebook.output("await new Promise").filter({ hasText: "Interrupted" }));
    await notebook.picture("interrupted");
    await notebook.run('"still "');
    await notebook.see(notebook.output('"still "').filter({ hasText: "still alive" }));
  });

  test("a Vega-Lite bundle is drawn", async () => {
    await notebook.run("const plot");
    const drawn = notebook.output("const plot").locator("canvas, svg.marks");
    await notebook.see(drawn);
    await notebook.picture("plot");
  });

  test("a restart forgets everything and counts from one", async () => {
    await notebook.restart();
    await notebook.run("kept + 1");
    await notebook.ran("kept + 1", 1);
    await notebook.see(notebook.output("kept + 1").filter({ hasText: "Cannot find name 'kept'" }));
    await notebook.picture("restarted");
  });

  test("the stop button ends a cell that spins after an await, and the kernel lives on", async () => {
    await notebook.run('console.log("spins")');
    const spinning = notebook.output('console.log("spins")');
    await notebook.see(spinning.filter({ hasText: "spins" }));
    // By then the loop has begun.
    await notebook.page.waitForTimeout(1000);
    await notebook.tool("notebook:interrupt-kernel");
    await notebook.see(spinning.filter({ hasText: "Interrupted" }));
    await notebook.run("const kept");
    await notebook.see(notebook.output("const kept").filter({ hasText: "42" }));
  });

  test("no page reported an error", () => lab.expectQuiet());
});
