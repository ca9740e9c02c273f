import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../../channel/address";
import { TransportError } from "../../../errors";
import { Rate } from "./rate";

/** Bytes that a connection may send before a whole message has arrived: fewer before its hello. */
const UNHEARD_BYTES = 2 ** 16;
const UNHEARD_STRANGER_BYTES = 2 ** 13;
/** How long a message may take after so many bytes, and how long until a hello. */
const UNHEARD_MS = 2000;
const HELLO_MS = 10_000;
/** Bytes that a connection may send in a second, and in a burst. */
const BYTES = [2 ** 20, 2 ** 21] as const;
/** After reading nothing for so long, a party counts as gone. */
const UNREAD_MS = 30_000;
/** How many connections may be waiting for their hello. */
const MOST_STRANGERS = 64;
/** How many sockets may be requested and not open yet. More connections wait, so that others are served meanwhile. */
const MOST_OPENING = 8;
/** The size of the pieces in which the dealer's bytes are passed on. */
const BUFFER_BYTES = 2 ** 18;

/** The owner of the sockets behind the gate. */
export interface Connections {
  /** Open a socket for a connection; returns its address, as ZeroMQ writes addresses. */
  open(id: number): Promise<string>;
  /** Note that a connection is closed. */
  closed(id: number): void;
}

/** One connection, from its party to the socket behind. */
interface Passage {
  readonly id: number;
  readonly from: string;
  readonly outer: Socket;
  inner: Socket | undefined;
  /** The socket behind was requested. */
  asked: boolean;
  known: boolean;
  /** Bytes since the last whole message. */
  unheard: number;
  readonly rate: Rate;
  patience: NodeJS.Timeout | undefined;
  /** Runs while it has sent more than it may in a second. */
  paced: NodeJS.Timeout | undefined;
  /** Runs while the party has something to read. */
  unread: NodeJS.Timeout | undefined;
}

/**
 * The dealer's front door: plain TCP, before any ZeroMQ. Each connection gets a socket of its own behind it. The gate
 * bounds what a connection may send, because ZeroMQ bounds each part of a message but not the number of parts. It passes
 * bytes on as they are, encrypted or not, and interprets none of them.
 */
export class DealerGate {
  readonly #address: Address;
  readonly #connections: Connections;
  readonly #most: number;
  readonly #unreadMs: number;
  readonly #server: Server;
  readonly #passages = new Map<number, Passage>();
  /** Passages whose socket is not requested yet. */
  readonly #waiting = new Set<Passage>();
  #opening = 0;
  #next = 1;
  #text: string;

  /** @param most - how many connections to accept at once */
  constructor(address: Address, connections: Connections, most: number, unreadMs = UNREAD_MS) {
    this.#unreadMs = unreadMs;
    this.#address = address;
    this.#connections = connections;
    this.#most = most;
    this.#text = address.text;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    this.#server.on("connection", (outer) => this.#admit(outer));
  }

  /** The address at which it listens, once it does. */
  get address(): string {
    return this.#text;
  }

