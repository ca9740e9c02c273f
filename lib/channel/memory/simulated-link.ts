import type { Channel, Party, Settings } from "../channel";
import type { Datagram } from "../link/frame";
import { Link } from "../link/link";
import type { LinkOptions } from "../link/link-options";
import type { Port, PortListener } from "../link/port";

export interface SimulatedLinkOptions extends Omit<LinkOptions, "settings"> {
  /** How long a byte takes from one side to the other. Default: 0. */
  readonly latencyMs?: number;
  /** How many bytes pass per second, each way. Default: unlimited. */
  readonly bytesPerSecond?: number;
  /** How long it takes to make a broken connection again. Default: 0. */
  readonly reconnectMs?: number;
  readonly settings0?: Settings;
  readonly settings1?: Settings;
}

/** Both ends of a link within one process, with the speed and the faults of a real one. */
export class SimulatedLink {
  readonly channels: readonly [Channel, Channel];
  readonly #cable: Cable;

  /** @throws {TypeError | RangeError} an option is invalid */
  constructor(options: SimulatedLinkOptions = {}) {
    const { settings0 = {}, settings1 = settings0 } = options;
    this.#cable = new Cable(options);
    this.channels = [
      new Link(0, this.#cable.ends[0], { ...options, settings: settings0 }),
      new Link(1, this.#cable.ends[1], { ...options, settings: settings1 }),
    ];
  }

  /** How many bytes have passed, both ways combined. */
  get bytes(): number {
    return this.#cable.bytes;
  }

  /** How many times the connection broke. */
  get cuts(): number {
    return this.#cable.cuts;
  }

  /** Deliver a message to a party that the other did not send, as somebody in the middle could. */
  inject(party: Party, datagram: Datagram): void {
    this.#cable.ends[party].take(datagram);
  }

  /** Decide for each datagram to a party whether it is lost, although the connection holds. */
  set loses(rule: (party: Party, datagram: Datagram) => boolean) {
    this.#cable.loses = rule;
  }

  /** Break the connection after this many more bytes. The packet in which they end is lost, and all behind it. */
  cutAfter(bytes: number): void {
    this.#cable.cutAt = this.#cable.bytes + bytes;
  }
}

/** A datagram in flight in one direction. */
interface Parcel {
  readonly datagram: Datagram;
  readonly bytes: number;
  readonly due: number;
}

/** The size of the sender's buffer. */
const BUFFER_BYTES = 8 * 2 ** 20;

/** Two ports and the cable between them. */
class Cable {
  readonly ends: readonly [End, End];
  readonly latencyMs: number;
  readonly bytesPerMs: number;
  readonly #reconnectMs: number;
  bytes = 0;
  cuts = 0;
  cutAt = Number.POSITIVE_INFINITY;
  loses: (party: Party, datagram: Datagram) => boolean = () => false;

  constructor({
    latencyMs = 0,
    bytesPerSecond = Number.POSITIVE_INFINITY,
    reconnectMs = 0,
  }: SimulatedLinkOptions) {
    for (const [name, value] of Object.entries({ latencyMs, bytesPerSecond, reconnectMs })) {
      if (typeof value !== "number") throw new TypeError(`${name} must be a number, got ${typeof value}`);
      if (!(value >= 0)) throw new RangeError(`${name} must not be negative, got ${value}`);
    }
    this.latencyMs = latencyMs;
    this.bytesPerMs = bytesPerSecond / 1000;
    this.#reconnectMs = reconnectMs;
    this.ends = [new End(this, 1), new End(this, 0)];
  }

  /** Count bytes that pass. Return false if they were cut off. */
  pass(bytes: number): boolean {
    this.bytes += bytes;
    if (this.bytes <= this.cutAt) return true;
    this.cut();
    return false;
  }

  cut(): void {
    this.cuts++;
    this.cutAt = Number.POSITIVE_INFINITY;
    for (const end of this.ends) end.lose();
    setTimeout(() => {
      for (const end of this.ends) end.connect();
    }, this.#reconnectMs);
  }
}

/** One end of a cable. Datagrams arrive in a later turn of the event loop, as copies. */
class End implements Port {
  readonly address = "memory";
  readonly intact = false;
  readonly holdsPeer = false;
  readonly #cable: Cable;
  readonly #other: 0 | 1;
  #listener: PortListener | undefined;
  #connected = false;
  #queue: Parcel[] = [];
  #queued = 0;
  /** When the last queued byte will have left. */
  #busyUntil = 0;
  #scheduled = false;

  constructor(cable: Cable, other: 0 | 1) {
    this.#cable = cable;
    this.#other = other;
  }

  get writable(): boolean {
    return this.#connected && this.#queued < BUFFER_BYTES;
  }

  open(listener: PortListener): void {
    this.#listener = listener;
    setImmediate(() => this.connect());
  }

  connect(): void {
    if (!this.#listener || this.#connected) return;
    this.#connected = true;
    this.#listener.up();
    this.#listener?.ready();
  }

  lose(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#queue = [];
    this.#queued = 0;
    this.#busyUntil = 0;
    this.#listener?.down(true);
  }

  send(datagram: Datagram): void {
    const bytes = datagram.reduce((sum, part) => sum + part.length, 0);
    this.#busyUntil = Math.max(this.#busyUntil, performance.now()) + bytes / this.#cable.bytesPerMs;
    this.#queue.push({ datagram, bytes, due: this.#busyUntil + this.#cable.latencyMs });
    this.#queued += bytes;
    this.#schedule();
  }

  reset(): void {
    this.#cable.cut();
  }

  async close(): Promise<void> {
    this.#listener = undefined;
  }

  #schedule(): void {
    const first = this.#queue[0];
    if (!first || this.#scheduled) return;
    this.#scheduled = true;
    const wait = first.due - performance.now();
    if (wait > 0) setTimeout(() => this.#arrive(), Math.ceil(wait));
    else setImmediate(() => this.#arrive());
  }

  /** Deliver what is due to the other end. */
  #arrive(): void {
    this.#scheduled = false;
    const now = performance.now();
    const count = this.#queue.findIndex((parcel) => parcel.due > now);
    const parcels = this.#queue.splice(0, count < 0 ? this.#queue.length : count);
    for (const { datagram, bytes } of parcels) {
      this.#queued -= bytes;
      if (!this.#cable.pass(bytes)) return;
      if (!this.#cable.loses(this.#other, datagram)) this.#cable.ends[this.#other].take(datagram);
    }
    this.#schedule();
    this.#listener?.ready();
  }

  take(datagram: Datagram): void {
    this.#listener?.datagram(datagram.map((part) => new Uint8Array(part)));
  }
}
