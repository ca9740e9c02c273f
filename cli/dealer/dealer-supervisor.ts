import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Connections } from "../../lib/preprocessing/dealer/desk/dealer-gate";
import type { FromDesk, ToDesk } from "./dealer-messages";

/** Kill the process with the sockets when it uses more memory than this, or is silent for so long. */
const MOST_BYTES = 2 ** 30;
const SILENT_MS = 10_000;
const GRACE_MS = 1000;
/** Delays before starting it again after 1, 2, … ends in a row; after STEADY_MS of running, count from the start. */
const DELAYS_MS = [0, 100, 500, 2000, 5000];
const STEADY_MS = 30_000;

export interface SupervisorOptions {
  readonly folder: string | undefined;
  readonly peerKeys: readonly string[];
  readonly print: (text: string) => void;
  /** A whole message has arrived over a connection. */
  readonly onHeard: (id: number, known: boolean) => void;
  /** All sockets are gone. */
  readonly onLost: () => void;
  /** For tests. Default: the built script, and MOST_BYTES. */
  readonly script?: string;
  readonly mostBytes?: number;
}

/**
 * Keeps a process with the dealer's sockets running. A library that aborts ends that process and not the gate's, and the
 * supervisor starts it again. Parties lose their connections, reconnect by themselves, and repeat their requests.
 */
export class Supervisor implements Connections {
  readonly #options: SupervisorOptions;
  readonly #opening = new Map<number, { resolve(endpoint: string): void; reject(error: Error): void }>();
  #child: ChildProcess | undefined;
  #ready: Promise<ChildProcess> = Promise.reject(new Error("the process with the sockets has not started"));
  #watch: NodeJS.Timeout | undefined;
  #ends = 0;
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#ready.catch(() => undefined);
  }

  start(): void {
    const { folder, peerKeys, script = join(__dirname, "dealer-desk.js") } = this.#options;
    const child = fork(script, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child = child;
    const begun = performance.now();
    this.#ready = new Promise((resolve, reject) => {
      child.on("message", (message: FromDesk) => {
        if (message.type === "ready") resolve(child);
        else this.#hear(child, message);
      });
      const end = (how: string) => {
        if (child !== this.#child) return;
        reject(new Error("the process with the sockets has ended"));
        this.#lost(performance.now() - begun, how);
      };
      child.on("exit", (code, signal) => end(signal ?? `exit code ${code}`));
      // A process that could not be started has no exit event.
      child.on("error", (error) => child.pid === undefined && end(error.message));
    });
    this.#ready.catch(() => undefined);
    this.#say(child, { type: "start", folder, peerKeys });
    this.#expect(child);
  }

  async open(id: number): Promise<string> {
    const child = await this.#ready;
    return new Promise((resolve, reject) => {
      this.#opening.set(id, { resolve, reject });
      this.#say(child, { type: "open", id });
    });
  }

  closed(id: number): void {
    if (this.#child) this.#say(this.#child, { type: "closed", id });
  }

  /** Let the process say goodbye; settles when it has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#watch);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    this.#say(child, { type: "close" });
    await ended;
  }

  #say(child: ChildProcess, message: ToDesk): void {
    if (child.connected) child.send(message, () => undefined);
  }

  #hear(child: ChildProcess, message: Exclude<FromDesk, { type: "ready" }>): void {
    switch (message.type) {
      case "opened":
        this.#opening.get(message.id)?.resolve(message.endpoint);
        this.#opening.delete(message.id);
        break;
      case "refused":
        this.#opening.get(message.id)?.reject(new Error("the process with the sockets takes no connection"));
        this.#opening.delete(message.id);
        break;
      case "heard":
        this.#options.onHeard(message.id, message.known);
        break;
      case "log":
        this.#options.print(message.text);
        break;
      case "alive": {
        this.#expect(child);
        const { mostBytes = MOST_BYTES, print } = this.#options;
        if (message.bytes <= mostBytes) break;
        print(`the process with the sockets has ${Math.round(message.bytes / 2 ** 20)} MiB and is ended`);
        child.kill("SIGKILL");
      }
    }
  }

  /** Require a sign of life soon. If this process was stopped meanwhile, read what arrived before judging. */
  #expect(child: ChildProcess): void {
    clearTimeout(this.#watch);
    if (this.#closing) return;
    const end = () => {
      this.#options.print("the process with the sockets says nothing and is ended");
      child.kill("SIGKILL");
    };
    this.#watch = setTimeout(() => {
      this.#watch = setTimeout(end, GRACE_MS).unref();
    }, SILENT_MS).unref();
  }

  #lost(livedMs: number, how: string): void {
    clearTimeout(this.#watch);
    this.#child = undefined;
    this.#ready = Promise.reject(new Error("the process with the sockets has ended"));
    this.#ready.catch(() => undefined);
    for (const { reject } of this.#opening.values())
      reject(new Error("the process with the sockets has ended"));
    this.#opening.clear();
    this.#options.onLost();
    if (this.#closing) return;
    if (livedMs >= STEADY_MS) this.#ends = 0;
    const delay = DELAYS_MS[Math.min(this.#ends++, DELAYS_MS.length - 1)]!;
    this.#options.print(`the process with the sockets ended (${how}) and is started again`);
    setTimeout(() => this.#closing || this.start(), delay);
  }
}
