import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { parseAddress } from "../../../channel/address";
import { DealerGate } from "./dealer-gate";

const open: (() => unknown)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

/** A gate before plain sockets, which say what the test likes. */
async function guard(onInner: (socket: Socket, id: number) => void, unreadMs?: number) {
  const closed: number[] = [];
  let next = 0;
  const behind = createServer((socket) =>
    onInner(
      socket.on("error", () => undefined),
      next,
    ),
  );
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  const endpoint = `tcp://127.0.0.1:${(behind.address() as { port: number }).port}`;
  const connections = {
    open: async (id: number) => {
      next = id;
      return endpoint;
    },
    closed: (id: number) => closed.push(id),
  };
  const gate = new DealerGate(parseAddress("tcp://127.0.0.1:*", "bind", true), connections, 256, unreadMs);
  await gate.listen();
  open.push(() => {
    gate.close();
    gate.closeConnections();
    behind.close();
  });
  const port = Number(gate.address.split(":").at(-1));
  const dial = () => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    open.push(() => socket.destroy());
    return socket;
  };
  return { gate, closed, dial };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

test("the gate passes on bytes unchanged in both directions, however many", async () => {
  const { gate, dial } = await guard((socket, id) => {
    gate.heard(id, true);
    socket.on("data", (bytes) => {
      gate.heard(id, true);
      // Four times as much back.
      for (let i = 0; i < 4; i++) socket.write(bytes.map((byte) => byte ^ i));
    });
  });
  const size = 3_000_000;
  const sent = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
  const got: Buffer[] = [];
  let length = 0;
  const socket = dial().on("data", (bytes) => {
    got.push(bytes);
    length += bytes.length;
  });
  socket.write(sent);
  const started = performance.now();
  await until(() => length >= 4 * size);
  const sums = [0, 0];
  for (const byte of sent) for (let i = 0; i < 4; i++) sums[0]! += byte ^ i;
  for (const byte of Buffer.concat(got)) sums[1]! += byte;
  expect(sums[0]).toBe(sums[1]);
  // One connection may send a burst, and then a limited amount per second.
  expect(performance.now() - started).toBeGreaterThan(600);
});

test("the gate closes a connection that never finishes a message", async () => {
  let behind = 0;
  const { closed, dial } = await guard((socket) => {
    socket.on("data", (bytes) => {
      behind += bytes.length;
    });
  });
  const socket = dial().resume();
  const flood = setInterval(() => socket.write(Buffer.alloc(10_000)), 5);
  open.push(() => clearInterval(flood));
  await until(() => closed.length === 1);
  expect(behind).toBeLessThanOrEqual(2 ** 13 + 2 ** 16);
});

test("the gate closes a connection whose party does not read", async () => {
  let behind = 0;
  const { gate, closed, dial } = await guard((socket, id) => {
    gate.heard(id, true);
    const write = () => {
      while (socket.write(Buffer.alloc(100_000))) behind += 100_000;
    };
    socket.on("drain", write);
    write();
  }, 300);
  // Nobody reads it.
  dial();
  await until(() => closed.length === 1);
  // Only as much as fits into the system's own buffers.
  expect(behind).toBeLessThan(50_000_000);
});

test("the gate asks for few sockets at once, however fast connections open and close", async () => {
  let [asked, most] = [0, 0];
  const connections = {
    open: async () => {
      most = Math.max(most, ++asked);
      await sleep(20);
      asked--;
      throw new Error("none");
    },
    closed: () => undefined,
  };
  const gate = new DealerGate(parseAddress("tcp://127.0.0.1:*", "bind", true), connections, 256);
  await gate.listen();
  open.push(() => {
    gate.close();
    gate.closeConnections();
  });
  const port = Number(gate.address.split(":").at(-1));
  let ended = 0;
  for (let i = 0; i < 400; i++)
    connect(port, "127.0.0.1")
      .on("error", () => undefined)
      .on("connect", function (this: Socket) {
        this.destroy();
      })
      .on("close", () => ended++);
  await until(() => ended === 400);
  expect(most).toBeLessThanOrEqual(8);
  // It continues with the connections that stay open.
  const before = performance.now();
  const last = connect(port, "127.0.0.1").on("error", () => undefined);
  await new Promise((resolve) => last.on("close", resolve));
  expect(performance.now() - before).toBeLessThan(2000);
});
