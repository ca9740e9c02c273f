/** The demo from two containers: what `docker-compose up` shows, in two pages of a browser. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { compose, Project } from "../containers/compose";
import { launchBrowser, PATIENCE, pictures } from "./lab";
import { Notebook } from "./notebook";

const parties = ["model-owner", "data-owner"] as const;
const possible = compose !== undefined && inject("chromium") !== undefined;

describe.skipIf(!possible)("two containers (needs a Docker engine, Compose and a browser)", () => {
  let project: Project;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    project = await Project.atFreePorts("spdzlabbrowser");
    await project.down();
    await project.run("up", "--detach", "--build", ...parties);
    browser = await launchBrowser();
  }, 900_000);
  afterAll(async () => {
    await browser?.close();
    await project.down();
  }, 2 * PATIENCE);

  test("both notebooks run and compute 6, 6 and 12", async () => {
    const notebooks = await Promise.all(
      parties.map(async (party) => {
        const context = await browser.newContext({ viewport: { width: 1000, height: 1400 } });
        context.setDefaultTimeout(3 * PATIENCE);
        const page = await context.newPage();
        // The link of the log leads to the party's own notebook.
        await page.goto((await project.link(party)).page);
        const notebook = new Notebook(page, (name) => join(pictures, `${name}.png`));
        await notebook.ready();
        return notebook;
      }),
    );
    const [model, data] = notebooks;
    await model!.runAll();
    await model!.see(model!.output("new DistributedInterface(0)").filter({ hasText: /waiting/i }));
    await data!.runAll();
    for (const [index, notebook] of notebooks.entries()) {
      const gradient = notebook.output(/^weightsGrad$/);
      await notebook.see(gradient);
      expect(await gradient.locator("td").allInnerTexts()).toEqual(["6", "6"]);
      const total = notebook.output(/^outputTotal$/);
      await notebook.see(total);
      expect(await total.locator("td").allInnerTexts()).toEqual(["12"]);
      await notebook.idle();
      await notebook.picture(`containers-${parties[index]}`);
      // A container asks nobody elsewhere for news, and asks nobody whether it may.
      expect(await notebook.page.getByText("Jupyter news").count()).toBe(0);
      expect(await notebook.page.locator('[data-mime-type*="error"]').allInnerTexts()).toEqual([]);
    }
  }, 600_000);
});
