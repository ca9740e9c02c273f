import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../../channel/address";
import { TransportError } from "../../../errors";
import { Rate } from "./rate";

/** Bytes that a connection may send before a whole message of it has been heard: less before it has said hello. */
const UNHEARD_BYTES = 2 ** 16;
const UNHEARD_STRANGER_BYTES = 2 ** 13;
/** How long it may take to hear one, once it has sent so many, and how long until a hello. */
const UNHEARD_MS = 2000;
const HELLO_MS = 10_000;
/** Bytes that a connection may send in a second, and in a burst. */
const BYTES = [2 ** 20, 2 ** 21] as const;
/** A party that reads nothing for so long is not there any more. */
const UNREAD_MS = 30_000;
/** Connections that have not said hello yet. */
const MOST_STRANGERS = 64;
/** Sockets that are asked for and not there yet; who comes and goes faster waits, so that others are heard meanwhile. */
const MOST_OPENING = 8;
/** What the dealer sends is passed on in pieces of this size. */
const BUFFER_BYTES = 2 ** 18;

/** Whoever has the sockets behind the gate. */
export interface Connections {
  /** Makes a socket for a connection; gives where it is, as ZeroMQ writes addresses. */
  open(id: number): Promise<string>;
  /** The connection is no more. */
  closed(id: number): void;
}

/** One connection, from its party to the socket behind. */
interface Passage {
  readonly id: number;
  readonly from: string;
  readonly outer: Socket;
  inner: Socket | undefined;
  /** A socket behind was asked for. */
  asked: boolean;
  known: boolean;
  /** Bytes since a whole message was heard. */
  unheard: number;
  readonly rate: Rate;
  patience: NodeJS.Timeout | undefined;
  /** Runs while it has sent more than it may in a second. */
  paced: NodeJS.Timeout | undefined;
  /** Runs while the party has something to read. */
  unread: NodeJS.Timeout | undefined;
}

/**
 * The dealer's front door: plain TCP, before any ZeroMQ. Each connection gets a socket of its own behind it, and what
 * it may send is bounded here, since ZeroMQ bounds a part of a message but not how many parts it has. It passes bytes
 * on as they are, encrypted or not, and understands none of them.
 */
export class DealerGate {
  readonly #address: Address;
  readonly #connections: Connections;
  readonly #most: number;
  readonly #unreadMs: number;
  readonly #server: Server;
  readonly #passages = new Map<number, Passage>();
  /** Those for which no socket was asked for yet. */
  readonly #waiting = new Set<Passage>();
  #opening = 0;
  #next = 1;
  #text: string;

  /** @param most - connections at once */
  constructor(address: Address, connections: Connections, most: number, unreadMs = UNREAD_MS) {
    this.#unreadMs = unreadMs;
    this.#address = address;
    this.#connections = connections;
    this.#most = most;
    this.#text = address.text;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    this.#server.on("connection", (outer) => this.#admit(outer));
  }

  /** Where it listens, once it does. */
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
    // ZeroMQ and a process that was killed leave a path behind.
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

  /** A whole message has come over a connection. */
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

  /** Ends all connections: the sockets behind them are no more. */
  closeConnections(): void {
    for (const passage of [...this.#passages.values()]) this.#close(passage);
  }

  /** Lets nobody in any more. */
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
      // One buffer, read again once it has gone on.
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

  /** Reads on, unless something else still keeps it. */
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
    // What it said last may still be read.
    passage.inner?.end();
    setTimeout(() => passage.inner?.destroy(), 200).unref();
    if (passage.asked) this.#connections.closed(passage.id);
  }

  /** Of those who have not said hello the oldest goes, from where most are. */
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
