import { setImmediate as turn } from "node:timers/promises";
import { Dealer } from "zeromq";
import type { Address } from "../../../channel/address";
import type { Identity } from "../../../channel/keys/keys";
import type { Timing } from "../../../channel/link/link-options";
import { context } from "../../../channel/zeromq/zap";
import { equalBytes } from "../../../crypto/bytes";
import { createHello, type Membership, sessionOfMember } from "../wire/greeting";
import {
  type CorrectionChunk,
  DEALER_VERSION,
  decodeFromDealer,
  encode,
  MAX_CHUNK_BYTES,
  malformed,
  type Order,
  versionOf,
} from "../wire/messages";
import { Sealer, sealKey } from "../wire/order-seal";
import { SocketOutbox } from "../wire/socket-outbox";
import { DealerErrors } from "./dealer-errors";

const OVERHEAD_BYTES = 1024;
/** The dealer hears of a party this often at least. */
const BEAT_MS = 2000;
/** Bytes after which the dealer is told that they came; fewer when nothing is asked for any more, and with each beat. */
const CREDIT_BYTES = 2 ** 20;
const IDLE_CREDIT_BYTES = 2 ** 16;
/** What a chunk may take on its way: to ZeroMQ a connection is silent until a message has arrived whole. */
const CHUNK_MS = 20_000;

/** A connection that ZeroMQ has given up, since what came made no sense, is made anew after this. */
const REVIVE_MS = 1000;
/** So much is read before other events have their turn. */
const TURN_BYTES = 4 * 2 ** 20;

export interface DealerClientOptions {
  readonly address: Address;
  /** The party's keys and, as the peer's, the dealer's public one. */
  readonly identity?: Identity | undefined;
  readonly timing: Timing;
  /** Called when this party begins to wait for the dealer, with the end of a sentence; what it returns ends the wait. */
  readonly onWait?: ((what: string) => () => void) | undefined;
}

/** A request that is not answered yet. */
interface Asked {
  readonly id: number;
  readonly kind: string;
  readonly count: number;
  readonly start: number;
  /** Bytes of the answer. */
  readonly size: number;
  bytes: Uint8Array | undefined;
  filled: number;
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/** Whether the dealer is away, knows this party, or both parties. */
type DealerState = "away" | "alone" | "paired";

/**
 * One party's connection to the dealer. When it breaks it is made again: the party says hello with the same secret, asks
 * again for what it still waits for, and gets the same answers.
 */
export class DealerClient {
  readonly #member: Membership;
  readonly #options: DealerClientOptions;
  readonly #errors: DealerErrors;
  #socket: Dealer | undefined;
  #outbox: SocketOutbox | undefined;
  #state: DealerState = "away";
  /** Both parties were there at least once. */
  #met = false;
  #refused = 0;
  /** Of this connection: what the dealer calls it, and who seals what is said over it. */
  #connection: Uint8Array | undefined;
  #sealer: Sealer | undefined;
  #chunks = 0;
  #receipt = 0;
  #uncredited = 0;
  #credited = 0;
  #revival: NodeJS.Timeout | undefined;
  #nextId = 1;
  readonly #asked = new Map<number, Asked>();
  #meeting: { promise: Promise<void>; resolve(): void; reject(error: Error): void } | undefined;
  #wait: { since: number; state: DealerState; end(): void; limit: NodeJS.Timeout } | undefined;
  #beat: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  constructor(member: Membership, options: DealerClientOptions) {
    this.#member = member;
    this.#options = options;
    this.#errors = new DealerErrors(options.address.text, member.party);
  }

