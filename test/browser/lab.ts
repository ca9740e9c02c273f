/** A JupyterLab of its own for a test file, with this checkout's kernel, and a browser to look at it. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, inject } from "vitest";
import { assertBuilt } from "../kernel/client";
import { root } from "../setup/root";
import { freePort } from "../support/free-port";
import { Notebook } from "./notebook";

declare module "vitest" {
  interface ProvidedContext {
    readonly chromium: string | undefined;
  }
}

/** Longer than anything takes on a busy machine. */
export const PATIENCE = 60_000;

/** Where the pictures go; CI keeps them. */
export const pictures = join(root, "out/browser");

/** JupyterLab's own complaints, which are none of our doing. */
const KNOWN: readonly RegExp[] = [
  // It asks whether files exist that need not.
  /Failed to load resource: the server responded with a status of 404/,
  // Another program has set up or taken down a network interface, at which the browser drops what is under way.
  /net::ERR_NETWORK_CHANGED/,
  /TypeError: Failed to fetch/,
  // It polls while a kernel restarts.
  /WebSocket connection to .* failed/,
];

/** The browser that the tests were given. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: inject("chromium")!,
    headless: true,
    timeout: PATIENCE,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}

/** One server, one browser. */
export class Lab {
  readonly #complaints: string[] = [];
  readonly #notebooks: Notebook[] = [];

  private constructor(
    private readonly folder: string,
    private readonly server: ChildProcess,
    private readonly url: string,
    private readonly token: string,
    private readonly browser: Browser,
  ) {}

