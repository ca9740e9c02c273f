import { debug } from "../../debug";
import { SpdzError, TransportError } from "../../errors";
import type { Channel, ChannelListener, Frame, Party, Traffic, Transfer } from "../channel";
import { LIBRARY_VERSION } from "../version";
import * as wire from "./frame";
import { type Datagram, Kind, malformed, NO_SESSION, type Packet } from "./frame";
import { Greeter } from "./greeter";
import { checkSettings } from "./handshake";
import { farewell, Goodbye, nobodyCame, notBack } from "./link-errors";
import { checkTiming, type LinkOptions, type Timing } from "./link-options";
import type { Port, PortListener } from "./port";
import { Reliable } from "./reliable";
import { Watch } from "./watch";

/** How long `close` may take to send what is queued. */
const LINGER_MS = 1000;
/** How long a side that disagrees stays connected, so that the other side learns why. */
const HEARD_MS = 300;
/** `drained` resolves while less than this is queued or unacknowledged. */
const DRAINED_BYTES = 16 * 2 ** 20;
/** How much to keep until a listener is attached. */
const EARLY_BYTES = 32 * 2 ** 20;
/** A connection that only the peer can hold may stay silent for this many times `silenceMs`, because the peer may be busy. */
const HELD = 4;
/** More damaged packets in a row than this cannot be an accident. */
const MAX_DAMAGED = 1000;

/**
 * How a side leaves:
 *
 * - `flush`: deliver everything to the peer, then say goodbye and wait for its goodbye
 * - `goodbye`: say goodbye at once and wait for the peer's
 * - `answer`: answer the peer's goodbye
 * - `linger`: stay until the peer has had time to read what was sent
 * - `go`: leave at once
 */
type Parting = "flush" | "goodbye" | "answer" | "linger" | "go";

/** A channel over any port. It greets the peer, makes frames reliable, and watches the connection. */
export class Link implements Channel, PortListener {
  readonly party: Party;
  readonly connected: Promise<void>;
  readonly #port: Port;
  readonly #timing: Timing;
  readonly #greeter: Greeter;
  readonly #reliable: Reliable;
  readonly #watch: Watch;
  readonly #traffic = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0 };
  readonly #deadline: NodeJS.Timeout;
  #ticker: NodeJS.Timeout | undefined;
  /** A connection exists, but it may not be the peer's. */
  #attached = false;
  #settle!: { resolve(): void; reject(error: Error): void };
  #open = false;
  #hellos: Packet[] = [];
  #listener: ChannelListener | undefined;
  #early: Frame[] = [];
  #earlyBytes = 0;
  #drainers: (() => void)[] = [];
  #strangers = 0;
  #damaged = 0;
  /** A packet was dropped on arrival, and the peer has not been told. */
  #dropped = false;
  #error: SpdzError | undefined;
  /** How this side is leaving, if it is. */
  #parting: Parting | undefined;
  #saidGoodbye = false;
  #leave: () => void = () => undefined;
  #gone: Promise<void> | undefined;

  /** @throws {TypeError | RangeError} an option is invalid */
  constructor(party: Party, port: Port, options: LinkOptions = {}) {
    this.party = party;
    this.#port = port;
    this.#timing = checkTiming(options);
    const settings = checkSettings({ ...options.settings, "library version": LIBRARY_VERSION });
    this.#greeter = new Greeter(party, settings);
    this.#reliable = new Reliable(party, (frame) => this.#deliver(frame));
    this.#watch = new Watch(this.#timing);
    this.connected = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.connected.catch(() => undefined);
    this.#deadline = setTimeout(() => this.#late(), this.#timing.timeoutMs);
    this.#ticker = setInterval(() => this.#tick(), this.#watch.periodMs / 2).unref();
    port.open(this);
  }

  get address(): string {
    return this.#port.address;
  }

  get session(): Uint8Array | undefined {
    return this.#open ? this.#greeter.session : undefined;
  }

