import { afterEach, expect, test } from "vitest";
import type { Channel } from "../../lib/channel/channel";
import { connectZeroMq, type ZeroMqOptions } from "../../lib/channel/zeromq/zeromq-channel";
import { frameOf, Inbox } from "../support/channel-contract";
import { CuttingProxy, type Way } from "./proxy";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Two parties with a proxy between them. */
async function proxied(options: ZeroMqOptions = {}) {
  const timing = { silenceMs: 600, timeoutMs: 20_000, ...options };
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", ...timing });
  const proxy = await CuttingProxy.to(a.address);
  const b = connectZeroMq(1, { peer: proxy.address, ...timing });
  const inboxes = [new Inbox(a), new Inbox(b)] as const;
  cleanups.push(
    () => proxy.close(),
    () => Promise.all([a.close(), b.close()]).then(() => undefined),
  );
  return { a, b, proxy, inboxes };
}

/** Exchange four messages each way, as a matrix product does. Each waits for the one before. */
async function play(a: Channel, b: Channel, inboxes: readonly [Inbox, Inbox], first = 0): Promise<void> {
  for (let i = first; i < first + 4; i++) {
    const payload = new Uint8Array(100 + 2000 * (i % 4)).fill(i);
    a.send(frameOf(i, payload));
    b.send(frameOf(i, payload.slice()));
    await Promise.all([inboxes[0].take(i + 1), inboxes[1].take(i + 1)]);
  }
  for (const inbox of inboxes) {
    expect(inbox.frames.map((f) => f.operation)).toEqual(inbox.frames.map((_, i) => i));
    for (const f of inbox.frames) {
      expect(f.payload.length).toBe(100 + 2000 * (f.operation % 4));
      expect(f.payload.every((byte) => byte === (f.operation & 255))).toBe(true);
    }
  }
}

test("a session survives a cut before, within and after each message", async () => {
  const dry = await proxied();
  await play(dry.a, dry.b, dry.inboxes);
  const { up, down } = dry.proxy.boundaries;
  const places: [Way, number][] = [];
  for (const [way, ends] of [
    ["up", up],
    ["down", down],
  ] as const) {
    for (const [i, end] of ends.entries()) {
      places.push([way, end]);
      if (i > 0) places.push([way, Math.floor((ends[i - 1]! + end) / 2)]);
    }
  }
  expect(places.length).toBeGreaterThan(20);
  for (const [way, at] of places) {
    const { a, b, proxy, inboxes } = await proxied();
    proxy.cutAt(way, at);
    await play(a, b, inboxes);
    proxy.cutAt(way, 0);
    await Promise.all([a.close(), b.close()]);
    await proxy.close();
  }
});

test("a session survives 100 cuts at random bytes of a tcp connection", async () => {
  const { a, b, proxy, inboxes } = await proxied();
  let round = 0;
  for (; proxy.cuts < 100; round++) {
    proxy.cutAfter(round % 2 ? "up" : "down", (round * 7919) % 9000);
    await play(a, b, inboxes, 4 * round);
  }
  expect(inboxes[0].frames.length).toBe(4 * round);
});

test("an outage is reported and waited for, and nothing is lost", async () => {
  const { a, b, proxy, inboxes } = await proxied();
  await play(a, b, inboxes);
  proxy.refusing = true;
  proxy.cut();
  a.send(frameOf(4, new Uint8Array(100).fill(4)));
  b.send(frameOf(4, new Uint8Array(100).fill(4)));
  await inboxes[0].lost;
  await inboxes[1].lost;
  proxy.refusing = false;
  await Promise.all([inboxes[0].take(5), inboxes[1].take(5)]);
  await play(a, b, inboxes, 5);
});

test("an outage longer than resumeMs ends the channel on both sides", async () => {
  const { proxy, inboxes, a, b } = await proxied({ resumeMs: 300 });
  await play(a, b, inboxes);
  proxy.refusing = true;
  proxy.cut();
  for (const inbox of inboxes) expect(await inbox.closed).toMatchObject({ code: "transport-timeout" });
});

test("a restarted peer is recognized, and a new session can follow", async () => {
  for (const survivor of [0, 1] as const) {
    const timing = { silenceMs: 600, timeoutMs: 20_000 };
    const first = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", ...timing });
    const proxy = await CuttingProxy.to(first.address);
    const make = (party: 0 | 1) =>
      connectZeroMq(party, { bind: first.address, peer: proxy.address, ...timing });
    const second = make(1);
    const channels = [first, second] as const;
    const inbox = new Inbox(channels[survivor]);
    await Promise.all([first.connected, second.connected]);
    // It leaves without a goodbye, as a killed process does.
    proxy.refusing = true;
    proxy.cut();
    await channels[1 - survivor]!.close();
    proxy.refusing = false;
    const newcomer = make((1 - survivor) as 0 | 1);
    expect(await inbox.closed).toMatchObject({ code: "transport-restarted" });
    await channels[survivor].close();
    const again = make(survivor);
    await Promise.all([newcomer.connected, again.connected]);
    const at = new Inbox(again);
    newcomer.send(frameOf(5));
    await at.take(1);
    await Promise.all([newcomer.close(), again.close()]);
    await proxy.close();
  }
});
