/** The Compose file on a real engine, for tests: a project of its own, and kernels in its containers. */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "../setup/root";

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

const project = "spdzlabtest";
const files = ["docker-compose.yml", "test/containers/no-ports.yml"].flatMap((file) => ["-f", root + file]);

/** What a command printed; fails when it does. */
export async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: root, maxBuffer: 1 << 26 });
  return stdout + stderr;
}

/** `docker-compose ARGS` on the project of the tests. */
export function composeRun(...args: string[]): Promise<string> {
  const [command, ...first] = compose!;
  return run(command!, ...first, "--project-name", project, ...files, ...args);
}

/** The id of a service's container. */
export async function container(service: string): Promise<string> {
  return (await composeRun("ps", "-q", service)).trim();
}

/** The name of the network that the parties share. */
export const line = `${project}_line`;

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

  static async start(service: string): Promise<Kernel> {
    const kernel = new Kernel(await container(service));
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
