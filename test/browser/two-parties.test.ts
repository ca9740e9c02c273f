/** The demo as people run it: two notebooks in two pages of JupyterLab. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

describe.skipIf(!inject("chromium"))("two notebooks in JupyterLab", () => {
  let lab: Lab;
  let owners: [Notebook, Notebook];
  beforeAll(async () => {
    lab = await Lab.start();
    owners = await Promise.all([lab.open("model-owner"), lab.open("data-owner")]);
  }, 5 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(task.name);
  });
  afterAll(() => lab?.close());

  test("the first party sees that it waits for the other", async () => {
    const [model] = owners;
    await model.runAll();
    const line = model.output("new DistributedInterface(0)").filter({ hasText: /waiting/i });
    await model.see(line);
    await model.picture("waiting");
  });

  test("both compute 6, 6 and 12, and the waiting line is gone", async () => {
    await owners[1].runAll();
    for (const [index, owner] of owners.entries()) {
      const gradient = owner.output(/^weightsGrad$/);
      await owner.see(gradient);
      expect(await gradient.locator("td").allInnerTexts()).toEqual(["6", "6"]);
      const total = owner.output(/^outputTotal$/);
      await owner.see(total);
      expect(await total.locator("td").allInnerTexts()).toEqual(["12"]);
      await owner.idle();
      await owner.picture(`party-${index}`);
      expect(
        await owner.page
          .getByText(/waiting/i)
          .filter({ visible: true })
          .allInnerTexts(),
      ).toEqual([]);
      expect(await owner.page.locator('[data-mime-type*="error"]').allInnerTexts()).toEqual([]);
    }
  });

  test("no page reported an error", () => lab.expectQuiet());
});