  get traffic(): Traffic {
    return { ...this.#traffic };
  }

  get transfer(): Transfer | undefined {
    return this.#reliable.transfer;
  }

  get strangers(): number {
    return this.#strangers;
  }

  listen(listener: ChannelListener): void {
    if (this.#listener) throw new TypeError("the channel has a listener already");
    this.#listener = listener;
    this.#earlyBytes = 0;
    for (const frame of this.#early.splice(0)) listener.frame(frame);
    this.#report();
    if (this.#parting) listener.closed(this.#error);
  }

  send(frame: Frame): void {
    wire.checkFrame(frame);
    if (this.#parting) return;
    this.#reliable.push(frame);
    this.#pump();
  }

  drained(): Promise<void> {
    if (this.#parting || this.#reliable.bytes < DRAINED_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#drainers.push(resolve));
  }

  close(): Promise<void> {
    if (!this.#parting) this.#end(undefined, "flush");
    return this.#gone!;
  }

  // Called by the port.

  up(): void {
    this.#attached = true;
    this.#watch.doubt();
    this.#hellos = [this.#greeter.hello(true)];
    if (this.#open) this.#reliable.doubt();
    this.#pump();
  }

  down(sure: boolean): void {
    if (this.#saidGoodbye || this.#parting === "linger") this.#leave();
    if (sure) this.#attached = false;
    if (!this.#open) this.#watch.calm();
    else if (sure) this.#lose();
    else this.up();
  }

  ready(): void {
    this.#pump();
  }

  stranger(): void {
    this.#strangers++;
    debug("link: party %d turned away %d messages of strangers", this.party, this.#strangers);
    if (!this.#parting) this.#listener?.stranger?.(this.#strangers);
  }

  flooded(): void {
    if (this.#open) this.#ask();
    this.#pump();
  }

  failed(error: SpdzError): void {
    this.#fail(error);
  }

  datagram(datagram: Datagram): void {
    try {
      this.#sort(datagram);
    } catch (error) {
      if (error instanceof SpdzError) this.#fail(error);
      else
        this.#fail(
          new SpdzError("internal", "the library failed while it processed a frame", { cause: error }),
        );
    }
    this.#pump();
  }

  /** Separate the peer's packets of this session from its hellos, from damaged packets, and from what strangers send. */
  #sort(datagram: Datagram): void {
    const { session } = this.#greeter;
    if (session && wire.isOfSession(datagram, session)) {
      const packet = unlessMalformed(() => wire.decodePacket(datagram, this.#port.intact));
      if (packet) this.#receive(packet);
      else if (++this.#damaged > MAX_DAMAGED) throw malformed("a thousand damaged messages in a row");
      else this.#drop();
    } else if (
      !wire.isOfSession(datagram, NO_SESSION) ||
      unlessMalformed(() => this.#hear(datagram)) === undefined
    ) {
      this.stranger();
      this.#watch.suspect();
      // It may be a packet of the peer's that was damaged.
      if (this.#open) this.#drop();
    }
  }

  /** Process a hello and answer it. */
  #hear(datagram: Datagram): true {
    try {
      const asked = this.#greeter.hear(datagram, this.#port.intact);
      if (asked) this.#hellos = [this.#greeter.hello(!this.#greeter.agreed)];
    } catch (error) {
      // Let the peer find out that it disagrees, too.
      if (isTransport(error, "mismatch")) this.#hellos = [this.#greeter.hello(true)];
      throw error;
    }
    if (this.#greeter.agreed) this.#opened();
    return true;
  }

  #opened(): void {
    if (this.#open) return;
    this.#open = true;
    this.#greeter.confirm();
    this.#reliable.session = this.#greeter.session!;
    this.#watch.trust();
    clearTimeout(this.#deadline);
    this.#settle.resolve();
    debug("link: party %d agreed with its peer", this.party);
  }

  #receive(packet: Packet): void {
    if (packet.sender === this.party) throw malformed("a frame that claims to be this party's own");
    this.#opened();
    this.#watch.heard();
    this.#damaged = 0;
    this.#traffic.messagesReceived++;
    this.#traffic.bytesReceived += wire.HEADER_BYTES + packet.body.length;
    if (packet.kind === Kind.goodbye) {
      if (this.#saidGoodbye) this.#leave();
      else if (this.#parting) this.#parting = "answer";
      else this.#end(farewell(packet.body[0]), "answer");
      return;
    }
    // Nobody is listening yet: drop it, and the peer will send it again.
    if (packet.kind === Kind.data && this.#earlyBytes > EARLY_BYTES) {
      this.#drop();
      return;
    }
    const { acked, answers } = this.#reliable;
    this.#reliable.receive(packet);
    if (this.#reliable.acked > acked) this.#watch.progress(this.#reliable.owed);
    if (this.#reliable.answers > answers && this.#watch.trust()) this.#listener?.connection?.("resumed");
  }

  #deliver(frame: Frame): void {
    if (this.#parting) return;
    if (this.#listener) this.#listener.frame(frame);
    else {
      this.#early.push(frame);
      this.#earlyBytes += frame.payload.length + wire.HEADER_BYTES;
    }
  }

  /** Send packets for as long as the port accepts them. */
  #pump(): void {
    while (this.#port.writable) {
      const packet = this.#hellos.shift() ?? this.#reliable.next() ?? this.#lastWord();
      if (!packet) break;
      const datagram = wire.encodePacket(packet, this.#port.intact);
      this.#traffic.messagesSent++;
      this.#traffic.bytesSent += wire.HEADER_BYTES + packet.body.length;
      this.#port.send(datagram);
      if (packet.kind === Kind.data) this.#watch.owes();
    }
    if (this.#drainers.length > 0 && this.#reliable.bytes < DRAINED_BYTES) this.#wake();
  }

  /** Return the goodbye once everything before it has been sent. */
  #lastWord(): Packet | undefined {
    const parting = this.#parting;
    if (!this.#open || this.#saidGoodbye || !parting || parting === "linger" || parting === "go")
      return undefined;
    if (parting === "flush" && this.#reliable.bytes > 0) {
      // Ask, because an answer arrives sooner than an acknowledgement would.
      if (!this.#reliable.asked) this.#ask();
      return this.#reliable.next();
    }
    this.#saidGoodbye = true;
    if (parting === "answer") queueMicrotask(() => this.#leave());
    const reason = isTransport(this.#error, "malformed") ? Goodbye.malformed : Goodbye.closed;
    const { session } = this.#reliable;
    return wire.packetOf({ kind: Kind.goodbye, sender: this.party, session, body: Uint8Array.of(reason) });
  }

  /** Ask the peer what has arrived. */
  #ask(): void {
    this.#reliable.ask();
    this.#watch.asked();
  }

  /** Note that a packet was dropped on arrival. */
  #drop(): void {
    this.#dropped = true;
  }

  /** Report dropped packets to the peer once there is room for them. */
  #report(): void {
    if (!this.#dropped || !this.#open || this.#earlyBytes > EARLY_BYTES) return;
    this.#dropped = false;
    this.#reliable.report();
    // The dropped packet may itself have been such a report.
    this.#ask();
    this.#pump();
  }

  #tick(): void {
    const watch = this.#watch;
    if (this.#parting) {
      this.#pump();
      return;
    }
    if (this.#open && watch.over) {
      this.#fail(notBack(this.address, this.#timing.resumeMs));
      return;
    }
    if (this.#open && !this.#attached) this.#lose();
    if (watch.hopeless || watch.away) this.#renew();
    else if (this.#open && this.#attached && watch.due) this.#ask();
    this.#report();
    this.#pump();
  }

  /** Drop a connection on which nothing arrives from the peer, and make another. */
  #renew(): void {
    const busy = this.#open && this.#port.holdsPeer && this.#watch.silentMs < HELD * this.#timing.silenceMs;
    if (busy) {
      this.#hellos = [this.#greeter.hello(true)];
      return;
    }
    this.#attached = false;
    if (this.#open) {
      this.#watch.dropped();
      this.#reliable.hold();
    } else this.#watch.calm();
    this.#port.reset();
  }

  #lose(): void {
    if (!this.#open || !this.#watch.lose()) return;
    this.#watch.calm();
    this.#reliable.hold();
    debug("link: party %d lost the connection", this.party);
    if (!this.#parting) this.#listener?.connection?.("lost");
  }

  #late(): void {
    const hints = {
      outdated: this.#greeter.outdatedPeer,
      strangers: this.#strangers,
      keys: this.#port.intact,
    };
    this.#fail(nobodyCame(this.party, this.address, this.#timing.timeoutMs, hints));
  }

  #fail(error: SpdzError): void {
    if (this.#parting) return;
    if (isTransport(error, "malformed")) this.#end(error, "goodbye");
    else if (isTransport(error, "timeout") && this.#attached) this.#end(error, "goodbye");
    else this.#end(error, isTransport(error, "mismatch") ? "linger" : "go");
  }

  #end(error: SpdzError | undefined, parting: Parting): void {
    this.#parting = this.#open || parting === "linger" ? parting : "go";
    this.#error = error;
    clearTimeout(this.#deadline);
    const early = new TransportError("closed", "this interface was closed before the other party connected");
    this.#settle.reject(error ?? early);
    debug("link: party %d leaves, %s, %s", this.party, parting, error?.code ?? "as asked");
    this.#gone = this.#depart();
    this.#wake();
    this.#listener?.closed(error);
    this.#pump();
  }

  /** Wait briefly for the parting to complete, then free everything. */
  async #depart(): Promise<void> {
    const start = performance.now();
    if (this.#parting !== "go") {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, this.#parting === "linger" ? HEARD_MS : LINGER_MS);
        this.#leave = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
    clearInterval(this.#ticker);
    await this.#port.close(Math.max(100, LINGER_MS - (performance.now() - start)));
  }

  #wake(): void {
    for (const resolve of this.#drainers.splice(0)) resolve();
  }
}

function isTransport(error: unknown, reason: TransportError["reason"]): boolean {
  return error instanceof TransportError && error.reason === reason;
}

/** Return what `read` returns, or undefined if the bytes are malformed. */
function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isTransport(error, "malformed")) return undefined;
    throw error;
  }
}
