/** Check zeromq with CURVE, and the port that party 0 listens on. */

import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_ADDRESS, parseAddress } from "../../lib/channel/address";
import type { Channel, Frame } from "../../lib/channel/channel";
import { requirePrivateFolder } from "../../lib/channel/zeromq/private-folder";
import { type Check, failure, ok, warning } from "./finding";

/** How long two ends in this process may take, in milliseconds. */
const PATIENCE = 20_000;

/** Exchange a message each way between two ends of the library's own channel, with temporary keys. */
export const zeromq: Check = {
  name: "zeromq",
  async run() {
    let version: string;
    try {
      const { capability, version: loaded } = require("zeromq") as typeof import("zeromq");
      if (!capability.curve) throw new Error("it was built without CURVE");
      version = loaded;
    } catch (error) {
      const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
      return failure(
        `zeromq does not work here: ${why}`,
        "Build it for this machine (this needs a C++ compiler and CMake): npm rebuild zeromq",
      );
    }
    await exchange();
    return ok(`ZeroMQ ${version} works: two ends with CURVE exchanged a message each way.`);
  },
};

async function exchange(): Promise<void> {
  const { Keys } = require("../../lib/channel/keys/keys") as typeof import("../../lib/channel/keys/keys");
  const { connectZeroMq } =
    require("../../lib/channel/zeromq/zeromq-channel") as typeof import("../../lib/channel/zeromq/zeromq-channel");
  const [a, b] = [Keys.generate(), Keys.generate()] as const;
  const zero = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", identity: { keys: a, peerKey: b.publicKey } });
  const one = connectZeroMq(1, { peer: zero.address, identity: { keys: b, peerKey: a.publicKey } });
  const late = new AbortController();
  try {
    const heard = [zero, one].map(listen);
    for (const end of [zero, one]) end.send(message(end.party));
    await Promise.race([
      Promise.all(heard),
      pause(PATIENCE, undefined, { signal: late.signal }).then(() => {
        throw new Error("two ends with CURVE in this process cannot reach each other");
      }),
    ]);
  } finally {
    late.abort();
    await Promise.all([zero.close(), one.close()]);
  }
}

function message(party: number): Frame {
  const payload = new Uint8Array([party]);
  return { stream: "online", operation: 0, step: 0, digest: new Uint8Array(16), payload };
}

/** Resolve when the other end's message has arrived. */
function listen(end: Channel): Promise<void> {
  return new Promise((resolve, reject) => {
    end.listen({
      frame: ({ payload }) =>
        payload[0] === 1 - end.party ? resolve() : reject(new Error("a message was changed in transit")),
      closed: (error) => reject(error ?? new Error("closed")),
    });
  });
}

/** Check whether party 0 can listen at its address. */
export const port: Check = {
  name: "Port",
  async run() {
    const text = process.env.SPDZ_BIND || DEFAULT_ADDRESS;
    const { transport, host, port } = endpoint(text, true);
    if (transport === "ipc") {
      if (!process.env.SPDZ_CONFIG) requirePrivateFolder(parseAddress(text, "SPDZ_BIND", true));
      return ok(`${text} is a path on this machine.`);
    }
    const code = await tryToListen(host, port);
    if (code === undefined) return ok(`${text} is free for party 0 to listen on.`);
    if (code === "EADDRINUSE") {
      return warning(
        `${text} is in use by a notebook with an open interface, or by another program.`,
        "Close that interface or restart its kernel. Or set another port in SPDZ_BIND here and SPDZ_PEER on the other side.",
      );
    }
    return failure(
      `Party 0 cannot listen on ${text}: ${code}`,
      "Set SPDZ_BIND to an address of this machine, or to tcp://0.0.0.0:29500 for all of its addresses.",
    );
  },
};

/** Convert an address of the library to Node's terms. */
export function endpoint(text: string, bind: boolean) {
  const { transport, local, ipv6, path } = parseAddress(text, bind ? "bind" : "peer", bind);
  const [, host = "", port = "0"] = /^tcp:\/\/\[?(.*?)\]?:(\d+|\*)$/.exec(text) ?? [];
  return { text, transport, local, ipv6, path, host, port: Number(port === "*" ? 0 : port) };
}

function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, exclusive: true, ...(host === "*" ? {} : { host }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
