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

/** Messages that wait to be read before ZeroMQ reads no more. */
const MOST_UNREAD = 64;
/** The gate hears of messages that have come after so many bytes, or so long. */
const TELL_BYTES = 2 ** 13;
const TELL_MS = 200;
/** What was sent last may still go. */
const LINGER_MS = 200;

/** What becomes of a connection. */
export interface ConnectionListener {
  heard(connection: PartyConnection, parts: Uint8Array[]): void;
  /** Its first bytes did not prove a key that is served, or were no ZeroMQ. */
  refused(connection: PartyConnection): void;
}

/**
 * One connection of a party, with a ZeroMQ socket of its own behind the gate. So there is nothing that a party could
 * call itself by: a ROUTER's routing ids are its clients' choice, who may take each other's, and one that takes the
 * next automatic one aborts the process (libzmq 4.3.5, socket_base.cpp:2113). And one connection can be ended, with
 * all that waits to be sent on it.
 */
export class PartyConnection {
  /** What the connection is called in the seals of what comes over it. */
  readonly name = new Uint8Array(randomBytes(CONNECTION_BYTES));
  checker: SealChecker | undefined;
  /** Sizes and receipts of chunks that the party has not said it has. */
  readonly unacknowledged = new Queue<{ readonly bytes: number; readonly receipt: number }>();
  /** Bytes of them, and of pieces in the making. */
  held = 0;
  /** When the party last said that something had arrived, or was first sent something. */
  moved = performance.now();
  acknowledged = 0;
  #untold = 0;
  #toldAt = 0;
  readonly #socket: Dealer;
  readonly #outbox: SocketOutbox;
  #open = true;
  /** Resolves when nothing is left of the socket, for which ZeroMQ might still ask whom to admit. */
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
      // What is under way is bounded by the window.
      sendHighWaterMark: 0,
      // A chunk at a time, as the gate reads them.
      sendBufferSize: MAX_CHUNK_BYTES,
      receiveHighWaterMark: MOST_UNREAD,
      // No heartbeats of ZeroMQ's: with an input that is stopped they abort the process. Parties say that they are there.
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
    // One connection comes, and no other. An unbind would end that one, too.
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

  /** A chunk, which the party will say has arrived. */
  sendChunk(id: number, total: number, offset: number, body: Uint8Array): void {
    if (this.unacknowledged.length === 0) this.moved = performance.now();
    const receipt = randomBytes(4).readUInt32LE();
    this.unacknowledged.push({ bytes: body.length, receipt });
    this.send({ type: "chunk", id, total, offset, receipt, body });
  }

  /**
   * @param receipt - the last one's; chunks come in order. Without it a party that reads nothing could have ever more
   *   made, by saying that it has what is still here
   * @returns false where the party does not have them
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

  /** A whole message has come; says whether it is time to tell the gate. */
  noteHeard(bytes: number): boolean {
    this.#untold += bytes;
    const now = performance.now();
    if (this.#untold < TELL_BYTES && now - this.#toldAt < TELL_MS) return false;
    this.#untold = 0;
    this.#toldAt = now;
    return true;
  }

  /** Resolves when everything is with ZeroMQ. */
  sent(): Promise<void> {
    return this.#outbox.sent();
  }

  /** What was sent last goes out for a moment, unless much of it waits. */
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
      // Messages that are there already come without a turn of the event loop, and nobody may keep it.
      if (count % 16 === 0) await turn();
    }
  }
}
