// Honest parties that close in any order, or pause for some seconds, while a commitment is half opened, are never
// accused.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Channel, Frame } from "../../lib/channel/channel";
import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import { CheckError } from "../../lib/errors";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { resolveOptions } from "../../lib/session/options/options";

/** Party 1's outgoing side, which a test can pause. */
class Slow {
  #held: Frame[] | undefined;
  readonly #send: (frame: Frame) => void;

  constructor(channel: Channel) {
    this.#send = channel.send.bind(channel);
    channel.send = (frame) => {
      if (this.#held) this.#held.push(frame);
      else this.#send(frame);
    };
  }

  stop(): void {
    this.#held ??= [];
  }

  go(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) this.#send(frame);
  }
}

let pair: DistributedInterface[] = [];
afterEach(async () => {
  await Promise.all(pair.map((iface) => iface.close()));
});

/** Let both make triples. Return when party 1 is about to send an opening; nothing leaves it from then on. */
async function untilOwed(): Promise<{ slow: Slow }> {
  setHost({ cell: () => undefined, notify: () => {} });
  const { settings } = resolveOptions({});
  const [zero, one] = createMemoryPair(settings);
  const slow = new Slow(one);
  pair = [
    new DistributedInterface(0, { channel: () => zero }),
    new DistributedInterface(1, { channel: () => one }),
  ];
  await Promise.all(pair.map((iface) => iface.prepare({ triples: 32 })));
  const owed = new Promise<void>((resolve) => {
    pair[1]!.session.tampering.alter = (payload, _, what) => {
      if (what === "opened commitment") {
        slow.stop();
        resolve();
      }
      return payload;
    };
  });
  for (const iface of pair) iface.prepare({ triples: 64 }).catch(() => undefined);
  await owed;
  // Party 0 opens as well.
  while (!pair[0]!.session.sharing.pool.gate!.owed) await sleep(1);
  pair[1]!.session.tampering.alter = undefined;
  return { slow };
}

const accused = () => pair.map(({ session: { ended } }) => ended instanceof CheckError && ended.message);

test("a party closes while the other is busy for some seconds", async () => {
  const { slow } = await untilOwed();
  const closed = pair[0]!.close();
  await sleep(3500);
  slow.go();
  await closed;
  await sleep(100);
  expect(accused()).toEqual([false, false]);
}, 20_000);

test("a party closes twice", async () => {
  const { slow } = await untilOwed();
  const closed = [pair[0]!.close(), pair[0]!.close()];
  slow.go();
  await Promise.all(closed);
  await sleep(100);
  expect(accused()).toEqual([false, false]);
}, 20_000);

test("a party closes just after the other", async () => {
  const { slow } = await untilOwed();
  // A goodbye does not overtake what was sent before it.
  slow.go();
  const closed = pair[1]!.close();
  while (pair[0]!.open) await new Promise((resolve) => setImmediate(resolve));
  // Its end arrives in the same turn as its last message.
  await Promise.all([pair[0]!.close(), closed]);
  await sleep(100);
  expect(accused()).toEqual([false, false]);
}, 20_000);

test("both close at once", async () => {
  const { slow } = await untilOwed();
  slow.go();
  const closed = pair.map((iface) => iface.close());
  await Promise.all(closed);
  await sleep(100);
  expect(accused()).toEqual([false, false]);
}, 20_000);
