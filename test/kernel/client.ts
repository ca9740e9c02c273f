/** A Jupyter client for tests: starts a kernel as Jupyter does, sends requests, and waits for messages. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Request, Subscriber } from "zeromq";
import { NODE_FLAGS } from "../../kernel/node-flags";
import { freePorts } from "../support/free-port";
import { assertBuilt, cli } from "./built";
import { checkMessage } from "./reference";

export { assertBuilt };

// biome-ignore lint/suspicious/noExplicitAny: the tests look into messages of every kind
type Content = Record<string, any>;

export interface Message {
  readonly channel: "shell" | "control" | "stdin" | "iopub";
  readonly header: { msg_id: string; msg_type: string; version: string; session: string; date: string };
  readonly parent: { msg_id?: string };
  readonly metadata: Content;
  readonly content: Content;
}

/** The replies to one execute_request. */
export interface Execution {
  readonly reply: Content;
  /** All that was published on its behalf, up to the idle status. */
  readonly messages: Message[];
  /** The printed text of one stream, joined. */
  text(stream?: "stdout" | "stderr"): string;
  /** The contents of the messages of one type. */
  all(type: string): Content[];
  /** The result's text/plain; undefined when there was no result. */
  readonly result: string | undefined;
  /** The error's traceback without colours; empty when there was none. */
  readonly traceback: string;
}

const DELIMITER = "<IDS|MSG>";
/** Longer than anything a test waits for on a busy machine. */
const PATIENCE = 40_000;

export interface KernelOptions {
  readonly cwd?: string;
  readonly key?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Runs the command instead of spawning it directly; gets the command line. */
  readonly command?: (argv: string[]) => string[];
}

/** One kernel process and a client connected to it. */
export class KernelClient {
  readonly inbox: Message[] = [];
  /** Faults found in the kernel's messages. */
  private readonly faults: unknown[] = [];
  /** The frames of the requests, by their ids. */
  private readonly sent = new Map<string, string[]>();
  /** The headers of the requests, by their ids. */
  private readonly requests = new Map<string, string>();
  private readonly waiters = new Set<() => void>();
  private readonly session = randomUUID();

