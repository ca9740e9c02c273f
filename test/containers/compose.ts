/** The Compose file on a real engine, for tests: projects of their own, and kernels in their containers. */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { root } from "../setup/root";
import { freePort } from "../support/free-port";

const works = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: "ignore", timeout: 20_000 }).status === 0;

/** How Compose is called here: as 1.29 or as 2.x; undefined without it or without an engine that answers. */
export const compose: readonly string[] | undefined = !works("docker", "info")
  ? undefined
  : works("docker", "compose", "version")
    ? ["docker", "compose"]
    : works("docker-compose", "version")
      ? ["docker-compose"]
      : undefined;

/** Run a command. Return its output, or throw if it fails. */
export async function run(command: string, ...args: string[]): Promise<string> {
  return runIn(process.env, command, ...args);
}

async function runIn(env: NodeJS.ProcessEnv, command: string, ...args: string[]): Promise<string> {
  const options = { cwd: root, env, maxBuffer: 1 << 26 };
  const { stdout, stderr } = await promisify(execFile)(command, args, options);
  return stdout + stderr;
}

/** The Compose file under a name of its own: its own containers, volumes and networks. */
export class Project {
  /**
   * @param name - what its containers, volumes and networks begin with
   * @param files - read on top of docker-compose.yml
   * @param env - what the file takes from the environment
   */
  constructor(
    readonly name: string,
    private readonly files: readonly string[] = [],
    private readonly env: NodeJS.ProcessEnv = {},
  ) {}

  /** With JupyterLab at ports that nobody else has. */
  static async atFreePorts(name: string, files: readonly string[] = []): Promise<Project> {
    const [model, data] = await Promise.all([freePort(), freePort()]);
    return new Project(name, files, { MODEL_OWNER_PORT: `${model}`, DATA_OWNER_PORT: `${data}` });
  }

  /** `docker-compose ARGS`. */
  run(...args: string[]): Promise<string> {
    const [command, ...first] = compose!;
    const files = ["docker-compose.yml", ...this.files].flatMap((file) => ["-f", root + file]);
    const env = { ...process.env, ...this.env };
    return runIn(env, command!, ...first, "--project-name", this.name, ...files, ...args);
  }

  /** Takes everything of it away. */
  async down(): Promise<void> {
    await this.run("--profile", "headless", "--profile", "dealer", "down", "--volumes", "--remove-orphans");
  }

  /** The id of a service's container, be it running or not. */
  async container(service: string): Promise<string> {
    const label = (what: string, value: string) => ["--filter", `label=com.docker.compose.${what}=${value}`];
    const labels = [...label("project", this.name), ...label("service", service)];
    return (await run("docker", "ps", "--all", "--quiet", "--no-trunc", ...labels)).trim();
  }

  /** The output of `docker inspect` for a service's container. */
  async inspect(service: string) {
    return JSON.parse(await run("docker", "inspect", await this.container(service)))[0];
  }

  /** Where a party's JupyterLab is, as its log says since its latest start; waits until it answers. */
  async link(party: string): Promise<{ url: string; token: string; page: string }> {
    for (;;) {
      const { Id, State } = await this.inspect(party);
      const log = await run("docker", "logs", "--since", State.StartedAt, Id);
      const [page, url, token] = /(http:\/\/127\.0\.0\.1:\d+)\/\S*token=(\w+)/.exec(log) ?? [];
      if (page && url && token) return { url, token, page };
      if (State.Status !== "running") throw new Error(`${party} has ended:\n${log}`);
      await pause(300);
    }
  }

  /** The name of the network that the parties share. */
  get line(): string {
    return `${this.name}_line`;
  }
}

interface Answer {
  readonly text?: string;
  readonly error?: string;
}

/** A kernel in a container. */
export class Kernel {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(id: string) {
    const driver = readFileSync(join(__dirname, "driver.py"), "utf8");
    this.#child = spawn("docker", ["exec", "-i", id, "python3", "-c", driver], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child.stdin!.on("error", () => {});
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** @param container - its id */
  static async start(container: string): Promise<Kernel> {
    const kernel = new Kernel(container);
    await kernel.#next();
    return kernel;
  }

  async #next(): Promise<Answer> {
    const { value, done } = await this.#answers.next();
    return done ? { error: "the kernel's container is gone" } : JSON.parse(value);
  }

  /** Runs a cell. */
  cell(code: string): Promise<Answer> {
    this.#child.stdin!.write(`${JSON.stringify(code)}\n`);
    return this.#next();
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin!.end();
    await ended;
  }
}
