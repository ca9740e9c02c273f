/** A notebook's cell that makes an interface, run again; and what the other party hears of a failed cell. */

import { afterEach, expect, it, vi } from "vitest";
import { freePorts } from "../../test/support/free-port";
import { DistributedInterface } from "./distributed-interface";
import { setHost } from "./host/host";
import type { Notice } from "./host/notice";
import { cellFailed, decodeControl, encodeControl } from "./lockstep/control";
import { closeAll, releaseAll, settleAll, tellFailed } from "./registry";

const options = { security: "semi-honest", timeoutMs: 20_000 } as const;

afterEach(async () => {
  setHost(undefined);
  await closeAll();
});

const meeting = async () => `tcp://127.0.0.1:${(await freePorts(1))[0]}`;

it("continues with an interface whose wait was interrupted, although the other party has come", async () => {
  const address = await meeting();
  const zero = new DistributedInterface(0, { ...options, bind: address });
  // The user interrupts the cell; then the other party comes.
  const interrupted = settleAll();
  releaseAll();
  const one = new DistributedInterface(1, { ...options, peer: address });
  await vi.waitFor(() => expect(zero.connected).toBe(true), 10_000);
  const again = new DistributedInterface(0, { ...options, bind: address });
  expect(again).toBe(zero);
  await settleAll();
  await interrupted;
  expect([again.connected, one.connected]).toEqual([true, true]);
  // It is in use now.
  expect(() => new DistributedInterface(0, { ...options, bind: address })).toThrow("already has a session");
});

it("replaces one that waits, and its end is no failure of the cell", async () => {
  const address = await meeting();
  const first = new DistributedInterface(0, { ...options, bind: address });
  const second = new DistributedInterface(0, { ...options, bind: address });
  const other = new DistributedInterface(0, { ...options, bind: address, precision: 20 });
  expect(new Set([first, second, other]).size).toBe(3);
  void new DistributedInterface(1, { ...options, peer: address, precision: 20 });
  await settleAll();
  expect([first.open, second.open, other.connected]).toEqual([false, false, true]);
});

it("tells who waits which cell of the other party has failed, and forgets it when that party goes on", async () => {
  const notices: Notice[] = [];
  setHost({ cell: () => "In [4]", notify: (notice) => notices.push(notice) });
  const address = await meeting();
  const [zero, one] = ([0, 1] as const).map(
    (party) => new DistributedInterface(party, { ...options, [party === 0 ? "bind" : "peer"]: address }),
  );
  await settleAll();
  notices.length = 0;
  // Party 0 waits in a barrier that party 1 has not come to.
  const waits = zero!.prepare({ triples: 1 });
  one!.tellFailed("In [6]", "TypeScriptError");
  await vi.waitFor(
    () =>
      expect(notices.map(({ text }) => text).join("\n")).toContain(
        "its cell In [6] failed with TypeScriptError",
      ),
    5000,
  );
  expect(notices[0]!.text).toMatch(/^Waiting for party 1 on \S+ to run prepare \(your In \[4\]\)/);
  notices.length = 0;
  await Promise.all([waits, one!.prepare({ triples: 1 })]);
  tellFailed("In [8]", "Error");
  const more = zero!.prepare({ triples: 2 });
  await new Promise((go) => setTimeout(go, 400));
  await Promise.all([more, one!.prepare({ triples: 2 })]);
  expect(notices.map(({ text }) => text).join()).not.toContain("In [6]");
});

it("lets no other text of a cell out or in", () => {
  for (const [cell, error] of [
    ["In [6]", "salary 52000"],
    ["In [6]", "x".repeat(51)],
    ["In [x]", "Error"],
    ["In [6] secret", "Error"],
    [6, "Error"],
  ]) {
    expect(cellFailed(cell, error, 3)).toBeUndefined();
    const forged = new TextEncoder().encode(JSON.stringify({ type: "cell failed", cell, error, next: 3 }));
    expect(decodeControl(forged)).toBeUndefined();
  }
  const message = cellFailed("In [6]", "TypeError", 3)!;
  expect(decodeControl(encodeControl(message))).toEqual(message);
});
