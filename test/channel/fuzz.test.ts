import { afterEach, expect, test } from "vitest";
import { Pair } from "zeromq";
import { encodePacket, Kind, type Packet, packetOf } from "../../lib/channel/link/frame";
import { SimulatedLink } from "../../lib/channel/memory/simulated-link";
import { connectZeroMq } from "../../lib/channel/zeromq/zeromq-channel";
import { frameOf, Inbox, random } from "../support/channel-contract";
import { CuttingProxy } from "./proxy";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function noise(next: (below: number) => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => next(256));
}

/** A meaningful packet of the session. */
function packetIn(session: Uint8Array, next: (below: number) => number): Packet {
  const kind = (1 + next(5)) as Kind;
  const body = kind === Kind.data || kind === Kind.goodbye ? noise(next, 1 + next(150)) : new Uint8Array(0);
  const total = kind === Kind.data ? body.length : 0;
  return packetOf({
    kind,
    sender: 0,
    session,
    operation: next(1000),
    sequence: next(50),
    token: next(3),
    body,
    total,
  });
}

/** Random bytes, or a valid packet with some bytes changed, cut short or made longer: never a valid packet. */
function hostile(session: Uint8Array, next: (below: number) => number): Uint8Array[] {
  if (next(4) === 0) return Array.from({ length: next(3) }, () => noise(next, next(300)));
  const parts = encodePacket(packetIn(session, next)).map((part) => new Uint8Array(part));
  const bytes = parts[next(parts.length)]!;
  const where = next(bytes.length);
  switch (next(3)) {
    case 0:
      return [bytes.subarray(0, where), ...parts.slice(1)];
    case 1:
      return [...parts, noise(next, 1 + next(9)), noise(next, 3)];
    default:
      bytes[where]! ^= 1 + next(255);
      return parts;
  }
}

test("100,000 random and mutated messages inside a session change nothing", async () => {
  const next = random(7);
  const link = new SimulatedLink();
  const [a, b] = link.channels;
  const inbox = new Inbox(b);
  await Promise.all([a.connected, b.connected]);
  const session = b.session!;
  const before = process.memoryUsage().rss;
  let sent = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 500; i++) link.inject(1, hostile(session, next));
    a.send(frameOf(sent, Uint8Array.of(sent & 255)));
    await inbox.take(++sent);
  }
  expect(inbox.frames.map((f) => [f.operation, ...f.payload])).toEqual(
    Array.from({ length: sent }, (_, i) => [i, i & 255]),
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  await Promise.all([a.close(), b.close()]);
});

test("well-formed but meaningless packets are dropped or end the session, on both sides", async () => {
  const next = random(8);
  let ended = 0;
  for (let round = 0; round < 1000; round++) {
    const link = new SimulatedLink();
    const [a, b] = link.channels;
    const inboxes = [new Inbox(a), new Inbox(b)] as const;
    await Promise.all([a.connected, b.connected]);
    const packet = packetIn(b.session!, next);
    const odd: Partial<Packet> = [
      { ackOnline: 1 + next(1e6) },
      { ackBackground: 1 },
      { sender: 1 as const },
      { total: packet.total + next(2), offset: next(2) },
      { kind: next(16) as Kind },
      { stream: 1 as const },
      { sequence: next(3), total: next(2 ** 31), kind: Kind.data, body: noise(next, 5) },
    ][next(7)]!;
    link.inject(1, encodePacket({ ...packet, ...odd }));
    a.send(frameOf(1));
    b.send(frameOf(2));
    const outcome = await Promise.race([inboxes[1].closed, inboxes[0].take(1)]);
    if (!Array.isArray(outcome)) {
      ended++;
      expect(["transport-malformed", "transport-closed"]).toContain(outcome?.code);
      expect(["transport-malformed", "transport-closed"]).toContain((await inboxes[0].closed)?.code);
    }
    await Promise.all([a.close(), b.close()]);
  }
  expect(ended).toBeGreaterThan(100);
});

test("a thousand damaged messages in a row end the session", async () => {
  const link = new SimulatedLink();
  const [a, b] = link.channels;
  const inboxes = [new Inbox(a), new Inbox(b)] as const;
  await Promise.all([a.connected, b.connected]);
  const damaged = encodePacket(packetOf({ kind: Kind.ack, sender: 0, session: b.session! }))[0]!;
  damaged[63]! ^= 1;
  for (let i = 0; i < 1100; i++) link.inject(1, [damaged]);
  expect(await inboxes[1].closed).toMatchObject({ code: "transport-malformed" });
  expect(await inboxes[0].closed).toMatchObject({ code: "transport-malformed" });
});

