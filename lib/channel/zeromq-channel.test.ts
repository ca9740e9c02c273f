import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { channelContract, frameOf, Inbox } from "./channel-contract";
import { connectZeroMq } from "./zeromq-channel";

const folder = mkdtempSync(join(tmpdir(), "spdz-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const ipcAddress = () => `ipc://${folder}/${count++}`;

channelContract("zeromq over tcp", async (settings0 = {}, settings1 = settings0) => {
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", settings: settings0 });
  return [a, connectZeroMq(1, { peer: a.address, settings: settings1 })];
});

channelContract("zeromq over ipc", async (settings0 = {}, settings1 = settings0) => {
  const address = ipcAddress();
  return [
    connectZeroMq(0, { bind: address, settings: settings0 }),
    connectZeroMq(1, { peer: address, settings: settings1 }),
  ];
});

test("party 1 may come first", async () => {
  const first = connectZeroMq(0, { bind: "tcp://127.0.0.1:*" });
  const address = first.address;
  await first.close();
  const b = connectZeroMq(1, { peer: address });
  const inB = new Inbox(b);
  const a = connectZeroMq(0, { bind: address });
  a.send(frameOf(3));
  expect((await inB.take(1))[0]!.operation).toBe(3);
  await Promise.all([a.close(), b.close()]);
});

test("an address can be bound again right after a close", async () => {
  let address = "tcp://127.0.0.1:*";
  for (let round = 0; round < 5; round++) {
    const a = connectZeroMq(0, { bind: address });
    address = a.address;
    const b = connectZeroMq(1, { peer: address });
    await Promise.all([a.connected, b.connected]);
    const inB = new Inbox(b);
    await a.close();
    await inB.closed;
  }
});

for (const [transport, address] of [
  ["tcp", "tcp://127.0.0.1:*"],
  ["ipc", ipcAddress()],
] as const) {
  test(`a taken ${transport} address is an error at once, and the owner is not disturbed`, async () => {
    const a = connectZeroMq(0, { bind: address });
    const b = connectZeroMq(1, { peer: a.address });
    await Promise.all([a.connected, b.connected]);
    const second = connectZeroMq(0, { bind: a.address });
    await expect(second.connected).rejects.toMatchObject({ code: "transport-address-in-use" });
    await expect(second.connected).rejects.toThrow(a.address);
    const inB = new Inbox(b);
    a.send(frameOf(9));
    await inB.take(1);
    await Promise.all([a.close(), b.close(), second.close()]);
  });
}

test("a peer that does not come is a timeout that says where and what to check", async () => {
  const a = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", timeoutMs: 50 });
  await expect(a.connected).rejects.toMatchObject({ code: "transport-timeout" });
  await expect(a.connected).rejects.toThrow(
    /127\.0\.0\.1:\d+\. Check .*DistributedInterface\(1\).*firewall/s,
  );
  await a.close();
  const b = connectZeroMq(1, { peer: a.address, timeoutMs: 50 });
  await expect(b.connected).rejects.toThrow("DistributedInterface(0)");
  await b.close();
});

test("a wrong party, address or option throws at the call", () => {
  expect(() => connectZeroMq(2 as 0)).toThrow(RangeError);
  for (const bind of ["localhost:5", "tcp://host", "tcp://h:0", "tcp://h:70000", "ipc://", "udp://h:1", ""]) {
    expect(() => connectZeroMq(0, { bind }), bind).toThrow(RangeError);
  }
  expect(() => connectZeroMq(1, { peer: "tcp://*:5000" })).toThrow(RangeError);
  expect(() => connectZeroMq(1, { peer: 29500 as unknown as string })).toThrow(TypeError);
  expect(() => connectZeroMq(1, { timeoutMs: -1 })).toThrow(RangeError);
  expect(() => connectZeroMq(1, { timeoutMs: "9" as unknown as number })).toThrow(TypeError);
  expect(() => connectZeroMq(1, { settings: { a: 1 as unknown as string } })).toThrow(TypeError);
});
