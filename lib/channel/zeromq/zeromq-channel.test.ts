import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { channelContract, frameOf, Inbox } from "../../../test/support/channel-contract";
import { Keys } from "../keys/keys";
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

test("party 1 may start first", async () => {
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
  test(`a ${transport} address in use is an error at once, and its owner is not disturbed`, async () => {
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

test("a peer that does not connect causes a timeout that says where and what to check", async () => {
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

test("an invalid party, address or option throws at the call", () => {
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

describe("without keys, an ipc path must be in a folder that only its owner may enter", () => {
  const shared = () => {
    const path = join(folder, `shared${count++}`);
    mkdirSync(path);
    return path;
  };
  const refused = {
    code: "transport-refused",
    message: expect.stringMatching(/other users.*chmod 700.*spdzlab keygen/),
  };
  const attempt = (party: 0 | 1, path: string) => {
    const address = `ipc://${path}`;
    return () => connectZeroMq(party, party === 0 ? { bind: address } : { peer: address });
  };

  test.each([0, 1] as const)(
    "party %i refuses a folder that others may enter, before it creates anything",
    (party) => {
      for (const mode of [0o755, 0o750, 0o701, 0o770, 0o1777]) {
        const path = shared();
        chmodSync(path, mode);
        expect(attempt(party, join(path, "line")), mode.toString(8)).toThrow(
          expect.objectContaining(refused),
        );
        expect(existsSync(join(path, "line"))).toBe(false);
      }
      expect(attempt(party, "/tmp/spdz")).toThrow(expect.objectContaining(refused));
      expect(attempt(party, "@spdz")).toThrow(expect.objectContaining(refused));
    },
  );

  test.runIf(process.getuid?.() === 0)("a folder of another user is refused", () => {
    const path = shared();
    chmodSync(path, 0o700);
    chownSync(path, 12_345, 12_345);
    expect(attempt(0, join(path, "line"))).toThrow(expect.objectContaining(refused));
  });

  test("a missing folder is created private, whichever party starts first", async () => {
    const path = join(folder, `made${count++}`, "deep", "line");
    const b = attempt(1, path)();
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    const a = attempt(0, path)();
    await Promise.all([a.connected, b.connected]);
    await Promise.all([a.close(), b.close()]);
  });

  test("with keys, or with insecurePlaintext, any folder is allowed", async () => {
    const [zero, one] = [Keys.generate(), Keys.generate()];
    for (const extra of [{ insecurePlaintext: true }, "keys"] as const) {
      const path = shared();
      chmodSync(path, 0o755);
      const address = `ipc://${join(path, "line")}`;
      const identity = (keys: Keys, peer: Keys) =>
        extra === "keys" ? { identity: { keys, peerKey: peer.publicKey } } : extra;
      const a = connectZeroMq(0, { bind: address, ...identity(zero, one) });
      const b = connectZeroMq(1, { peer: address, ...identity(one, zero) });
      await Promise.all([a.connected, b.connected]);
      await Promise.all([a.close(), b.close()]);
    }
  });
});
