import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port";

/** The NATS server for tests, as scripts/setup/nats.mjs finds it; without one they are skipped. */
export const natsServer: string | undefined = [
  process.env["NATS_SERVER"],
  join(__dirname, "../../.setup/nats/usr/sbin/nats-server"),
  ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "nats-server")),
].find((path) => path && existsSync(path));

/** What the name of a skipped test says. */
export const bringNats =
  natsServer === undefined ? " (skipped: `npm run setup:nats` brings a NATS server)" : "";

/** A NATS server with JetStream, in a process and a folder of its own. */
export class Nats {
  #process: ChildProcess | undefined;
  log = "";

  private constructor(
    readonly port: number,
    readonly folder: string,
  ) {}

  static async start(folder: string): Promise<Nats> {
    const nats = new Nats(await freePort(), folder);
    await nats.start();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Start again, at the same address, with what is on the disk. */
  async start(): Promise<void> {
    const args = ["-a", "127.0.0.1", "-p", `${this.port}`, "-js", "-sd", this.folder];
    const child = spawn(natsServer!, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
      });
    this.#process = child;
    for (let i = 0; i < 200; i++) {
      if (await isOpen(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nats-server does not start: ${this.log}`);
  }

  /** End it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
