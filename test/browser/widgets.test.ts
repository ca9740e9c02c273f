/** A progress bar and a button in JupyterLab: Jupyter's own widgets where it has them, and HTML where it has none. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

const cells = [
  'const bar = new IntProgress({ max: 10, description: "Loading" }); bar',
  "for (let i = 1; i <= 7; i++) { bar.value = i; await new Promise((r) => setTimeout(r, 50)) }",
  `const go = new Button({ description: "Go on", buttonStyle: "success" });
let clicks = 0;
go.onClick(() => { clicks++; console.log(\`click \${clicks}\`) });
go`,
  'await new Promise<void>((proceed) => { go.onClick(() => proceed()) }); "went on"',
  "bar.close(); go.close(); 0",
];

describe.skipIf(!inject("chromium")).each([true, false])("with Jupyter's widgets: %s", (widgets) => {
  let lab: Lab;
  let notebook: Notebook;
  beforeAll(async () => {
    lab = await Lab.start({ widgets });
    notebook = await lab.open("widgets", cells);
  }, 5 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(`${task.name} ${widgets}`);
  });
  afterAll(() => lab?.close());

  test("a bar moves when a later cell sets it", async () => {
    const shown = notebook.output("const bar");
    const bar = shown.locator(widgets ? ".widget-hprogress .progress-bar" : "[role=progressbar] > div");
    await notebook.run("const bar");
    await notebook.see(shown.filter({ hasText: "Loading" }));
    await notebook.run("for (let i");
    await notebook.ran("for (let i", 2);
    await expect.poll(() => bar.getAttribute("style"), { timeout: PATIENCE }).toMatch(/width: ?70%/);
    await notebook.see(shown);
    await notebook.picture(`bar-${widgets ? "widget" : "html"}`);
  });

  test("a click runs its handler, also while a cell waits", async () => {
    await notebook.run("const go");
    const button = notebook.output("const go").locator("button", { hasText: "Go on" });
    await notebook.see(button);
    await notebook.idle();
    if (!widgets) {
      expect(await button.isDisabled()).toBe(true);
      return;
    }
    await button.click();
    await notebook.see(notebook.output("const go").filter({ hasText: "click 1" }));
    await notebook.run("went on");
    await notebook.page
      .locator("#jp-main-statusbar")
      .getByText(/\| Busy$/)
      .waitFor();
    await button.click();
    await notebook.see(notebook.output("went on").filter({ hasText: "went on" }));
    await notebook.picture("button");
  });

  test("a closed widget disappears", async () => {
    await notebook.run("bar.close()");
    await notebook.see(notebook.output("bar.close()"));
    const left = notebook.page
      .locator(".jp-OutputArea")
      .locator("[role=progressbar], .jupyter-widgets, button");
    await left.first().waitFor({ state: "detached" });
    expect(await left.count()).toBe(0);
    await notebook.picture(`closed-${widgets ? "widget" : "html"}`);
  });

  test("no page reported an error", () => lab.expectQuiet());
});
