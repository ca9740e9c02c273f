import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Channel } from "../../lib/channel/channel";
import { Keys } from "../../lib/channel/keys/keys";
import { connectZeroMq } from "../../lib/channel/zeromq/zeromq-channel";
import { frameOf, Inbox } from "../support/channel-contract";

/** Inside node_modules, so that the program finds zeromq. */
const folder = mkdtempSync(join(__dirname, "../../node_modules/.spdz-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: join(__dirname, "child-main.ts"),
      outDir: folder,
      rollupOptions: { external: ["zeromq"], output: { format: "cjs", entryFileNames: "child.cjs" } },
    },
  });
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `tcp://127.0.0.1:${port}`;
}

class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  #text = "";

  constructor(party: number, address: string, silenceMs: number, keys: string[] = []) {
    this.process = spawn(
      process.execPath,
      [join(folder, "child.cjs"), `${party}`, address, `${silenceMs}`, ...keys],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.process.stdout!.on("data", (text) => {
      this.#text += text;
    });
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    cleanups.push(() => this.process.kill("SIGKILL"));
  }

  get text(): string {
    return this.#text;
  }
}

/** This process as one party and a child as the other. Allow the new process time to start on a busy machine. */
async function withChild(party: 0 | 1, { silenceMs = 500, resumeMs = 60_000 } = {}) {
  const address = await freeAddress();
  const child = new Child(1 - party, address, silenceMs);
  const channel = connectZeroMq(party, { bind: address, peer: address, silenceMs, resumeMs });
  cleanups.push(() => channel.close());
  const inbox = new Inbox(channel);
  await channel.connected;
  return { channel, inbox, child, address };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(channel: Channel, inbox: Inbox, operation: number, payload: Uint8Array) {
  const count = inbox.frames.length + 1;
  channel.send(frameOf(operation, payload));
  const { payload: reply } = (await inbox.take(count))[count - 1]!;
  const [length, last, most] = new Float64Array(reply.buffer, reply.byteOffset, 3);
  return { length, last, most: most! };
}

for (const party of [0, 1] as const) {
  test(`party ${party} notices that its peer was killed, and gives up after resumeMs`, async () => {
    const { child, inbox } = await withChild(party, { resumeMs: 1000 });
    child.process.kill("SIGKILL");
    await inbox.lost;
    expect(await inbox.closed).toMatchObject({ code: "transport-timeout" });
  });

  test(`party ${party} recognizes a peer that was killed and started again`, async () => {
    const { child, inbox, address } = await withChild(party);
    child.process.kill("SIGKILL");
    await inbox.lost;
    new Child(1 - party, address, 500);
    expect(await inbox.closed).toMatchObject({ code: "transport-restarted" });
  });

  test(`party ${party} continues with a peer that was stopped and continued`, async () => {
    const { channel, child, inbox } = await withChild(party);
    expect(await ask(channel, inbox, 0, new Uint8Array(10))).toMatchObject({ length: 10 });
    child.process.kill("SIGSTOP");
    channel.send(frameOf(1, new Uint8Array(20)));
    await inbox.lost;
    child.process.kill("SIGCONT");
    await inbox.take(2);
    expect(await ask(channel, inbox, 2, new Uint8Array(30))).toMatchObject({ length: 30 });
  });
}

for (const party of [0, 1] as const) {
  test(`party ${party} continues at once with a peer that computed for a long time`, async () => {
    const { channel, child, inbox } = await withChild(party);
    channel.send(frameOf(1, new Uint8Array(10)));
    await inbox.take(1);
    // It is busy for 4 s, during which the connection is made again repeatedly.
    channel.send(frameOf(999, new Uint8Array(20)));
    await pause(3900);
    const start = performance.now();
    expect(await ask(channel, inbox, 2, new Uint8Array(30))).toBeDefined();
    await inbox.take(3);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(child.process.exitCode).toBeNull();
  });
}

for (const party of [0, 1] as const) {
  test(`a process that is party ${party} with CURVE ends by itself after a close`, async () => {
    const [own, peer] = [Keys.generate(), Keys.generate()];
    const address = await freeAddress();
    const child = new Child(party, address, 500, [own.revealSecretKey(), own.publicKey, peer.publicKey]);
    const identity = { keys: peer, peerKey: own.publicKey };
    const channel = connectZeroMq((1 - party) as 0 | 1, { bind: address, peer: address, identity });
    await channel.connected;
    await channel.close();
    expect(await child.exited).toBe(0);
    expect(child.text).toContain("closed transport-closed");
  });
}

test("sending 256 MB takes little additional memory, on both sides", async () => {
  const { channel, inbox } = await withChild(0, { silenceMs: 3000 });
  const small = await ask(channel, inbox, 0, new Uint8Array(8));
  const size = 256e6;
  const payload = new Uint8Array(size);
  payload[size - 1] = 77;
  const before = process.memoryUsage().rss;
  let most = before;
  const sample = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const reply = await ask(channel, inbox, 1, payload);
  clearInterval(sample);
  expect(reply).toMatchObject({ length: size, last: 77 });
  expect(reply.most - small.most - size).toBeLessThan(200e6);
  // The sender's payload consists of zero pages, which enter memory as they are read.
  expect(most - before - size).toBeLessThan(200e6);
});
