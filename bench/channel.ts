/**
 * Compare the channel with a bare zeromq.js PAIR, in turns within one run. Each peer is a separate process.
 *
 * The session's code is loaded after the channel's rows, because V8 marks the whole heap once for every 32 to 64 MiB of
 * received buffers: with 10 MB of other objects, a frame of 16 MiB takes twice as long, whatever the channel does.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Pair } from "zeromq";
import type { Frame } from "../lib/channel/channel";
import { Keys } from "../lib/channel/keys/keys";
import { connectZeroMq } from "../lib/channel/zeromq/zeromq-channel";
import { setHost } from "../lib/session/host/host";
import { median, type Row } from "./harness";

const STREAM_BYTES = 16 * 2 ** 20;
const SMALL_BYTES = 64;
/** How many products `sessionEnd` computes; the round trips beside them are as many. */
const IN_A_ROW = 1000;
const FREE_PORT = "tcp://127.0.0.1:*";

/** One end to measure. */
export interface End {
  /** Send all payloads and wait for the answers: one for each small payload, one for each 16 MiB of large ones. */
  ask(payloads: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

/** Return a function that tells whether the bytes received so far require an answer. */
function answering(): (bytes: number) => boolean {
  let sum = 0;
  return (bytes) => {
    if (bytes <= SMALL_BYTES) return true;
    sum += bytes;
    if (sum < STREAM_BYTES) return false;
    sum -= STREAM_BYTES;
    return true;
  };
}

const frameOf = (operation: number, payload: Uint8Array): Frame => {
  return { stream: "online", operation, step: 0, digest: new Uint8Array(16), payload };
};

function peer(kind: "bare" | "channel" | "session", address: string, keys: readonly string[]): ChildProcess {
  return spawn(process.execPath, [__filename, kind, address, ...keys], { stdio: "inherit" });
}

async function bareEnd(keys?: readonly [Keys, Keys]): Promise<End> {
  const curve = keys ? { curveServer: true, curveSecretKey: keys[0].revealSecretKey() } : {};
  const socket = new Pair({ linger: 0, ...curve });
  await socket.bind(FREE_PORT);
  const child = peer("bare", socket.lastEndpoint!, keys ? keysOf(keys) : []);
  return {
    ask: async (payloads) => {
      for (const payload of payloads) await socket.send(payload);
      await socket.receive();
    },
    close: async () => {
      child.kill();
      socket.close();
    },
  };
}

async function channelEnd(keys?: readonly [Keys, Keys]): Promise<End> {
  const identity = keys && { keys: keys[0], peerKey: keys[1].publicKey };
  const channel = connectZeroMq(0, { bind: FREE_PORT, identity });
  let answered: () => void = () => undefined;
  channel.listen({ frame: () => answered(), closed: () => undefined });
  const child = peer("channel", channel.address, keys ? keysOf(keys) : []);
  await channel.connected;
  let operation = 0;
  return {
    ask: (payloads) =>
      new Promise((resolve) => {
        answered = resolve;
        for (const payload of payloads) channel.send(frameOf(operation++, payload));
      }),
    close: async () => {
      await channel.close();
      child.kill();
    },
  };
}

/** The keys that a peer needs: the server's public key, and its own pair. */
function keysOf([server, client]: readonly [Keys, Keys]): string[] {
  return [server.publicKey, client.publicKey, client.revealSecretKey()];
}

async function servePeer([kind, address, serverKey, publicKey, secretKey]: string[]): Promise<void> {
  setHost({ cell: () => undefined, notify: () => undefined });
  if (kind === "session") return (await import("./products/in-a-row.js")).serveSession(address!);
  const answers = answering();
  if (kind === "channel") {
    const identity = serverKey ? { keys: new Keys(publicKey!, secretKey!), peerKey: serverKey } : undefined;
    const channel = connectZeroMq(1, { peer: address, identity });
    channel.listen({
      frame: (frame) => {
        if (answers(frame.payload.length))
          channel.send(frameOf(frame.operation, new Uint8Array(SMALL_BYTES)));
      },
      closed: () => undefined,
    });
    return;
  }
  const keys = { curveServerKey: serverKey!, curvePublicKey: publicKey!, curveSecretKey: secretKey! };
  const socket = new Pair({ linger: 0, ...(serverKey ? keys : {}) });
  socket.connect(address!);
  for await (const [message] of socket) {
    if (answers(message!.length)) await socket.send(new Uint8Array(SMALL_BYTES));
  }
}

/** Measure `times` rounds of each end, in turns, in seconds. */
async function race(ends: readonly End[], rounds: number, times: number, payloads: readonly Uint8Array[]) {
  const seconds: number[][] = ends.map(() => []);
  for (let round = -5; round < rounds; round++) {
    for (const [which, end] of ends.entries()) {
      const start = performance.now();
      for (let i = 0; i < times; i++) await end.ask(payloads);
      if (round >= 0) seconds[which]!.push((performance.now() - start) / 1000);
    }
  }
  return seconds.map(median) as [number, number];
}

function row(
  name: string,
  unit: string,
  amount: number,
  [bare, ours]: [number, number],
  floor: number | null,
): Row {
  const [value, referenceValue] = [amount / ours, amount / bare];
  return { name, value, unit, reference: "bare PAIR", referenceValue, ratio: value / referenceValue, floor };
}

export default async function channelSuite(): Promise<Row[]> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const rows: Row[] = [];
  const pieces = (bytes: number) =>
    Array.from({ length: STREAM_BYTES / bytes }, () => new Uint8Array(bytes).fill(1));
  for (const keys of [undefined, [Keys.generate(), Keys.generate()]] as const) {
    const ends = [await bareEnd(keys), await channelEnd(keys)];
    const how = keys ? "tcp with CURVE" : "tcp";
    const small = await race(ends, 400, 25, [new Uint8Array(SMALL_BYTES)]);
    rows.push(row(`64 bytes there and back, ${how}`, "round trips/s", 25, small, keys ? null : 0.8));
    const frames = await race(ends, 60, 1, pieces(2 ** 20));
    rows.push(row(`16 MiB in frames of 1 MiB, ${how}`, "MiB/s", 16, frames, 0.8));
    const whole = await race(ends, 60, 1, pieces(STREAM_BYTES));
    rows.push(row(`16 MiB in one frame, ${how}`, "MiB/s", 16, whole, null));
    for (const end of ends) await end.close();
  }
  const bare = await bareEnd();
  const small = [new Uint8Array(SMALL_BYTES)];
  const trips: End = {
    ask: async () => {
      for (let i = 0; i < IN_A_ROW; i++) await bare.ask(small);
    },
    close: bare.close,
  };
  const { sessionEnd } = await import("./products/in-a-row.js");
  const session = await sessionEnd((address) => peer("session", address, []));
  const products = await race([trips, session], 20, 1, []);
  rows.push(row("1,000 products in a row, triples at hand", "products/s", IN_A_ROW, products, 1 / 1.5));
  await Promise.all([trips.close(), session.close()]);
  return rows;
}

/** The figures to compare with an earlier build in the same run. */
const FIGURES = [
  ...["tcp", "tcp with CURVE"].flatMap((how) => [
    `64 bytes there and back, ${how}`,
    `16 MiB in frames of 1 MiB, ${how}`,
    `16 MiB in one frame, ${how}`,
  ]),
  "1,000 products in a row, triples at hand",
];
export const beside: Readonly<Record<string, number>> = Object.fromEntries(
  FIGURES.map((name) => [name, 0.97]),
);

if (process.argv[1] === __filename) void servePeer(process.argv.slice(2));