  /**
   * Starts both; the notebooks of the checkout are there, without their outputs.
   *
   * @param options - `widgets: false` takes Jupyter's widgets out of JupyterLab
   */
  static async start({ widgets = true } = {}): Promise<Lab> {
    assertBuilt();
    mkdirSync(pictures, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), "spdzlab-browser-"));
    const [port, token] = [await freePort(), randomUUID()];
    const url = `http://127.0.0.1:${port}`;
    const env = prepare(folder, `tcp://127.0.0.1:${await freePort()}`, widgets);
    const server = spawn(join(root, ".venv/bin/jupyter-lab"), options(folder, port, token), {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    server.stderr!.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    try {
      await answers(`${url}/api/status?token=${token}`, server, () => log);
      return new Lab(folder, server, url, token, await launchBrowser());
    } catch (error) {
      await stop(server);
      throw error;
    }
  }

  /**
   * Opens a notebook in a page of its own and waits until its kernel is at rest.
   *
   * @param cells - what it contains, where it is not one of the checkout's
   */
  async open(name: string, cells?: readonly string[]): Promise<Notebook> {
    if (cells !== undefined)
      writeFileSync(join(this.folder, "notebooks", `${name}.ipynb`), notebookOf(cells));
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 1000 } });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    this.#listen(page, name);
    await page.goto(`${this.url}/lab/workspaces/${name}/tree/${name}.ipynb?token=${this.token}`);
    const notebook = new Notebook(page, (picture) => join(pictures, `${picture}.png`));
    this.#notebooks.push(notebook);
    await notebook.ready();
    return notebook;
  }

  /** The content of a notebook's file. */
  saved(name: string): { cells: { outputs: { data?: Record<string, string | string[]> }[] }[] } {
    return JSON.parse(readFileSync(join(this.folder, "notebooks", `${name}.ipynb`), "utf8"));
  }

  /** Converts a notebook's file to HTML as a person would, shows it in a page of its own, and takes a picture. */
  async converted(name: string): Promise<{ text: string; html: string }> {
    const file = join(this.folder, "notebooks", `${name}.ipynb`);
    const args = ["nbconvert", "--to", "html", "--output-dir", this.folder, file];
    const { status, stderr } = spawnSync(join(root, ".venv/bin/jupyter"), args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const path = join(this.folder, `${name}.html`);
    const page = await this.browser.newPage({ viewport: { width: 1100, height: 700 } });
    // What it would fetch from elsewhere is not needed to read it.
    await page.route(/^https?:/, (route) => route.abort());
    await page.goto(`file://${path}`);
    await page.screenshot({ path: join(pictures, `converted-${name}.png`) });
    const text = await page.locator("body").innerText();
    await page.close();
    return { text, html: readFileSync(path, "utf8") };
  }

  /** Keeps what every page looked like when a test failed. */
  async pictureFailure(name: string): Promise<void> {
    for (const [index, notebook] of this.#notebooks.entries()) {
      await notebook.picture(`failed ${name.replace(/[^\w ]/g, "")} ${index}`);
    }
  }

  /** Fails if a page complained of something that JupyterLab does not complain of by itself. */
  expectQuiet(): void {
    expect(this.#complaints).toEqual([]);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await stop(this.server);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #listen(page: Page, name: string): void {
    const note = (text: string) => {
      if (!KNOWN.some((known) => known.test(text))) this.#complaints.push(`${name}: ${text}`);
    };
    page.on("console", (message) => {
      if (message.type() === "error") note(message.text());
    });
    page.on("pageerror", (error) => note(String(error)));
  }
}

/** Fills the folder; gives the environment in which Jupyter and the kernels see this folder and nothing else. */
function prepare(folder: string, address: string, widgets: boolean): NodeJS.ProcessEnv {
  const install = [join(root, "dist/cli/main.js"), "install", "--prefix", folder];
  const { status, stderr } = spawnSync(process.execPath, install, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  mkdirSync(join(folder, "notebooks"));
  for (const file of readdirSync(join(root, "notebooks"))) {
    if (!file.endsWith(".ipynb")) continue;
    const notebook = JSON.parse(readFileSync(join(root, "notebooks", file), "utf8"));
    for (const cell of notebook.cells) {
      if (cell.cell_type === "code") Object.assign(cell, { outputs: [], execution_count: null });
    }
    writeFileSync(join(folder, "notebooks", file), JSON.stringify(notebook));
  }
  // JupyterLab would ask whether to fetch news.
  const settings = join(folder, "config/lab/user-settings/@jupyterlab/apputils-extension");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "notification.jupyterlab-settings"), '{ "fetchNews": "false" }');
  if (!widgets) {
    mkdirSync(join(folder, "config/labconfig"));
    const disabledExtensions = { "@jupyter-widgets/jupyterlab-manager": true };
    writeFileSync(join(folder, "config/labconfig/page_config.json"), JSON.stringify({ disabledExtensions }));
  }
  // No keys: the notebooks are on one machine.
  const { SPDZ_CONFIG: _, XDG_CONFIG_HOME: __, ...rest } = process.env;
  return {
    ...rest,
    HOME: folder,
    JUPYTER_PATH: join(folder, "share/jupyter"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    SPDZ_BIND: address,
    SPDZ_PEER: address,
  };
}

function options(folder: string, port: number, token: string): string[] {
  return [
    ...["--no-browser", "--allow-root", `--port=${port}`, "--ServerApp.port_retries=0"],
    `--ServerApp.root_dir=${join(folder, "notebooks")}`,
    `--IdentityProvider.token=${token}`,
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
  ];
}

function notebookOf(cells: readonly string[]): string {
  return JSON.stringify({
    cells: cells.map((source, i) => ({
      ...{ cell_type: "code", id: `cell-${i}`, metadata: {}, source, outputs: [], execution_count: null },
    })),
    metadata: {
      kernelspec: { display_name: "spdzlab", language: "typescript", name: "spdzlab" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  });
}

async function answers(url: string, server: ChildProcess, log: () => string): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (server.exitCode !== null || Date.now() > end) throw new Error(`JupyterLab did not start:\n${log()}`);
    await pause(100);
  }
}

/** Asks the server to end its kernels and itself; ends it if it does not. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  const late = setTimeout(() => server.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(late);
}