  /** Starts to connect. */
  open(): void {
    this.#beat = setInterval(() => {
      this.#credit();
      this.#order({ type: "beat" });
    }, BEAT_MS).unref();
    this.#connect();
  }

  /**
   * Resolves when both parties are with the dealer.
   *
   * @throws {TransportError} that takes too long, or it cannot be
   */
  async present(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#state === "paired") return;
    if (!this.#meeting) {
      let settle!: { resolve(): void; reject(error: Error): void };
      const promise = new Promise<void>((resolve, reject) => {
        settle = { resolve, reject };
      });
      this.#meeting = { promise, ...settle };
    }
    const { promise } = this.#meeting;
    this.#heed();
    return promise;
  }

  /**
   * Party 1's corrections of a request.
   *
   * @param size - bytes that the answer must have
   * @throws {TransportError} the dealer is gone for too long, or what it sent is none
   */
  request(kind: string, count: number, start: number, size: number): Promise<Uint8Array> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const asked = { id, kind, count, start, size, bytes: undefined, filled: 0, resolve, reject };
      this.#asked.set(id, asked);
      this.#ask(asked);
      this.#heed();
    });
  }

  /** Ends everything; whatever waits throws `error`. */
  abort(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    clearInterval(this.#beat);
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    this.#meeting?.reject(error);
    this.#meeting = undefined;
    this.#heed();
    this.#member.secret.fill(0);
    void this.#close();
  }

  /** Says goodbye, as far as somebody listens. */
  async #close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    this.#order({ type: "goodbye" });
    this.#sealer?.destroy();
    const patience = new Promise((resolve) => setTimeout(resolve, 200).unref());
    await Promise.race([this.#outbox!.sent(), patience]);
    socket.linger = 200;
    socket.close();
  }

  #connect(): void {
    if (this.#failure) return;
    const { address, identity, timing } = this.#options;
    const { silenceMs } = timing;
    const socket = new Dealer({
      context,
      linger: 0,
      ipv6: address.ipv6,
      // Nothing is queued for a connection that is not there: the next one begins with a hello.
      immediate: true,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      reconnectInterval: 10,
      reconnectMaxInterval: 500,
      connectTimeout: 5000,
      heartbeatInterval: Math.ceil(silenceMs / 3),
      heartbeatTimeout: Math.max(silenceMs, CHUNK_MS),
      heartbeatTimeToLive: silenceMs,
      maxMessageSize: MAX_CHUNK_BYTES + OVERHEAD_BYTES,
      ...(identity && {
        curveServerKey: identity.peerKey,
        curvePublicKey: identity.keys.publicKey,
        curveSecretKey: identity.keys.revealSecretKey(),
      }),
    });
    const own = () => socket === this.#socket;
    const { events } = socket;
    events.on("handshake", () => {
      clearTimeout(this.#revival);
      if (own()) this.#greet();
    });
    events.on("disconnect", () => {
      if (!own()) return;
      if (this.#state !== "away") this.#reconnect();
      else this.#revive(socket);
    });
    for (const event of [
      "handshake:error:auth",
      "handshake:error:protocol",
      "handshake:error:other",
    ] as const)
      events.on(event, () => {
        this.#refused++;
        if (own()) this.#revive(socket);
      });
    this.#socket = socket;
    this.#outbox = new SocketOutbox(socket);
    socket.connect(address.text);
    void this.#read(socket);
  }

  /**
   * ZeroMQ makes a connection again by itself, but not one whose bytes made no sense to it. If there has been no
   * handshake by then, begin anew.
   */
  #revive(socket: Dealer): void {
    clearTimeout(this.#revival);
    this.#revival = setTimeout(() => {
      if (!this.#failure && socket === this.#socket) this.#reconnect();
    }, REVIVE_MS).unref();
  }

  /** A connection of its own each time: what an earlier one still held does not come. */
  #reconnect(): void {
    clearTimeout(this.#revival);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#sealer?.destroy();
    this.#sealer = undefined;
    this.#connection = undefined;
    this.#become("away");
    this.#connect();
  }

  #greet(): void {
    const { identity } = this.#options;
    const hello = createHello(this.#member, identity && { own: identity.keys, dealer: identity.peerKey });
    this.#outbox?.push(encode(hello));
  }

  /** The dealer has taken this party in over a connection that it gave a name. */
  #enter(connection: Uint8Array): void {
    if (this.#connection) {
      if (!equalBytes(connection, this.#connection))
        throw malformed("the dealer", "another name for a connection");
      return;
    }
    this.#connection = connection;
    this.#sealer = new Sealer(sealKey(this.#member.secret, sessionOfMember(this.#member), connection));
    this.#chunks = this.#credited = this.#uncredited = 0;
    for (const asked of this.#asked.values()) this.#ask(asked);
  }

  /** What is said before the dealer has taken this party in is not said. */
  #order(order: Order): void {
    if (this.#sealer) this.#outbox?.push(this.#sealer.seal(order));
  }

  #ask(asked: Asked): void {
    const { id, kind, count, start } = asked;
    asked.bytes = undefined;
    asked.filled = 0;
    this.#order({ type: "request", id, kind, count, start });
  }

  #credit(): void {
    if (this.#chunks === this.#credited) return;
    this.#credited = this.#chunks;
    this.#uncredited = 0;
    this.#order({ type: "credit", chunks: this.#chunks, receipt: this.#receipt });
  }

  async #read(socket: Dealer): Promise<void> {
    let bytes = 0;
    for (;;) {
      let parts: Uint8Array[];
      try {
        parts = await socket.receive();
      } catch {
        return;
      }
      if (socket !== this.#socket) return;
      try {
        this.#hear(parts);
      } catch (error) {
        this.abort(error as Error);
        return;
      }
      for (const part of parts) bytes += part.length;
      if (bytes < TURN_BYTES) continue;
      bytes = 0;
      await turn();
    }
  }

  #hear(parts: readonly Uint8Array[]): void {
    const version = versionOf(parts);
    if (version !== undefined && version !== DEALER_VERSION) throw this.#errors.otherVersion(version);
    const message = decodeFromDealer(parts);
    switch (message.type) {
      case "welcome":
        this.#enter(message.connection);
        this.#become(message.paired ? "paired" : "alone");
        break;
      case "chunk":
        this.#take(message);
        break;
      case "goodbye":
        // It may be started again.
        this.#reconnect();
        break;
      case "refusal":
        throw this.#errors.refusal(message.text);
    }
  }

  #take({ id, total, offset, receipt, body }: CorrectionChunk): void {
    const asked = this.#asked.get(id);
    if (!asked || total !== asked.size || offset !== asked.filled)
      throw malformed("the dealer", "corrections that nobody asked for");
    const whole = body.length === total;
    if (!whole) {
      asked.bytes ??= new Uint8Array(total);
      asked.bytes.set(body, offset);
    }
    asked.filled += body.length;
    this.#chunks++;
    this.#receipt = receipt;
    this.#uncredited += body.length;
    if (asked.filled === total) this.#asked.delete(id);
    if (this.#uncredited >= (this.#asked.size === 0 ? IDLE_CREDIT_BYTES : CREDIT_BYTES)) this.#credit();
    if (asked.filled < total) return;
    asked.resolve(whole ? body : asked.bytes!);
  }

  #become(state: DealerState): void {
    this.#state = state;
    if (state === "paired") {
      this.#met = true;
      this.#refused = 0;
      this.#meeting?.resolve();
      this.#meeting = undefined;
    }
    this.#heed();
  }

  /** Shows a wait for the dealer, and ends it after the time limit; as long as something waits. */
  #heed(): void {
    const waits =
      !this.#failure && this.#state !== "paired" && (this.#asked.size > 0 || this.#meeting !== undefined);
    if (waits && this.#wait?.state === this.#state) return;
    // The time goes on where only the reason has changed.
    const since = (waits && this.#wait?.since) || performance.now();
    if (this.#wait) {
      this.#wait.end();
      clearTimeout(this.#wait.limit);
      this.#wait = undefined;
    }
    if (!waits) return;
    const { timeoutMs, resumeMs } = this.#options.timing;
    const patienceMs = this.#met ? resumeMs : timeoutMs;
    const state = this.#state;
    const end =
      this.#options.onWait?.(this.#errors.waiting(state === "alone", this.#met)) ?? (() => undefined);
    const limit = setTimeout(
      () => this.abort(this.#errors.late(state === "alone", this.#met, patienceMs, this.#refused)),
      Math.max(1, patienceMs - (performance.now() - since)),
    );
    this.#wait = { since, state, end, limit };
  }
}
