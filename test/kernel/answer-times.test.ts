/** How soon a kernel answers while a thread of it makes correlated randomness with another kernel. */

import { afterEach, expect, test } from "vitest";
import { freePort } from "../support/free-port";
import { KernelClient, type Message } from "./client";

/** An idle machine answers within 100 ms; a kernel that is busy making products would take many seconds. */
const SOON = 2000;
const PROBES = 12;

const kernels: KernelClient[] = [];
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.stop();
});

function summary(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.floor((sorted.length - 1) * fraction)]!.toFixed(1);
  return `best ${at(0)} ms, median ${at(0.5)} ms, most ${at(1)} ms of ${times.length}`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

test("completion and an interrupt are answered soon while products are prepared", async () => {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const parties = await Promise.all(
    [0, 1].map(() => KernelClient.start({ env: { SPDZ_BIND: address, SPDZ_PEER: address } })),
  );
  kernels.push(...parties);
  const multiply = (party: number) => `const iface = new DistributedInterface(${party});
const secret = new SharedVariable(new Variable(spdz.share(LongTensor.zeros(1, 20000))[0]), iface);
const product = secret.mul(secret);`;
  const [kernel] = parties as [KernelClient, KernelClient];
  const [id] = parties.map((party, index) => party.begin(multiply(index))) as [string, string];
  const making = ({ header, content }: Message) =>
    header.msg_type === "update_display_data" &&
    /^Making correlated randomness.* [1-9]/.test(content.data["text/plain"]);
  await kernel.waitFor(making);

  const completions: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    const time = await timed(async () => {
      const { matches } = await kernel.request("complete_request", { code: "spdz.enc", cursor_pos: 8 });
      expect(matches).toContain("encode");
    });
    completions.push(time);
  }
  expect(kernel.inbox.some(({ channel, parent }) => channel === "shell" && parent.msg_id === id)).toBe(false);

  // The cell waits for the products, as the cells after it do that ask for it.
  const [replies, ends]: [number[], number[]] = [[], []];
  let running = id;
  for (let i = 0; i < PROBES; i++) {
    const replied = timed(() => kernel.request("interrupt_request", {}, "control"));
    const ended = timed(async () => {
      const { reply } = await kernel.finished(running);
      expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    });
    replies.push(await replied);
    ends.push(await ended);
    running = kernel.begin(`await iface.settled(); "waits on ${i}"`);
    await kernel.waitFor(
      ({ header, parent }) => header.msg_type === "display_data" && parent.msg_id === running,
    );
  }
  console.log(`completion while products are prepared: ${summary(completions)}`);
  console.log(`an interrupt's reply: ${summary(replies)}; the cell's end: ${summary(ends)}`);
  for (const times of [completions, replies, ends]) expect(Math.min(...times)).toBeLessThan(SOON);
});
