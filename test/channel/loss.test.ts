// A party asks again for lost packets until they arrive, or gives up on the peer after resumeMs.
import { afterEach, expect, test } from "vitest";
import { Keys } from "../../lib/channel/keys/keys";
import { decodePacket, Kind } from "../../lib/channel/link/frame";
import { SimulatedLink, type SimulatedLinkOptions } from "../../lib/channel/memory/simulated-link";
import { connectZeroMq } from "../../lib/channel/zeromq/zeromq-channel";
import { frameOf, Inbox } from "../support/channel-contract";
import { CuttingProxy } from "./proxy";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function connect(options: SimulatedLinkOptions = {}) {
  const link = new SimulatedLink({ silenceMs: 150, resumeMs: 60_000, ...options });
  const [a, b] = link.channels;
  const inboxes = [new Inbox(a), new Inbox(b)] as const;
  await Promise.all([a.connected, b.connected]);
  cleanups.push(() => Promise.all([a.close(), b.close()]));
  return { link, a, b, inboxes };
}

/** Return the number of a data packet; undefined for any other packet. */
function sequenceOf(datagram: readonly Uint8Array[]): number | undefined {
  const packet = decodePacket(datagram.map((part) => new Uint8Array(part)));
  return packet.kind === Kind.data ? packet.sequence : undefined;
}

for (const stream of ["online", "background"] as const) {
  test(`the loss of the last packet of the ${stream} stream is noticed, though no other packet follows`, async () => {
    const { link, a, inboxes } = await connect();
    let lost = 0;
    link.loses = (_, datagram) => sequenceOf(datagram) !== undefined && ++lost <= 3;
    a.send(frameOf(1, new Uint8Array(9), { stream }));
    expect(await inboxes[1].take(1)).toMatchObject([{ operation: 1 }]);
    expect(lost).toBe(4);
  });
}

test("a gap is reported until it is filled", async () => {
  const { link, a, inboxes } = await connect();
  let lost = 0;
  link.loses = (_, datagram) => sequenceOf(datagram) === 2 && ++lost <= 4;
  for (let i = 0; i < 6; i++) a.send(frameOf(i));
  expect((await inboxes[1].take(6)).map(({ operation }) => operation)).toEqual([0, 1, 2, 3, 4, 5]);
});

test("lost questions and answers are repeated", async () => {
  const { link, a, b, inboxes } = await connect();
  let lost = 0;
  // Lose every second packet, of every kind, for a while.
  link.loses = () => ++lost < 60 && lost % 2 === 0;
  for (let i = 0; i < 10; i++) {
    a.send(frameOf(i));
    b.send(frameOf(i));
  }
  await Promise.all([inboxes[0].take(10), inboxes[1].take(10)]);
});

test("a packet that never arrives ends the session after resumeMs, on both sides", async () => {
  const { link, a, inboxes } = await connect({ resumeMs: 900 });
  link.loses = (_, datagram) => sequenceOf(datagram) === 1;
  const start = performance.now();
  a.send(frameOf(0));
  a.send(frameOf(1));
  expect(await inboxes[0].closed).toMatchObject({ code: "transport-timeout" });
  expect(await inboxes[1].closed).toBeDefined();
  expect(performance.now() - start).toBeLessThan(4000);
});

test("a peer that stays silent on an intact connection is given up after resumeMs", async () => {
  const { link, inboxes } = await connect({ resumeMs: 900 });
  link.loses = () => true;
  for (const inbox of inboxes) expect(await inbox.closed).toMatchObject({ code: "transport-timeout" });
});

test("a session continues with a peer that is silent for longer than silenceMs but not for resumeMs", async () => {
  const { link, a, inboxes } = await connect();
  link.loses = () => true;
  a.send(frameOf(1));
  await pause(1000);
  link.loses = () => false;
  await inboxes[1].take(1);
});

test("a message that does not decrypt does not hide a break of the peer's connection", async () => {
  const [zero, one] = [Keys.generate(), Keys.generate()];
  const timing = { silenceMs: 300, resumeMs: 1500 };
  const identity = { keys: zero, peerKey: one.publicKey };
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", ...timing, identity });
  const proxy = await CuttingProxy.to(a.address);
  const peer = { keys: one, peerKey: zero.publicKey };
  const b = connectZeroMq(1, { peer: proxy.address, ...timing, identity: peer });
  cleanups.push(
    () => proxy.close(),
    () => Promise.all([a.close(), b.close()]),
  );
  const inboxes = [new Inbox(a), new Inbox(b)] as const;
  b.send(frameOf(0));
  await inboxes[0].take(1);
  proxy.change = (bytes, way) => {
    if (way === "down" || bytes.length === 0) return bytes;
    const copy = Buffer.from(bytes);
    copy[copy.length - 1]! ^= 1;
    // The message that does not decrypt is the last for a long time.
    proxy.refusing = true;
    return copy;
  };
  b.send(frameOf(1));
  expect(await inboxes[0].closed).toMatchObject({ code: "transport-timeout" });
});
