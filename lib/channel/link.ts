import { SpdzError, TransportError } from "../errors";
import type { Channel, ChannelListener, Frame, Party, Settings, Traffic } from "./channel";
import { Assembler, type Chunk, chunksOf } from "./chunks";
import type { Datagram, Packet } from "./frame";
import {
  checkFrame,
  decodePacket,
  encodePacket,
  HEADER_BYTES,
  isOfSession,
  Kind,
  malformed,
  NO_SESSION,
  PROTOCOL_VERSION,
  packetOf,
  versionOf,
} from "./frame";
import {
  checkSettings,
  decodeHello,
  disagreement,
  drawNonce,
  encodeHello,
  NONCE_BYTES,
  sessionId,
  versionMismatch,
} from "./handshake";
import type { Port, PortListener } from "./port";
import { LIBRARY_VERSION } from "./version";

export interface LinkOptions {
  /** What the session layer wants both parties to agree on. */
  readonly settings?: Settings;
  /** How long the peer may take to come, in milliseconds; a minute by default. */
  readonly timeoutMs?: number;
}

/** How long a peer that may be gone has to answer. */
const ANSWER_MS = 2500;
/** How long `close` may take to send what is queued. */
const LINGER_MS = 1000;

/** How long a side that disagrees stays, so that the other hears why. */
const HEARD_MS = 300;

/** Why a side says goodbye; the byte on the wire. */
const Goodbye = { closed: 0, malformed: 1 } as const;

/** A channel over any port. */
export class Link implements Channel, PortListener {
  readonly party: Party;
  readonly connected: Promise<void>;
  readonly #port: Port;
  readonly #settings: Settings;
  readonly #timeoutMs: number;
  readonly #nonce = drawNonce();
  #peerNonce: Uint8Array | undefined;
  #session: Uint8Array | undefined;
  #state: "waiting" | "open" | "closed" = "waiting";
  #settle!: { resolve(): void; reject(error: Error): void };
  #listener: ChannelListener | undefined;
  #early: Frame[] = [];
  #error: SpdzError | undefined;
  #queues: [Datagram[], Datagram[], Datagram[]] = [[], [], []];
  #unsent: Frame[] = [];
  #assemblers = [new Assembler(), new Assembler()] as const;
  #sent = [0, 0];
  #received = [0, 0];
  #drainers: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #parted: (() => void) | undefined;
  #traffic = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 };