  private constructor(
    readonly process: ChildProcess,
    private readonly sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber },
    private readonly ports: number[],
    private readonly key: string,
    /** The scratch folder that the kernel runs in unless told otherwise. */
    readonly folder: string,
  ) {
    for (const channel of ["shell", "control", "stdin", "iopub"] as const) void this.read(channel);
  }

  /** Starts a kernel and waits for its kernel_info_reply and for iopub to be connected. */
  static async start({
    cwd,
    key = randomUUID(),
    env = {},
    command,
  }: KernelOptions = {}): Promise<KernelClient> {
    assertBuilt();
    const folder = mkdtempSync(join(tmpdir(), "spdzlab-kernel-"));
    const ports = await freePorts(5);
    const file = join(folder, "connection.json");
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
    const connection = { shell_port, iopub_port, stdin_port, control_port, hb_port, key };
    writeFileSync(
      file,
      JSON.stringify({ ...connection, transport: "tcp", ip: "127.0.0.1", signature_scheme: "hmac-sha256" }),
    );
    const argv = [process.execPath, ...NODE_FLAGS, cli, "kernel", "--connection-file", file];
    const [program, ...args] = command?.(argv) ?? argv;
    const child = spawn(program!, args, {
      cwd: cwd ?? folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const identity = randomUUID();
    const dealer = (port: number | undefined) => {
      const socket = new Dealer({ routingId: identity, linger: 0 });
      socket.connect(`tcp://127.0.0.1:${port}`);
      return socket;
    };
    const iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
    iopub.connect(`tcp://127.0.0.1:${iopub_port}`);
    iopub.subscribe("");
    const sockets = {
      shell: dealer(shell_port),
      control: dealer(control_port),
      stdin: dealer(stdin_port),
      iopub,
    };
    const client = new KernelClient(child, sockets, ports, key, folder);
    await client.connected();
    return client;
  }

  /** Asks for the kernel's introduction until its status arrives too, since a subscription takes a moment. */
  private async connected(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const id = this.send("shell", "kernel_info_request", {});
      await this.waitFor((message) => message.channel === "shell" && message.parent.msg_id === id);
      const heard = await this.waitFor(
        (message) => message.channel === "iopub" && message.parent.msg_id === id && isIdle(message),
        100,
      ).catch(() => undefined);
      if (heard !== undefined) return;
    }
    throw new Error("iopub was never heard");
  }

  /** Sends a request and returns its id. */
  send(
    channel: "shell" | "control" | "stdin",
    type: string,
    content: Content,
    { key = this.key, parent = {}, metadata = {} }: { key?: string; parent?: object; metadata?: object } = {},
  ): string {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: "test",
      date: new Date().toISOString(),
      version: "5.4",
    };
    const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
    this.requests.set(header.msg_id, parts[0]!);
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    this.sent.set(header.msg_id, [DELIMITER, key === "" ? "" : hmac.digest("hex"), ...parts]);
    this.sendAgain(header.msg_id, channel);
    return header.msg_id;
  }

  /** Sends the very bytes of a request once more, with other buffers if there are any. */
  sendAgain(id: string, channel: "shell" | "control" | "stdin", buffers: string[] = []): void {
    const frames = [...this.sent.get(id)!, ...buffers];
    this.outgoing[channel] = this.outgoing[channel].then(() => this.sockets[channel].send(frames));
  }

  private readonly outgoing = {
    shell: Promise.resolve(),
    control: Promise.resolve(),
    stdin: Promise.resolve(),
  };

  /** Waits for a message, past or to come. */
  async waitFor(matches: (message: Message) => boolean, patience = PATIENCE): Promise<Message> {
    const end = Date.now() + patience;
    for (;;) {
      this.assertRight();
      const found = this.inbox.find(matches);
      if (found !== undefined) return found;
      const left = end - Date.now();
      if (left <= 0) {
        const last = this.inbox
          .slice(-5)
          .map(({ header, content }) => `${header.msg_type} ${JSON.stringify(content)}`);
        throw new Error(`Nothing that matches came. The last messages:\n${last.join("\n")}`);
      }
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.waiters.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.waiters.add(done);
      });
    }
  }

  /** Sends a request and waits for the content of its reply. */
  async request(type: string, content: Content, channel: "shell" | "control" = "shell"): Promise<Content> {
    const id = this.send(channel, type, content);
    return (await this.waitFor((message) => message.channel === channel && message.parent.msg_id === id))
      .content;
  }

  /** Runs a cell to its end. */
  async run(code: string, options: Content = {}): Promise<Execution> {
    return this.finished(this.begin(code, options));
  }

  /** Sends a cell and does not wait. */
  begin(code: string, options: Content = {}): string {
    const defaults = {
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    return this.send("shell", "execute_request", { code, ...defaults, ...options });
  }

  /** Waits for the end of a cell: its reply and its idle status. */
  async finished(id: string): Promise<Execution> {
    const reply = await this.waitFor(
      (message) => message.channel === "shell" && message.parent.msg_id === id,
    );
    await this.waitFor(
      (message) => message.channel === "iopub" && message.parent.msg_id === id && isIdle(message),
    );
    const messages = this.inbox.filter(
      (message) => message.channel === "iopub" && message.parent.msg_id === id,
    );
    const all = (type: string) =>
      messages.filter((message) => message.header.msg_type === type).map((message) => message.content);
    return {
      reply: reply.content,
      messages,
      all,
      text: (stream = "stdout") =>
        all("stream")
          .filter(({ name }) => name === stream)
          .map(({ text }) => text)
          .join(""),
      result: all("execute_result")[0]?.data["text/plain"],
      traceback: all("error")
        .flatMap(({ traceback }) => traceback)
        .map(withoutColours)
        .join("\n"),
    };
  }

  /** Waits until something printed on behalf of a cell contains `text`. */
  printed(id: string, text: string): Promise<Message> {
    return this.waitFor(
      ({ header, parent, content }) =>
        header.msg_type === "stream" && parent.msg_id === id && content.text.includes(text),
    );
  }

  /** Sends `frames` to the heartbeat and returns the echo. */
  async heartbeat(frame: string): Promise<string> {
    const socket = new Request({ linger: 0, receiveTimeout: PATIENCE });
    socket.connect(`tcp://127.0.0.1:${this.ports[4]}`);
    await socket.send(frame);
    const [echo] = await socket.receive();
    socket.close();
    return echo!.toString();
  }

  /** Waits for the process to end. */
  async exited(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "exit");
  }

  /** Kills the kernel and closes the client. */
  async stop(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exited();
    for (const socket of Object.values(this.sockets)) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
    this.assertRight();
  }

  /** Throws if the kernel has sent a message that the specification does not allow. */
  private assertRight(): void {
    if (this.faults.length > 0) throw this.faults[0];
  }

  private async read(channel: Message["channel"]): Promise<void> {
    for await (const frames of this.sockets[channel]) {
      try {
        this.inbox.push(this.decode(channel, frames));
      } catch (fault) {
        this.faults.push(fault);
      }
      for (const waiter of [...this.waiters]) waiter();
    }
  }

  private decode(channel: Message["channel"], frames: Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
    const parts = frames.slice(at + 2, at + 6);
    const hmac = createHmac("sha256", this.key);
    for (const part of parts) hmac.update(part);
    const expected = this.key === "" ? "" : hmac.digest("hex");
    if (frames[at + 1]!.toString() !== expected)
      throw new Error("The kernel sent a message with a wrong signature");
    const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString()));
    const message = { channel, header, parent, metadata, content };
    checkMessage(message, (id) => this.requests.get(id));
    return message;
  }
}

export function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with the escape character
  return text.replace(/\u001b\[[\d;]*m/g, "");
}

function isIdle({ header, content }: Message): boolean {
  return header.msg_type === "status" && content.execution_state === "idle";
}