  /** @throws {TransportError} the address cannot be used */
  async listen(): Promise<void> {
    const { text, path } = this.#address;
    const [, host, port] = /^tcp:\/\/(.*):(\d+|\*)$/.exec(text) ?? [];
    const where =
      path !== undefined
        ? { path }
        : {
            ...(host !== "*" && { host: host!.replace(/^\[|\]$/g, "") }),
            port: port === "*" ? 0 : Number(port),
          };
    // ZeroMQ, and a process that was killed, leave a path behind.
    if (path !== undefined && !(await isServed(path))) rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => {
        const message = `${text} cannot be used: ${error.message}`;
        reject(new TransportError("address-in-use", message, { cause: error }));
      });
      this.#server.listen({ ...where, backlog: 128 }, resolve);
    });
    this.#server.on("error", () => undefined);
    const bound = this.#server.address();
    if (typeof bound === "object" && bound) this.#text = `tcp://${host}:${bound.port}`;
  }

  /** Note that a whole message has arrived over a connection. */
  heard(id: number, known: boolean): void {
    const passage = this.#passages.get(id);
    if (!passage) return;
    passage.unheard = 0;
    if (known && !passage.known) {
      passage.known = true;
      clearTimeout(passage.patience);
      passage.patience = undefined;
    }
    this.#goOn(passage);
  }

  /** Close all connections, because the sockets behind them are gone. */
  closeConnections(): void {
    for (const passage of [...this.#passages.values()]) this.#close(passage);
  }

  /** Accept no more connections. */
  close(): void {
    this.#server.close();
  }

  #admit(outer: Socket): void {
    outer.on("error", () => undefined);
    outer.pause();
    const from = outer.remoteAddress ?? "";
    if (!this.#makeRoom(from)) {
      outer.destroy();
      return;
    }
    const id = this.#next++;
    const passage: Passage = {
      ...{ id, from, outer, inner: undefined, asked: false, known: false, unheard: 0 },
      rate: new Rate(...BYTES),
      patience: setTimeout(() => this.#close(passage), HELLO_MS).unref(),
      ...{ paced: undefined, unread: undefined },
    };
    this.#passages.set(id, passage);
    outer.on("close", () => this.#close(passage));
    this.#waiting.add(passage);
    this.#openNext();
  }

  #openNext(): void {
    for (const passage of this.#waiting) {
      if (this.#opening >= MOST_OPENING) return;
      this.#waiting.delete(passage);
      void this.#open(passage);
    }
  }

  async #open(passage: Passage): Promise<void> {
    const { id } = passage;
    passage.asked = true;
    this.#opening++;
    try {
      const endpoint = await this.#connections.open(id);
      if (this.#passages.has(id)) this.#join(passage, endpoint);
      else this.#connections.closed(id);
    } catch {
      this.#close(passage);
    }
    this.#opening--;
    this.#openNext();
  }

  #join(passage: Passage, endpoint: string): void {
    const { outer } = passage;
    const [, path, port] = /^(?:ipc:\/\/(.+)|tcp:\/\/127\.0\.0\.1:(\d+))$/.exec(endpoint)!;
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    const inner = connect({
      ...(path !== undefined ? { path } : { host: "127.0.0.1", port: Number(port) }),
      // Use one buffer, and read into it again once it was passed on.
      onread: {
        buffer,
        callback: (size) => {
          outer.write(buffer.subarray(0, size), () => {
            clearTimeout(passage.unread);
            inner.resume();
          });
          if (outer.writableLength === 0) return true;
          passage.unread = setTimeout(() => this.#close(passage), this.#unreadMs).unref();
          return false;
        },
      },
    });
    passage.inner = inner;
    inner.on("error", () => undefined);
    inner.on("end", () => outer.end());
    inner.on("close", () => setTimeout(() => this.#close(passage), 100).unref());
    inner.on("drain", () => this.#goOn(passage));
    outer.on("data", (bytes) => this.#pass(passage, bytes));
    outer.on("end", () => inner.end());
    outer.resume();
  }

  #pass(passage: Passage, bytes: Buffer): void {
    const { outer, inner, known, rate } = passage;
    passage.unheard += bytes.length;
    const full = !inner!.write(bytes);
    const wait = rate.owe(bytes.length);
    if (wait > 0) this.#goOnIn(passage, wait);
    const most = known ? UNHEARD_BYTES : UNHEARD_STRANGER_BYTES;
    if (!full && wait === 0 && passage.unheard <= most) return;
    outer.pause();
    if (passage.unheard > most)
      passage.patience ??= setTimeout(() => this.#close(passage), UNHEARD_MS).unref();
  }

  /** Continue reading, unless something else still prevents it. */
  #goOn(passage: Passage): void {
    const { outer, inner, known, rate } = passage;
    if (!inner || inner.writableNeedDrain) return;
    const wait = rate.owe(0);
    if (wait > 0) {
      this.#goOnIn(passage, wait);
      return;
    }
    if (passage.unheard > (known ? UNHEARD_BYTES : UNHEARD_STRANGER_BYTES)) return;
    if (known) {
      clearTimeout(passage.patience);
      passage.patience = undefined;
    }
    outer.resume();
  }

  #goOnIn(passage: Passage, ms: number): void {
    passage.paced ??= setTimeout(() => {
      passage.paced = undefined;
      this.#goOn(passage);
    }, Math.ceil(ms)).unref();
  }

  #close(passage: Passage): void {
    if (!this.#passages.delete(passage.id)) return;
    this.#waiting.delete(passage);
    clearTimeout(passage.patience);
    clearTimeout(passage.paced);
    clearTimeout(passage.unread);
    passage.outer.destroy();
    // The desk may still read the last bytes.
    passage.inner?.end();
    setTimeout(() => passage.inner?.destroy(), 200).unref();
    if (passage.asked) this.#connections.closed(passage.id);
  }

  /** Make room by closing the oldest connection without a hello, from the address that has most of them. */
  #makeRoom(from: string): boolean {
    const strangers = [...this.#passages.values()].filter(({ known }) => !known);
    if (this.#passages.size < this.#most && strangers.length < MOST_STRANGERS) return true;
    const counts = new Map<string, number>();
    for (const each of strangers) counts.set(each.from, (counts.get(each.from) ?? 0) + 1);
    const most = Math.max(0, ...counts.values());
    const victim = strangers.find((each) => counts.get(each.from) === most);
    if (!victim || (counts.get(from) ?? 0) > most) return false;
    this.#close(victim);
    return true;
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const answer = (served: boolean) => {
      probe.destroy();
      resolve(served);
    };
    probe.on("connect", () => answer(true));
    probe.on("error", () => answer(false));
  });
}