  /** @throws {TypeError | RangeError} an option is wrong */
  constructor(party: Party, port: Port, options: LinkOptions = {}) {
    const timeoutMs = options.timeoutMs ?? 60_000;
    if (typeof timeoutMs !== "number") throw new TypeError("timeoutMs: not a number");
    if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31))
      throw new RangeError(`timeoutMs: ${timeoutMs} is out of range`);
    this.party = party;
    this.#port = port;
    this.#settings = { ...checkSettings(options.settings ?? {}), "library version": LIBRARY_VERSION };
    this.#timeoutMs = timeoutMs;
    this.connected = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.connected.catch(() => undefined);
    this.#timer = setTimeout(() => this.#fail(this.#nobodyCame()), timeoutMs);
    port.open(this);
  }

  get address(): string {
    return this.#port.address;
  }

  get session(): Uint8Array | undefined {
    return this.#session;
  }

  get traffic(): Traffic {
    return { ...this.#traffic };
  }

  listen(listener: ChannelListener): void {
    if (this.#listener) throw new TypeError("the channel has a listener already");
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#deliver(frame);
    if (this.#state === "closed") listener.closed(this.#error);
  }

  send(frame: Frame): void {
    checkFrame(frame);
    if (this.#state === "closed") return;
    const stream = frame.stream === "online" ? 0 : 1;
    // Before the session exists its id is not known, so the packet is made when it goes out.
    if (this.#state === "waiting") this.#unsent.push(frame);
    else
      for (const chunk of chunksOf(frame.payload))
        this.#queue(1 + stream, this.#dataPacket(frame, stream, chunk));
  }

  #dataPacket(frame: Frame, stream: 0 | 1, { offset, body }: Chunk): Packet {
    const { operation, step, digest, payload } = frame;
    const sequence = this.#sent[stream]!++;
    return packetOf({
      kind: Kind.data,
      sender: this.party,
      session: this.#session!,
      stream,
      operation,
      step,
      digest,
      sequence,
      total: payload.length,
      offset,
      body,
    });
  }

  drained(): Promise<void> {
    if (this.#state === "closed" || this.#queued() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drainers.push(resolve));
  }

  close(): Promise<void> {
    if (this.#state !== "closed") this.#end(undefined, "goodbye");
    return this.#closing!;
  }

  // What the port tells.

  up(): void {
    if (this.#state !== "closed") this.#hello(true);
  }

  down(sure: boolean): void {
    if (this.#state === "closed") this.#parted?.();
    if (this.#state !== "open") return;
    // A goodbye may still be on its way up, and another connection may be the peer's.
    if (!sure) this.#queue(0, this.#control(Kind.ack, 1));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () =>
        this.#fail(
          new TransportError("closed", `the connection to the other party at ${this.address} broke`),
        ),
      sure ? 200 : ANSWER_MS,
    );
  }

  ready(): void {
    for (const queue of this.#queues) {
      for (let datagram = queue[0]; datagram; datagram = queue[0]) {
        if (!this.#port.send(datagram)) return;
        queue.shift();
        this.#traffic.messagesSent++;
        for (const part of datagram) this.#traffic.bytesSent += part.length;
      }
    }
    this.#wake();
  }

  failed(error: SpdzError): void {
    this.#fail(error);
  }

  datagram(datagram: Datagram): void {
    if (this.#state === "closed") {
      // Whatever the peer still says, it has heard what this side said.
      if (this.#session && isOfSession(datagram, this.#session) && isGoodbye(datagram)) this.#parted?.();
      return;
    }
    try {
      if (this.#session && isOfSession(datagram, this.#session)) this.#packet(decodePacket(datagram));
      else if (isOfSession(datagram, NO_SESSION)) this.#greeting(datagram);
    } catch (error) {
      if (error instanceof TransportError && error.reason === "malformed") {
        if (this.#session) this.#end(error, "goodbye");
      } else if (error instanceof SpdzError) this.#fail(error);
      else
        this.#fail(
          new SpdzError("internal", "the library failed while it received a frame", { cause: error }),
        );
    }
  }

  #greeting(datagram: Datagram): void {
    const version = versionOf(datagram);
    if (version !== undefined && version !== PROTOCOL_VERSION) {
      if (this.#state !== "waiting") return;
      this.#hello(true);
      throw versionMismatch(version);
    }
    const packet = decodePacket(datagram);
    if (packet.kind !== Kind.hello) throw malformed("a packet without a session");
    const { nonce, echo, settings } = decodeHello(packet.body);
    if (this.#peerNonce && !Buffer.from(nonce).equals(this.#peerNonce)) {
      if (this.#state !== "open") return;
      throw new TransportError(
        "restarted",
        `the other party at ${this.address} was restarted and knows nothing of this session. ` +
          "Make the interface again on both sides.",
      );
    }
    const error = disagreement(
      { party: this.party, settings: this.#settings },
      { party: packet.sender, settings },
    );
    if (error) {
      this.#hello(true);
      throw error;
    }
    this.#peerNonce = nonce;
    this.#session ??= sessionId(this.party, this.#nonce, nonce);
    if (packet.token !== 0) this.#hello(false);
    if (Buffer.from(echo).equals(this.#nonce)) this.#opened();
  }

  #opened(): void {
    if (this.#state !== "waiting") return;
    this.#state = "open";
    clearTimeout(this.#timer);
    this.#settle.resolve();
    for (const frame of this.#unsent.splice(0)) this.send(frame);
  }

  #packet(packet: Packet): void {
    if (packet.sender === this.party) throw malformed("a frame that claims to be this party's own");
    this.#opened();
    this.#traffic.messagesReceived++;
    this.#traffic.bytesReceived += HEADER_BYTES + packet.body.length;
    clearTimeout(this.#timer);
    switch (packet.kind) {
      case Kind.data:
        this.#data(packet);
        return;
      case Kind.ack:
        if (packet.token !== 0) this.#queue(0, this.#control(Kind.answer, packet.token));
        return;
      case Kind.goodbye:
        this.#end(this.#farewell(packet.body[0]), "answered");
        return;
      default:
        return;
    }
  }

  #data(packet: Packet): void {
    if (packet.sequence !== this.#received[packet.stream]) throw malformed("a frame out of order");
    this.#received[packet.stream]!++;
    const frame = this.#assemblers[packet.stream].add(packet);
    if (!frame) return;
    if (this.#listener) this.#deliver(frame);
    else this.#early.push(frame);
  }

  #deliver(frame: Frame): void {
    this.#listener?.frame(frame);
  }

  #hello(ask: boolean): void {
    const echo = this.#peerNonce ?? new Uint8Array(NONCE_BYTES);
    const body = encodeHello({ nonce: this.#nonce, echo, settings: this.#settings });
    const token = ask ? 1 : 0;
    this.#queue(0, packetOf({ kind: Kind.hello, sender: this.party, session: NO_SESSION, token, body }));
  }

  #control(kind: Kind, token: number, body = new Uint8Array(0)): Packet {
    return packetOf({ kind, sender: this.party, session: this.#session ?? NO_SESSION, token, body });
  }

  #queue(rank: number, packet: Packet): void {
    this.#queues[rank as 0 | 1 | 2].push(encodePacket(packet));
    this.ready();
  }

  #queued(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  #farewell(reason: number | undefined): TransportError {
    if (reason === Goodbye.malformed) {
      return new TransportError(
        "malformed",
        "the other party received bytes that are no valid frame of this session, and closed its interface",
      );
    }
    return new TransportError("closed", "the other party closed its interface");
  }

  #nobodyCame(): TransportError {
    const seconds = Math.round(this.#timeoutMs / 100) / 10;
    const other = this.party === 0 ? 1 : 0;
    return new TransportError(
      "timeout",
      `the other party did not come within ${seconds} s at ${this.address}. Check that the other notebook has run ` +
        `its DistributedInterface(${other}) cell; that both use the same address (SPDZ_BIND of party 0, SPDZ_PEER ` +
        "of party 1); and that no firewall is between them.",
    );
  }

  #fail(error: SpdzError): void {
    if (this.#state === "closed") return;
    this.#end(error, error instanceof TransportError && error.reason === "mismatch" ? "heard" : "silent");
  }

  /**
   * Closes for good.
   *
   * @param parting - how: say goodbye and await the peer's; answer the peer's goodbye; say nothing more but let
   *   what was said be heard; nothing
   */
  #end(error: SpdzError | undefined, parting: "goodbye" | "answered" | "heard" | "silent"): void {
    clearTimeout(this.#timer);
    const known = this.#session !== undefined && parting !== "silent" && parting !== "heard";
    if (known) {
      const reason = error?.code === "transport-malformed" ? Goodbye.malformed : Goodbye.closed;
      this.#queue(2, this.#control(Kind.goodbye, 0, Uint8Array.of(reason)));
    }
    const wasWaiting = this.#state === "waiting";
    this.#state = "closed";
    this.#error = error;
    if (wasWaiting) {
      this.#settle.reject(
        error ?? new TransportError("closed", "this interface was closed before the other party came"),
      );
    }
    const wait = parting === "heard" ? HEARD_MS : known ? LINGER_MS : 0;
    this.#closing = this.#finish(wait, known && parting === "answered");
    this.#wake();
    this.#listener?.closed(error);
  }

  /** Waits until everything is out and the peer has heard it, but not long, and frees the address. */
  async #finish(waitMs: number, answered: boolean): Promise<void> {
    const end = Date.now() + waitMs;
    if (waitMs > 0 && !(answered && this.#queued() === 0)) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, waitMs);
        this.#parted = () => {
          clearTimeout(late);
          resolve();
        };
        if (answered) this.#drainers.push(this.#parted);
      });
    }
    await this.#port.close(Math.max(100, end - Date.now()));
  }

  #wake(): void {
    if (this.#queued() === 0) for (const resolve of this.#drainers.splice(0)) resolve();
  }
}

function isGoodbye(datagram: Datagram): boolean {
  try {
    return decodePacket(datagram).kind === Kind.goodbye;
  } catch {
    return false;
  }
}
