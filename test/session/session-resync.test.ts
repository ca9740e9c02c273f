// A resync while the streams overtake each other: no message of the new count is dropped with the old ones.

import { createServer, connect as dial } from "node:net";
import { afterEach, expect, test } from "vitest";
import { SharedVariable } from "../../lib/autograd/shared-variable";
import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import { DesyncError } from "../../lib/errors";
import { swapShares } from "../../lib/primitives/swap-shares";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { BUNDLE, unbundle } from "../../lib/session/lockstep/bundle";
import { CONTROL, decodeControl, encodeControl } from "../../lib/session/lockstep/control";
import { resolveOptions } from "../../lib/session/options/options";
import { LongTensor } from "../../lib/tensor/long-tensor";
import { freePort } from "../support/free-port";
import { ownShare } from "../support/own-share";
import { fast } from "../support/pair";

afterEach(() => setHost(undefined));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const MIB = 2 ** 20;

/** Two parties over ZeroMQ; what party 1 sends passes at this rate, so that its window fills. */
async function connect(bytesPerSecond: number): Promise<DistributedInterface[]> {
  setHost({ cell: () => undefined, notify: () => {} });
  const port = await freePort();
  const relay = createServer((client) => {
    const server = dial(port, "127.0.0.1");
    server.pipe(client);
    for (const socket of [client, server]) socket.on("error", () => undefined);
    client.on("data", (bytes) => {
      server.write(bytes);
      client.pause();
      setTimeout(() => client.resume(), (1000 * bytes.length) / bytesPerSecond);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const { port: slow } = relay.address() as { port: number };
  relay.unref();
  const ifaces = [
    new DistributedInterface(0, { ...fast, bind: `tcp://127.0.0.1:${port}` }),
    new DistributedInterface(1, { ...fast, peer: `tcp://127.0.0.1:${slow}` }),
  ];
  await Promise.all(ifaces.map((iface) => iface.settled()));
  return ifaces;
}

async function square(iface: DistributedInterface): Promise<number> {
  const x = new SharedVariable(ownShare(new LongTensor([3n])), iface);
  return Number((await x.mul(x).reveal()).item());
}

for (const how of ["after falling out of step", "to cancel"]) {
  test(`both resync ${how} while the window of one is full`, async () => {
    const ifaces = await connect(20e6);
    const sizes = [8, (64 * MIB) / 8];
    const run = async (iface: DistributedInterface, party: number) => {
      if (how !== "to cancel") swapShares(LongTensor.zeros(8 + party), iface);
      swapShares(LongTensor.zeros(sizes[party]!), iface);
      if (how === "to cancel") await pause(1000);
      else await expect(iface.settled()).rejects.toBeInstanceOf(DesyncError);
      await iface.resync();
      return square(iface);
    };
    expect(await Promise.all(ifaces.map(run))).toEqual([36, 36]);
    await Promise.all(ifaces.map((iface) => iface.close()));
  }, 60_000);
}

/** A party whose peer is the test, message by message. */
async function alone() {
  setHost({ cell: () => undefined, notify: () => {} });
  const [channel, raw] = createMemoryPair(resolveOptions(fast).settings);
  const iface = new DistributedInterface(0, { ...fast, channel: () => channel });
  await raw.connected;
  const heard: string[] = [];
  raw.listen({
    frame: (frame) => {
      for (const each of frame.operation === BUNDLE ? unbundle(frame)! : [frame]) {
        const message = each.operation === CONTROL ? decodeControl(each.payload) : undefined;
        if (message) heard.push(`${message.type} ${each.stream}`);
      }
    },
    closed: () => {},
  });
  const say = (message: Parameters<typeof encodeControl>[0], stream: "online" | "background" = "online") => {
    const payload = encodeControl(message);
    raw.send({ stream, operation: CONTROL, step: 0, digest: new Uint8Array(16), payload });
  };
  return { iface, raw, heard, say };
}

test("a party does not restart numbering before both marks have arrived", async () => {
  const { iface, raw, heard, say } = await alone();
  let done = false;
  const resynced = iface.resync().then(() => {
    done = true;
  });
  say({ type: "resync", epoch: 1, next: 1 });
  await pause(100);
  expect(heard).toEqual(expect.arrayContaining(["resync online", "resync background"]));
  expect(done).toBe(false);
  say({ type: "resync", epoch: 1, next: 1 }, "background");
  await resynced;
  await Promise.all([iface.close(), raw.close()]);
});

test("marks that disagree end the session", async () => {
  const { iface, raw, say } = await alone();
  const resynced = iface.resync();
  say({ type: "resync", epoch: 1, next: 1 });
  say({ type: "resync", epoch: 1, next: 2 }, "background");
  await expect(resynced).rejects.toMatchObject({ code: "transport-malformed" });
  await Promise.all([iface.close(), raw.close()]);
});

test("a peer that keeps asking for positions gets few answers", async () => {
  const { iface, raw, heard, say } = await alone();
  for (let i = 0; i < 20_000; i++) say({ type: "position", last: undefined, answer: false });
  await pause(1500);
  const answers = heard.filter((line) => line.startsWith("position")).length;
  expect(answers).toBeGreaterThan(0);
  expect(answers).toBeLessThan(20);
  await Promise.all([iface.close(), raw.close()]);
});
