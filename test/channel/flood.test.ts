// Neither strangers nor a peer can abort this process or exhaust its memory or descriptors.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { assertBuilt } from "../kernel/client";
import { random } from "../support/channel-contract";
import { freePort } from "../support/free-port";
import { FAULTS } from "./soak/faults";
import { SoakPair } from "./soak/pair";
import { dial, part, ping, shakeHands } from "./zmtp";

beforeAll(() => assertBuilt());

const soakRoot = process.env["SPDZLAB_SOAK_ROOT"] ?? process.cwd();
let pair: SoakPair | undefined;
afterEach(() => pair?.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(encrypted: boolean, before?: (address: string) => Promise<void>): Promise<SoakPair> {
  pair = await SoakPair.start(encrypted, 5, before);
  return pair;
}

/** Check that both parties continue to multiply. */
async function goOn({ parties }: SoakPair): Promise<void> {
  for (const party of parties) {
    const goal = party.round + 3;
    await party.until(() => party.over || party.round >= goal, 30_000);
    expect(party.died ?? party.failed).toBeUndefined();
    expect(party.round).toBeGreaterThanOrEqual(goal);
    expect(party.wrong).toEqual([]);
  }
}

// Regression: ZeroMQ stops reading from a connection without a pipe; after a reset, its own heartbeat aborted.
test("a stranger's message and reset do not abort a party with an open port", async () => {
  const running = await start(false);
  await goOn(running);
  for (let i = 0; i < 6; i++) {
    const socket = await shakeHands(running.address, 60);
    socket.write(part(Buffer.of(65)));
    await pause(100);
    socket.resetAndDestroy();
    await pause(300);
  }
  await goOn(running);
});

test("a second connection with the peer's key, and its reset, abort neither party", async () => {
  const running = await start(true);
  await goOn(running);
  const fault = FAULTS.find(({ name }) => name === "the peer's key again, reset")!;
  const next = random(3);
  for (let i = 0; i < 8; i++) {
    await fault.run(running, next);
    await pause(150);
  }
  await goOn(running);
});

// The pipe fills before anybody can read, which stops ZeroMQ's input with a ping in it.
test("a thousand messages, a ping and a reset do not abort a busy party", async () => {
  const folder = JSON.stringify(join(soakRoot, "dist/lib/channel/zeromq/zeromq-channel.js"));
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const program = `
    const { connectZeroMq } = require(${folder});
    const channel = connectZeroMq(0, { bind: ${JSON.stringify(address)} });
    setTimeout(() => {
      require("node:fs").writeSync(1, "busy ");
      for (const end = Date.now() + 1000; Date.now() < end; );
      setTimeout(async () => { await channel.close(); console.log("alive"); }, 500);
    }, 300);
  `;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  const busy = new Promise<void>((resolve) => {
    child.stdout.on("data", (data) => {
      text += data;
      resolve();
    });
  });
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  await busy;
  const socket = await shakeHands(address, 50);
  const many = Array.from({ length: 2000 }, () => part(Buffer.of(65)));
  socket.write(Buffer.concat([...many, ping()]));
  await pause(150);
  socket.resetAndDestroy();
  expect(await ended).toBe(0);
  expect(text).toContain("alive");
});

const floods = {
  "a message without end": part(Buffer.alloc(2 ** 20), true),
  "small messages without end": Buffer.concat(Array.from({ length: 2 ** 16 }, () => part(Buffer.of(65)))),
  "large messages without end": part(Buffer.alloc(2 ** 20)),
};

for (const [what, chunk] of Object.entries(floods)) {
  test(`${what}: the connection is cut while little memory is taken`, async () => {
    // From a stranger who came first, so that it has a pipe, and before its silence gets it dropped.
    let sent = 0;
    const before = async (address: string) => {
      await pause(1000);
      const socket = await shakeHands(address, 50);
      const end = Date.now() + 8000;
      while (sent < 1.5 * 2 ** 30 && !socket.destroyed && Date.now() < end) {
        sent += chunk.length;
        if (socket.write(chunk)) continue;
        await new Promise<void>((resolve) => {
          socket.once("drain", resolve);
          socket.once("close", () => resolve());
        });
      }
      socket.destroy();
    };
    pair = await SoakPair.start(false, 5, before, 10_000);
    await goOn(pair);
    expect(sent).toBeGreaterThan(2 ** 16);
    expect(pair.parties[0].most.rss).toBeLessThan(1000 * 2 ** 20);
  });
}

test.skipIf(process.platform !== "linux").each(["half-open", "through their handshake and reset"])(
  "300 connections, %s, do not use up descriptors",
  async (kind) => {
    const running = await start(false);
    await goOn(running);
    const before = running.parties[0].most.descriptors;
    for (let i = 0; i < 300; i += 20) {
      const sockets = await Promise.all(
        Array.from({ length: 20 }, async () => {
          if (kind === "half-open") return dial(running.address);
          const socket = await shakeHands(running.address, 20);
          socket.write(part(Buffer.of(65)));
          return socket;
        }),
      );
      await pause(kind === "half-open" ? 60 : 20);
      if (kind !== "half-open") for (const socket of sockets) socket.resetAndDestroy();
    }
    await pause(300);
    await goOn(running);
    expect(running.parties[0].most.descriptors).toBeLessThan(before + 120);
  },
);
