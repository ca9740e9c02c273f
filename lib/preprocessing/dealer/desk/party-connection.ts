import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { Dealer } from "zeromq";
import { Queue } from "../../../channel/link/queue";
import { context } from "../../../channel/zeromq/zap";
import {
  CONNECTION_BYTES,
  encode,
  type FromDealer,
  MAX_CHUNK_BYTES,
  MAX_FROM_PARTY_BYTES,
} from "../wire/messages";
import type { SealChecker } from "../wire/order-seal";
import { SocketOutbox } from "../wire/socket-outbox";

/** How many messages may wait to be read before ZeroMQ stops reading. */
const MOST_UNREAD = 64;
/** After so many bytes, or so long, report to the gate that messages have arrived. */
const TELL_BYTES = 2 ** 13;
const TELL_MS = 200;
/** How long the last messages may still be sent. */
const LINGER_MS = 200;

/** Receives the events of a connection. */
export interface ConnectionListener {
  heard(connection: PartyConnection, parts: Uint8Array[]): void;
  /** The first bytes did not prove a key that is served, or were not ZeroMQ's. */
  refused(connection: PartyConnection): void;
}

/**
 * One connection of a party, with a ZeroMQ socket of its own behind the gate. So a party has no name that it could
 * choose. With a ROUTER socket clients choose their routing ids, may take each other's, and abort the process by taking
 * the next automatic one (libzmq 4.3.5, socket_base.cpp:2113). And one connection can be closed alone, with everything
 * that waits to be sent on it.
 */
export class PartyConnection {
  /** The name of the connection, which goes into the seals of all orders over it. */
  readonly name = new Uint8Array(randomBytes(CONNECTION_BYTES));
  checker: SealChecker | undefined;
  /** Sizes and receipts of the chunks that the party has not acknowledged. */
  readonly unacknowledged = new Queue<{ readonly bytes: number; readonly receipt: number }>();
  /** Bytes of these chunks, and of pieces that are being made. */
  held = 0;
  /** When the party last acknowledged a chunk, or the first unacknowledged one was sent. */
  moved = performance.now();
  acknowledged = 0;
  #untold = 0;
  #toldAt = 0;
  readonly #socket: Dealer;
  readonly #outbox: SocketOutbox;
  #open = true;
  /** Settles when the socket is gone, for which ZeroMQ might until then ask whom to admit. */
  readonly gone: Promise<void>;

  /**
   * @param endpoint - where the gate connects to
   * @param curve - options of a socket with encryption
   */
  constructor(
    readonly id: number,
    endpoint: string,
    curve: object,
    listener: ConnectionListener,
  ) {
    const socket = new Dealer({
      context,
      linger: 0,
      // The window bounds what is in flight.
      sendHighWaterMark: 0,
      // One chunk at a time, as the gate reads them.
      sendBufferSize: MAX_CHUNK_BYTES,
      receiveHighWaterMark: MOST_UNREAD,
      // Do not use ZeroMQ's heartbeats: with an input that is stopped they abort the process. Parties send beats instead.
      maxMessageSize: MAX_FROM_PARTY_BYTES,
      ...curve,
    });
    this.#socket = socket;
    this.#outbox = new SocketOutbox(socket);
    this.gone = new Promise((resolve) => socket.events.on("end", () => resolve()));
    for (const event of [
      "handshake:error:auth",
      "handshake:error:protocol",
      "handshake:error:other",
    ] as const)
      socket.events.on(event, () => this.#open && listener.refused(this));
    // Accept one connection only. An unbind would close that one, too.
    const path = /^ipc:\/\/(.+)$/.exec(endpoint)?.[1];
    if (path !== undefined) socket.events.on("accept", () => rmSync(path, { force: true }));
    socket.bindSync(endpoint);
    void this.#read(listener);
  }

  get endpoint(): string {
    return this.#socket.lastEndpoint!;
  }

  send(message: FromDealer): void {
    if (this.#open) this.#outbox.push(encode(message));
  }

  /** Send a chunk, which the party will acknowledge. */
  sendChunk(id: number, total: number, offset: number, body: Uint8Array): void {
    if (this.unacknowledged.length === 0) this.moved = performance.now();
    const receipt = randomBytes(4).readUInt32LE();
    this.unacknowledged.push({ bytes: body.length, receipt });
    this.send({ type: "chunk", id, total, offset, receipt, body });
  }

  /**
   * Note that the party has received all chunks up to number `chunks`.
   *
   * @param receipt - of the last of these chunks. It proves that the party has them, as chunks arrive in order. Without
   *   it, a party that reads nothing could make the dealer work on, by acknowledging chunks that are still here.
   * @returns false if the party cannot have them
   */
  acknowledge(chunks: number, receipt: number): boolean {
    const more = chunks - this.acknowledged;
    if (more < 0 || more > this.unacknowledged.length) return false;
    if (more === 0) return true;
    if (this.unacknowledged.at(more - 1)!.receipt !== receipt) return false;
    this.moved = performance.now();
    for (; this.acknowledged < chunks; this.acknowledged++) this.held -= this.unacknowledged.shift()!.bytes;
    return true;
  }

  /** Note that a whole message has arrived; returns whether it is time to report it to the gate. */
  noteHeard(bytes: number): boolean {
    this.#untold += bytes;
    const now = performance.now();
    if (this.#untold < TELL_BYTES && now - this.#toldAt < TELL_MS) return false;
    this.#untold = 0;
    this.#toldAt = now;
    return true;
  }

  /** Wait until ZeroMQ has accepted everything. */
  sent(): Promise<void> {
    return this.#outbox.sent();
  }

  /** Close the connection. The last messages are sent for a moment longer, unless many wait. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.checker?.destroy();
    this.#socket.linger = this.held > 0 ? 0 : LINGER_MS;
    void Promise.race([this.sent(), new Promise((resolve) => setTimeout(resolve, LINGER_MS).unref())]).then(
      () => this.#socket.close(),
    );
  }

  async #read(listener: ConnectionListener): Promise<void> {
    for (let count = 1; this.#open; count++) {
      let parts: Uint8Array[];
      try {
        parts = await this.#socket.receive();
      } catch {
        return;
      }
      if (!this.#open) return;
      listener.heard(this, parts);
      // Messages that have already arrived are read without a turn of the event loop, so give it one now and then.
      if (count % 16 === 0) await turn();
    }
  }
}