test("20,000 messages from a second socket do not reach a session over tcp", async () => {
  const next = random(9);
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*" });
  const b = connectZeroMq(1, { peer: a.address });
  cleanups.push(() => Promise.all([a.close(), b.close()]));
  const inboxes = [new Inbox(a), new Inbox(b)] as const;
  await Promise.all([a.connected, b.connected]);
  const stranger = new Pair({ linger: 0, sendTimeout: 0, sendHighWaterMark: 100 });
  cleanups.push(() => stranger.close());
  stranger.connect(a.address);
  for (let i = 0; i < 20_000; i++) {
    await stranger.send(hostile(b.session!, next).concat(noise(next, 1))).catch(() => undefined);
    if (i % 1000 === 0) {
      b.send(frameOf(i));
      await inboxes[0].take(1 + i / 1000);
    }
  }
  expect(inboxes[0].frames.map((f) => f.operation)).toEqual(Array.from({ length: 20 }, (_, i) => i * 1000));
});

for (const kind of ["talks", "is silent"]) {
  test(`a stranger who came first and ${kind} loses the place to the peer`, async () => {
    const timing = { silenceMs: 400 };
    const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", ...timing });
    const stranger = new Pair({ linger: 0, reconnectInterval: 60_000 });
    const connected = new Promise((resolve) => stranger.events.on("handshake", resolve));
    stranger.connect(a.address);
    await connected;
    if (kind === "talks") await stranger.send("let me in");
    const b = connectZeroMq(1, { peer: a.address, ...timing });
    cleanups.push(
      () => stranger.close(),
      () => Promise.all([a.close(), b.close()]),
    );
    await Promise.all([a.connected, b.connected]);
    const inbox = new Inbox(b);
    a.send(frameOf(1));
    await inbox.take(1);
  });
}

test("10,000 messages inserted into the connection itself change nothing", async () => {
  const next = random(10);
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*" });
  const proxy = await CuttingProxy.to(a.address);
  const b = connectZeroMq(1, { peer: proxy.address });
  cleanups.push(
    () => proxy.close(),
    () => Promise.all([a.close(), b.close()]),
  );
  const inbox = new Inbox(a);
  await Promise.all([a.connected, b.connected]);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 500; i++) {
      const parts = hostile(a.session!, next).filter((part) => part.length < 256);
      for (const [at, part] of parts.entries()) {
        proxy.inject(Buffer.concat([Uint8Array.of(at + 1 < parts.length ? 1 : 0, part.length), part]));
      }
    }
    b.send(frameOf(round));
    await inbox.take(round + 1);
  }
  expect(inbox.frames.map((f) => f.operation)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

// Regression, over many connections: a rare order of damage left both sides waiting, or without a connection for good.
test.each([...Array(50).keys()])(
  "bytes changed inside connection %i never make a wrong frame",
  async (seed) => {
    const next = random(11 + seed);
    const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", silenceMs: 400 });
    const proxy = await CuttingProxy.to(a.address);
    const b = connectZeroMq(1, { peer: proxy.address, silenceMs: 400 });
    cleanups.push(
      () => proxy.close(),
      () => Promise.all([a.close(), b.close()]),
    );
    const inbox = new Inbox(a);
    await Promise.all([a.connected, b.connected]);
    proxy.change = (bytes) => {
      if (next(4) !== 0 || bytes.length === 0) return bytes;
      const copy = Buffer.from(bytes);
      copy[next(copy.length)]! ^= 1 << next(8);
      return copy;
    };
    for (let i = 0; i < 100; i++) b.send(frameOf(i, new Uint8Array(200 + 50 * i).fill(i)));
    const outcome = await Promise.race([inbox.closed, inbox.take(100)]);
    for (const [i, f] of inbox.frames.entries()) {
      expect(f.operation).toBe(i);
      expect(Buffer.compare(f.payload, new Uint8Array(200 + 50 * i).fill(i))).toBe(0);
    }
    expect(Array.isArray(outcome) || outcome?.code === "transport-malformed").toBe(true);
    proxy.change = (bytes) => bytes;
  },
);
