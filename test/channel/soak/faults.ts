/** The faults of a connection. Each is inflicted on a running pair once, at a random place. */
import type { Socket } from "node:net";
import { Pair } from "zeromq";
import { CuttingProxy, type Way } from "../proxy";
import { dial, greeting, part, ping, ready, shakeHands } from "../zmtp";
import type { SoakPair } from "./pair";

/** Returns the same numbers in every run. */
export type Next = (below: number) => number;

export interface Fault {
  readonly name: string;
  /** Only for connections without keys, or only for those with keys. */
  readonly only?: "plain" | "encrypted";
  /** Resolves when the fault has been inflicted, or no place for it was found. */
  run(pair: SoakPair, next: Next): Promise<void>;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const noise = (next: Next, length: number) => Buffer.from(Array.from({ length }, () => next(256)));

/** How many bytes ahead on a connection a place may be. */
const REACH = 3000;
/** How long to wait for that place, in case nothing passes. */
const PLACE_MS = 2000;

/** Change the stream once, at a random byte. `change` gets the bytes before and after it in the same chunk. */
function damage(name: string, change: (before: Buffer, rest: Buffer, next: Next) => Buffer): Fault {
  return {
    name,
    run: ({ proxy }, next) =>
      new Promise((resolve) => {
        const way: Way = next(2) ? "up" : "down";
        let ahead = next(REACH);
        const end = () => {
          clearTimeout(late);
          proxy.change = (bytes) => bytes;
          resolve();
        };
        const late = setTimeout(end, PLACE_MS);
        proxy.change = (bytes, which) => {
          if (which !== way) return bytes;
          if (bytes.length <= ahead) {
            ahead -= bytes.length;
            return bytes;
          }
          end();
          return change(bytes.subarray(0, ahead), bytes.subarray(ahead), next);
        };
      }),
  };
}

const damages = [
  damage("flip", (before, rest, next) => {
    const copy = Buffer.from(rest);
    for (let i = 0; i <= next(3); i++) copy[next(copy.length)]! ^= 1 << next(8);
    return Buffer.concat([before, copy]);
  }),
  damage("drop", (before, rest, next) => Buffer.concat([before, rest.subarray(1 + next(rest.length))])),
  damage("lose the end", (before) => before),
  damage("insert", (before, rest, next) => Buffer.concat([before, noise(next, 1 + next(200)), rest])),
  damage("duplicate", (before, rest, next) => {
    return Buffer.concat([before, rest.subarray(0, 1 + next(rest.length)), rest]);
  }),
  damage("repeat all", (before, rest) => Buffer.concat([before, rest, before, rest])),
  damage("reorder", (before, rest) => Buffer.concat([rest, before])),
];

const cuts: Fault[] = (["cut", "reset"] as const).map((name) => ({
  name,
  run: async ({ proxy }, next) => {
    await pause(next(30));
    proxy[name]();
  },
}));

/** Lose everything that is sent on this connection, until there is another. */
const swallow: Fault = {
  name: "swallow all",
  run: async ({ proxy }, next) => {
    await pause(next(20));
    const { connections } = proxy;
    const ways: Way[] = [["up"], ["down"], ["up", "down"]][next(3)] as Way[];
    proxy.change = (bytes, way) => {
      if (proxy.connections === connections && ways.includes(way)) return Buffer.alloc(0);
      return bytes;
    };
  },
};

/** Break the connection a few times while it is being made. */
const flap: Fault = {
  name: "break handshakes",
  run: async ({ proxy }, next) => {
    for (let i = 0; i <= next(4); i++) {
      if (next(2)) proxy.reset();
      else proxy.cut();
      await pause(next(40));
    }
  },
};

/** The ways to close a connection. */
function leave(socket: Socket, next: Next): void {
  if (next(3)) socket.resetAndDestroy();
  else if (next(2)) socket.destroy();
  else setTimeout(() => socket.destroy(), 2000).unref();
}

function raw(name: string, act: (address: string, next: Next) => Promise<Socket>): Fault {
  return {
    name: `a stranger ${name}`,
    run: async ({ address }, next) => leave(await act(address, next), next),
  };
}

const strangers: Fault[] = [
  raw("opens and says nothing", async (address) => {
    const socket = dial(address);
    await pause(5);
    return socket;
  }),
  raw("sends noise", async (address, next) => {
    const socket = dial(address);
    if (next(2)) socket.write(greeting().subarray(0, next(65)));
    socket.write(noise(next, 1 + next(300)));
    await pause(next(10));
    return socket;
  }),
  raw("shakes hands and sends", async (address, next) => {
    const socket = await shakeHands(address, 5 + next(20));
    for (let i = 0; i <= next(4); i++) socket.write(part(noise(next, next(300)), next(3) === 0));
    await pause(next(40));
    return socket;
  }),
  raw("sends pings around a message", async (address, next) => {
    const socket = await shakeHands(address, 5 + next(20));
    const all = Array.from({ length: 1 + next(5) }, () => (next(2) ? ping() : part(noise(next, next(9)))));
    socket.write(Buffer.concat(all));
    await pause(next(40));
    return socket;
  }),
  raw("sends all at once", async (address, next) => {
    const socket = dial(address);
    const many = Array.from({ length: next(2000) }, () => part(Buffer.of(65)));
    socket.write(Buffer.concat([greeting(), ready(), ...many, ping()]));
    await pause(next(40));
    return socket;
  }),
];

function socketOf(name: string, keysOf: (pair: SoakPair) => object, only?: Fault["only"]): Fault {
  return {
    name,
    ...(only && { only }),
    run: async (pair, next) => {
      const socket = new Pair({ linger: 0, sendTimeout: 0, reconnectInterval: 60_000, ...keysOf(pair) });
      socket.connect(pair.address);
      await pause(10 + next(30));
      for (let i = 0; i <= next(20); i++) {
        await socket
          .send(next(2) ? [noise(next, next(80)), noise(next, 9)] : noise(next, next(200)))
          .catch(() => undefined);
      }
      await pause(next(30));
      socket.close();
    },
  };
}

const curve = (keys: { publicKey: string; revealSecretKey(): string }, server: string) => ({
  curvePublicKey: keys.publicKey,
  curveSecretKey: keys.revealSecretKey(),
  curveServerKey: server,
});

const others: Fault[] = [
  socketOf("a stranger's socket", () => ({})),
  socketOf("a stranger's key", ({ keys }) => curve(keys!.stranger, keys!.zero.publicKey), "encrypted"),
  socketOf("the peer's key again", ({ keys }) => curve(keys!.one, keys!.zero.publicKey), "encrypted"),
  {
    name: "the peer's key again, reset",
    only: "encrypted",
    run: async ({ keys, address }, next) => {
      const relay = await CuttingProxy.to(address);
      const socket = new Pair({ linger: 0, sendTimeout: 0, ...curve(keys!.one, keys!.zero.publicKey) });
      socket.connect(relay.address);
      await pause(15 + next(30));
      await socket.send(noise(next, next(90))).catch(() => undefined);
      await pause(next(40));
      relay.reset();
      socket.close();
      await relay.close();
    },
  },
];

export const FAULTS: readonly Fault[] = [...damages, ...cuts, swallow, flap, ...strangers, ...others];
