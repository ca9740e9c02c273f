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
/** How often a party reports to the dealer at least. */
const BEAT_MS = 2000;
/** Bytes after which to acknowledge chunks: fewer if nothing else is requested. Each beat acknowledges them too. */
const CREDIT_BYTES = 2 ** 20;
const IDLE_CREDIT_BYTES = 2 ** 16;
/** How long a chunk may travel: to ZeroMQ a connection is silent until a whole message has arrived. */
const CHUNK_MS = 20_000;

/** After this, reconnect if ZeroMQ has given a connection up because it received invalid bytes. */
const REVIVE_MS = 1000;
/** How many bytes to read before other events have their turn. */
const TURN_BYTES = 4 * 2 ** 20;

export interface DealerClientOptions {
  readonly address: Address;
  /** The party's keys and, as the peer's, the dealer's public one. */
  readonly identity?: Identity | undefined;
  readonly timing: Timing;
  /** Called with the end of a sentence when this party begins to wait for the dealer. Returns a function that ends it. */
  readonly onWait?: ((what: string) => () => void) | undefined;
}

/** A request that the dealer has not answered yet. */
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

/** Whether the dealer is away, knows this party alone, or knows both parties. */
type DealerState = "away" | "alone" | "paired";

/**
 * One party's connection to the dealer. When the connection breaks, the client makes it again: it says hello with the same
 * secret, repeats the requests that are not answered, and gets the same answers.
 */
export class DealerClient {
  readonly #member: Membership;
  readonly #options: DealerClientOptions;
  readonly #errors: DealerErrors;
  #socket: Dealer | undefined;
  #outbox: SocketOutbox | undefined;
  #state: DealerState = "away";
  /** Both parties were connected at least once. */
  #met = false;
  #refused = 0;
  /** The dealer's name for this connection, and the sealer of the orders that go over it. */
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

  /** Start to connect. */
  open(): void {
    this.#beat = setInterval(() => {
      this.#credit();
      this.#order({ type: "beat" });
    }, BEAT_MS).unref();
    this.#connect();
  }

  /**
   * Wait until both parties are connected to the dealer.
   *
   * @throws {TransportError} this takes too long, or the dealer refuses
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
   * Request party 1's corrections of a batch.
   *
   * @param size - bytes that the answer must have
   * @throws {TransportError} the dealer is gone for too long, or its answer is not valid
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

  /** Close the connection and overwrite the secret. Everything that waits throws `error`. */
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

  /** Say goodbye, if the dealer listens. */
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
      // Queue nothing for a connection that does not exist: the next one begins with a hello.
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
   * Make the connection anew if there is no handshake soon. ZeroMQ reconnects by itself, but not after it received bytes
   * that are invalid to it.
   */
  #revive(socket: Dealer): void {
    clearTimeout(this.#revival);
    this.#revival = setTimeout(() => {
      if (!this.#failure && socket === this.#socket) this.#reconnect();
    }, REVIVE_MS).unref();
  }

  /** Use a new socket each time, so that nothing arrives that an earlier one still held. */
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

  /** The dealer has accepted this party over a connection that it has named. */
  #enter(connection: Uint8Array): void {
    if (this.#connection) {
      if (!equalBytes(connection, this.#connection))
        throw malformed("the dealer", "a second name for the same connection");
      return;
    }
    this.#connection = connection;
    this.#sealer = new Sealer(sealKey(this.#member.secret, sessionOfMember(this.#member), connection));
    this.#chunks = this.#credited = this.#uncredited = 0;
    for (const asked of this.#asked.values()) this.#ask(asked);
  }

  /** Send an order. Before the dealer has accepted this party, drop it. */
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
        // The dealer may be started again.
        this.#reconnect();
        break;
      case "refusal":
        throw this.#errors.refusal(message.text);
    }
  }

  #take({ id, total, offset, receipt, body }: CorrectionChunk): void {
    const asked = this.#asked.get(id);
    if (!asked || total !== asked.size || offset !== asked.filled)
      throw malformed("the dealer", "corrections that this party did not request");
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

  /** While something waits for the dealer, show the wait, and abort after the time limit. */
  #heed(): void {
    const waits =
      !this.#failure && this.#state !== "paired" && (this.#asked.size > 0 || this.#meeting !== undefined);
    if (waits && this.#wait?.state === this.#state) return;
    // Keep counting if only the reason of the wait has changed.
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
