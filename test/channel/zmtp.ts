/** ZeroMQ's wire protocol (ZMTP 3.1, without encryption) by hand, to send what a ZeroMQ socket never would. */
import { connect, type Socket } from "node:net";

/** The first 64 bytes: version 3.1, mechanism NULL. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(64);
  bytes[0] = 0xff;
  bytes[8] = 1;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = 1;
  bytes.write("NULL", 12);
  return bytes;
}

function property(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}

function command(name: string, body: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), body]);
  return Buffer.concat([Buffer.from([4, bytes.length]), bytes]);
}

/** The command that ends the handshake of a PAIR socket. */
export function ready(): Buffer {
  return command("READY", Buffer.concat([property("Socket-Type", "PAIR"), property("Identity", "")]));
}

/** A ping. ZeroMQ answers it itself, whatever its own heartbeat setting. */
export function ping(): Buffer {
  return command("PING", Buffer.alloc(2));
}

/** One part of a message. */
export function part(body: Uint8Array, more = false): Buffer {
  const long = body.length > 255;
  const head = Buffer.alloc(long ? 9 : 2);
  head[0] = (more ? 1 : 0) | (long ? 2 : 0);
  if (long) head.writeBigUInt64BE(BigInt(body.length), 1);
  else head[1] = body.length;
  return Buffer.concat([head, body]);
}

/** Open a TCP connection to `tcp://127.0.0.1:port` whose errors are ignored. */
export function dial(address: string): Socket {
  const socket = connect(Number(address.split(":")[2]), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.on("data", () => undefined);
  return socket;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Open a connection and complete its handshake. */
export async function shakeHands(address: string, ms = 30): Promise<Socket> {
  const socket = dial(address);
  socket.write(greeting());
  await pause(ms);
  socket.write(ready());
  await pause(ms);
  return socket;
}
