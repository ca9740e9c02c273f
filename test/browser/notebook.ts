/** A notebook in JupyterLab, as a user operates and sees it. */

import type { Locator, Page } from "playwright-core";

/** A notebook in a page. */
export class Notebook {
  constructor(
    readonly page: Page,
    private readonly picturePath: (name: string) => string,
  ) {}

  /** The cell whose code contains `text`. */
  cell(text: string | RegExp): Locator {
    return this.page
      .locator(".jp-CodeCell", { has: this.page.locator(".cm-content", { hasText: text }) })
      .first();
  }

  /** The output of the cell whose code contains `text`. */
  output(text: string | RegExp): Locator {
    return this.cell(text).locator(".jp-OutputArea-output");
  }

  /** Waits until the notebook is there and its kernel has started. */
  async ready(): Promise<void> {
    // What the browser failed to fetch it does not ask for again; a part of JupyterLab is not there, or no kernel is.
    for (let tries = 2; tries > 0; tries--) {
      const whole = await this.#whole({ timeout: 40_000 }).then(
        () => true,
        () => false,
      );
      if (whole) break;
      await this.page.reload();
    }
    await this.#whole();
    // The file browser takes a quarter of the page.
    await this.page.keyboard.press("Control+b");
    await this.page.locator("#jp-left-stack").waitFor({ state: "hidden" });
  }

  async #whole(options?: { timeout: number }): Promise<void> {
    await this.page.locator(".jp-Notebook .jp-CodeCell").first().waitFor(options);
    const toolbar = this.page.locator(".jp-NotebookPanel-toolbar");
    await toolbar.locator('[data-command="notebook:restart-kernel"]').first().waitFor(options);
    await this.idle(options);
  }

  /** Waits until the kernel is at rest. */
  async idle(options?: { timeout: number }): Promise<void> {
    await this.page
      .locator("#jp-main-statusbar")
      .getByText(/\| Idle$/)
      .waitFor(options);
  }

  async runAll(): Promise<void> {
    await this.menu("Run", "Run All Cells");
  }

  async menu(name: string, item: string): Promise<void> {
    await this.page.locator(".lm-MenuBar-item", { hasText: new RegExp(`^${name}$`) }).click();
    await this.page.locator(".lm-Menu-itemLabel", { hasText: new RegExp(`^${item}$`) }).click();
  }

  /** Clicks a button of the notebook's toolbar, such as `notebook:interrupt-kernel`. */
  async tool(command: string): Promise<void> {
    await this.page.locator(`.jp-NotebookPanel-toolbar [data-command="${command}"]`).first().click();
  }

  /** Restarts the kernel and waits until it is there again. */
  async restart(): Promise<void> {
    await this.tool("notebook:restart-kernel");
    await this.page.locator(".jp-Dialog .jp-mod-accept").click();
    await this.page.locator(".jp-Dialog").waitFor({ state: "detached" });
    await this.idle();
  }

  /** Puts the cursor at the end of the cell whose code contains `text`. */
  async edit(text: string | RegExp): Promise<void> {
    await this.cell(text).locator(".cm-content").click();
    await this.page.keyboard.press("Control+End");
  }

  /** Runs the cell whose code contains `text`; does not wait for its end. */
  async run(text: string | RegExp): Promise<void> {
    await this.edit(text);
    await this.page.keyboard.press("Control+Enter");
  }

  /** Waits until the cell whose code contains `text` has run as the kernel's `count`th. */
  async ran(text: string, count: number): Promise<void> {
    await this.cell(text)
      .locator(".jp-InputPrompt", { hasText: `[${count}]` })
      .waitFor();
  }

  /** Waits until something is on the screen, scrolling to it. */
  async see(what: Locator): Promise<void> {
    await what.first().waitFor();
    // Cells are laid out late, so what is above may still grow and push it away.
    for (let calm = 0; calm < 3; calm++) {
      await what.first().scrollIntoViewIfNeeded();
      await this.page.waitForTimeout(150);
      if (!(await this.#isOnScreen(what.first()))) calm = -1;
    }
  }

  /** A cell scrolled to the upper edge may be a fraction of a pixel beyond it. */
  async #isOnScreen(what: Locator): Promise<boolean> {
    const box = await what.boundingBox();
    const panel = await this.page.locator(".jp-NotebookPanel-notebook").boundingBox();
    return !!box && !!panel && box.y > panel.y - 1 && box.y < panel.y + panel.height - 20;
  }

  /** Saves the notebook and waits until it is. */
  async save(): Promise<void> {
    await this.page.keyboard.press("Control+s");
    await this.page.locator(".jp-mod-current.jp-mod-dirty").waitFor({ state: "detached" });
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: this.picturePath(name) });
  }
}
