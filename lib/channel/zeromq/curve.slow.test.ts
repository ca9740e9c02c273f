import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { Pair } from "zeromq";
import { channelContract, frameOf, Inbox } from "../../../test/support/channel-contract";
import type { Channel } from "../channel";
import { type Identity, Keys } from "../keys/keys";
import { connectZeroMq, type ZeroMqOptions } from "./zeromq-channel";

const [keys0, keys1, other] = [Keys.generate(), Keys.generate(), Keys.generate()] as const;
const identities = [
  { keys: keys0, peerKey: keys1.publicKey },
  { keys: keys1, peerKey: keys0.publicKey },
] as const;

const folder = mkdtempSync(join(tmpdir(), "spdz-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function party(number: 0 | 1, address: string, options: ZeroMqOptions = {}): Channel {
  const identity = identities[number];
  const channel = connectZeroMq(number, { bind: address, peer: address, identity, ...options });
  open.push(channel);
  return channel;
}

for (const transport of ["tcp", "ipc"]) {
  channelContract(`zeromq over ${transport} with CURVE`, async (settings0 = {}, settings1 = settings0) => {
    const bind = transport === "tcp" ? "tcp://127.0.0.1:*" : `ipc://${folder}/${count++}`;
    const a = connectZeroMq(0, { bind, settings: settings0, identity: identities[0] });
    return [a, connectZeroMq(1, { peer: a.address, settings: settings1, identity: identities[1] })];
  });
}

async function goesThrough(a: Channel, b: Channel): Promise<void> {
  const inbox = new Inbox(b);
  a.send(frameOf(1));
  await inbox.take(1);
}

/** Sockets of strangers, and what each of them tries. */
const strangers: [string, (address: string) => { close(): unknown }][] = [
  [
    "one with a key of its own",
    (address) => {
      const keys = { curvePublicKey: other.publicKey, curveSecretKey: other.revealSecretKey() };
      return knock(new Pair({ linger: 0, curveServerKey: keys0.publicKey, ...keys }), address);
    },
  ],
  [
    "one who takes another for the server",
    (address) => {
      const keys = { curvePublicKey: keys1.publicKey, curveSecretKey: keys1.revealSecretKey() };
      return knock(new Pair({ linger: 0, curveServerKey: other.publicKey, ...keys }), address);
    },
  ],
  ["one without keys", (address) => knock(new Pair({ linger: 0 }), address)],
  [
    "a port scanner",
    (address) => {
      const socket = connect(Number(address.split(":")[2]), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.end("GET / HTTP/1.1\r\n\r\n");
      return { close: () => socket.destroy() };
    },
  ],
];

function knock(socket: Pair, address: string): Pair {
  socket.reconnectInterval = 50;
  socket.connect(address);
  socket.send("a stranger's message").catch(() => undefined);
  return socket;
}

for (const [who, come] of strangers) {
  test(`${who} is counted, receives nothing and blocks nobody`, async () => {
    const a = party(0, "tcp://127.0.0.1:*");
    let tell!: () => void;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const got: number[] = [];
    a.listen({
      frame: (frame) => got.push(frame.operation),
      stranger: () => tell(),
      closed: () => undefined,
    });
    open.push(come(a.address));
    await told;
    expect(a.strangers).toBeGreaterThan(0);
    const b = party(1, a.address);
    await goesThrough(a, b);
    // And once more, while the session is running.
    const before = a.strangers;
    const again = new Promise<void>((resolve) => {
      tell = resolve;
    });
    open.push(come(a.address));
    await again;
    expect(a.strangers).toBeGreaterThan(before);
    b.send(frameOf(7));
    a.send(frameOf(8));
    await b.drained();
    await b.close();
    expect(got).toEqual([7]);
  });
}

test("a wrong pinned key on either side causes a timeout that says so", async () => {
  for (const wrong of [0, 1] as const) {
    const mistaken: Identity = { keys: identities[wrong].keys, peerKey: other.publicKey };
    const a = party(0, "tcp://127.0.0.1:*", { timeoutMs: 400, ...(wrong === 0 && { identity: mistaken }) });
    const b = party(1, a.address, { timeoutMs: 400, ...(wrong === 1 && { identity: mistaken }) });
    await expect(a.connected).rejects.toThrow(/did not connect.*failed to prove the pinned key/);
    await expect(b.connected).rejects.toThrow(/did not connect.*failed to prove the pinned key/);
  }
});

test("channels of one process pin different keys, and closing one does not affect the others", async () => {
  const a = party(0, "tcp://127.0.0.1:*");
  const second = party(0, "tcp://127.0.0.1:*", { identity: { keys: keys0, peerKey: other.publicKey } });
  const b = party(1, a.address);
  const c = party(1, second.address, { identity: { keys: other, peerKey: keys0.publicKey } });
  const intruder = party(1, second.address, { timeoutMs: 300 });
  await goesThrough(a, b);
  await goesThrough(second, c);
  await expect(intruder.connected).rejects.toMatchObject({ code: "transport-timeout" });
  await Promise.all([a.close(), b.close()]);
  second.send(frameOf(2));
  await second.close();
  // All are closed now; the handler resumes with the next.
  const d = party(0, "tcp://127.0.0.1:*");
  await goesThrough(d, party(1, d.address));
});

test("the handler stops and resumes with the channels", async () => {
  for (let round = 0; round < 20; round++) {
    const a = party(0, "tcp://127.0.0.1:*");
    const b = party(1, a.address);
    await goesThrough(a, b);
    // Some close before the next opens, some at the same moment.
    const closed = Promise.all([a.close(), b.close()]);
    if (round % 2) await closed;
  }
});

test("plaintext beyond this machine is refused unless the caller sets insecurePlaintext", async () => {
  for (const bind of ["tcp://*:*", "tcp://0.0.0.0:*", "tcp://192.0.2.1:*", "tcp://[::]:*"]) {
    expect(() => connectZeroMq(0, { bind }), bind).toThrow("insecurePlaintext");
  }
  expect(() => connectZeroMq(1, { peer: "tcp://model.example:29500" })).toThrow("insecurePlaintext");
  const a = party(0, "tcp://0.0.0.0:*", { identity: undefined, insecurePlaintext: true });
  const b = party(1, `tcp://127.0.0.1:${a.address.split(":")[2]}`, { identity: undefined });
  await goesThrough(a, b);
});

test("an invalid identity throws at the call", () => {
  const { publicKey } = keys0;
  expect(() => party(0, "tcp://127.0.0.1:*", { identity: { keys: keys0, peerKey: "x" } })).toThrow(
    RangeError,
  );
  expect(() => party(0, "tcp://127.0.0.1:*", { identity: { keys: keys0, peerKey: publicKey } })).toThrow(
    RangeError,
  );
  const keys = { publicKey } as unknown as Keys;
  expect(() => party(0, "tcp://127.0.0.1:*", { identity: { keys, peerKey: publicKey } })).toThrow(TypeError);
});
