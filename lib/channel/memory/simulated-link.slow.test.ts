import { expect, test } from "vitest";
import { channelContract, frameOf, Inbox, random } from "../../../test/support/channel-contract";
import type { Frame } from "../channel";
import { SimulatedLink } from "./simulated-link";

channelContract(
  "a simulated link with latency and bandwidth",
  async (settings0 = {}, settings1 = settings0) => {
    const options = { settings0, settings1, latencyMs: 2, bytesPerSecond: 200e6 };
    return [...new SimulatedLink(options).channels];
  },
);

const summary = (frame: Frame) =>
  `${frame.stream} ${frame.operation} ${frame.payload.length} ${frame.payload[0]}`;

test("1,000 cuts at random bytes lose nothing and repeat nothing", async () => {
  const next = random(1);
  const link = new SimulatedLink();
  const inboxes = [new Inbox(link.channels[0]), new Inbox(link.channels[1])] as const;
  const sent: [string[], string[]] = [[], []];
  let operation = 0;
  while (link.cuts < 1000) {
    link.cutAfter(next(1500));
    for (let i = 0; i < 6; i++) {
      const side = next(2) as 0 | 1;
      const stream = next(3) === 0 ? "background" : "online";
      const frame = frameOf(operation, new Uint8Array(next(400)).fill(operation++), { stream });
      sent[side].push(summary(frame));
      link.channels[side].send(frame);
    }
    await Promise.all([inboxes[0].take(sent[1].length), inboxes[1].take(sent[0].length)]);
  }
  await Promise.all(link.channels.map((channel) => channel.close()));
  for (const side of [0, 1] as const) {
    const got = inboxes[1 - side]!.frames.map(summary);
    for (const stream of ["online", "background"]) {
      const of = (list: string[]) => list.filter((line) => line.startsWith(stream));
      expect(of(got)).toEqual(of(sent[side]));
    }
  }
});

test("a large payload survives a cut in each of its parts", async () => {
  const link = new SimulatedLink();
  const [a, b] = link.channels;
  const inbox = new Inbox(b);
  await Promise.all([a.connected, b.connected]);
  const payload = Uint8Array.from({ length: 20_000_000 }, (_, i) => (i * 7 + (i >> 11)) & 255);
  const copy = payload.slice();
  a.send(frameOf(1, payload));
  for (let cut = 0; cut < 12; cut++) {
    const { cuts } = link;
    link.cutAfter(1_500_000);
    while (link.cuts === cuts) await new Promise(setImmediate);
  }
  const [frame] = await inbox.take(1);
  expect(Buffer.compare(frame!.payload, copy)).toBe(0);
  await Promise.all([a.close(), b.close()]);
});

test("the online stream overtakes the background", async () => {
  const link = new SimulatedLink({ bytesPerSecond: 100e6 });
  const [a, b] = link.channels;
  const inbox = new Inbox(b);
  await Promise.all([a.connected, b.connected]);
  for (let i = 0; i < 10; i++) a.send(frameOf(i, new Uint8Array(4_000_000), { stream: "background" }));
  a.send(frameOf(99));
  const frames = await inbox.take(11);
  const place = frames.findIndex((frame) => frame.operation === 99);
  expect(place).toBeLessThan(3);
  await Promise.all([a.close(), b.close()]);
});

test("drained holds back a sender that is faster than the link", async () => {
  const link = new SimulatedLink({ bytesPerSecond: 1e9 });
  const [a, b] = link.channels;
  const inbox = new Inbox(b);
  let most = 0;
  for (let i = 0; i < 60; i++) {
    await a.drained();
    a.send(frameOf(i, new Uint8Array(1_000_000)));
    most = Math.max(most, i + 1 - inbox.frames.length);
  }
  await inbox.take(60);
  expect(most).toBeLessThanOrEqual(20);
  await Promise.all([a.close(), b.close()]);
});

test("a listener is told when a connection is lost and resumed", async () => {
  const link = new SimulatedLink({ reconnectMs: 20 });
  const [a, b] = link.channels;
  const states: string[] = [];
  const resumed = new Promise<void>((resolve) => {
    a.listen({
      frame: () => undefined,
      closed: () => undefined,
      connection: (state) => {
        states.push(state);
        if (state === "resumed") resolve();
      },
    });
  });
  await Promise.all([a.connected, b.connected]);
  link.cutAfter(0);
  b.send(frameOf(0));
  await resumed;
  expect(states).toEqual(["lost", "resumed"]);
  await Promise.all([a.close(), b.close()]);
});

test("a connection that does not come back is given up", async () => {
  const link = new SimulatedLink({ reconnectMs: 1e6, resumeMs: 60, silenceMs: 30 });
  const [a, b] = link.channels;
  const inboxes = [new Inbox(a), new Inbox(b)];
  await Promise.all([a.connected, b.connected]);
  link.cutAfter(0);
  b.send(frameOf(0));
  for (const inbox of inboxes) {
    const error = await inbox.closed;
    expect(error).toMatchObject({ code: "transport-timeout" });
    expect(error?.message).toContain("did not come back");
  }
});
