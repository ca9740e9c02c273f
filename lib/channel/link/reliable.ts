import type { Frame, Party, Transfer } from "../channel";
import { Assembler } from "./chunks";
import { Kind, MAX_BODY_BYTES, NO_SESSION, type Packet, packetOf } from "./frame";
import { type Numbered, Outbox } from "./outbox";

/**
 * Deliver frames exactly once and in order, over a port that may lose packets when its connection breaks. This class
 * knows nothing of sockets or time. It takes packets in and hands packets out; its owner reports when a connection was
 * made, broke or seems stuck.
 *
 * Packets are numbered per stream, and every packet states how many of each stream have arrived in order. To find out
 * whether something was lost, a side asks. Packets on one connection keep their order, so if the answer acknowledges
 * less than was sent before the question, the rest was lost and is sent again.
 */

/** How many bytes may be in flight: enough to fill a long link; fewer in the background, to delay online work little. */
const WINDOW_BYTES = [32 * 2 ** 20, 4 * 2 ** 20] as const;
/** Once this much is unacknowledged, send an acknowledgement instead of waiting for a packet to carry it. */
const ACK_BYTES = MAX_BODY_BYTES;
const ACK_PACKETS = 64;
const MAX_ASKS = 8;

interface Ask {
  readonly token: number;
  /** The position of each stream when the question was asked. */
  readonly positions: readonly [number, number];
}

type Control = { readonly kind: Kind; readonly token: number; readonly stream: 0 | 1 };

export class Reliable {
  /** Set once the session has an id; until then `next` returns nothing. */
  session: Uint8Array = NO_SESSION;
  readonly #party: Party;
  readonly #deliver: (frame: Frame) => void;
  readonly #out = [new Outbox(WINDOW_BYTES[0]), new Outbox(WINDOW_BYTES[1])] as const;
  readonly #assemblers = [new Assembler(), new Assembler()] as const;
  /** How many packets of each stream have arrived in order. */
  readonly #arrived: [number, number] = [0, 0];
  /** The sequence number at which each stream last reported a gap. */
  readonly #gaps: [number, number] = [-1, -1];
  #owedBytes = 0;
  #owedPackets = 0;
  #ackNow = false;
  #controls: Control[] = [];
  #asks: Ask[] = [];
  #answers = 0;
  #token = 0;
  #doubtful = false;
  #held = false;

  constructor(party: Party, deliver: (frame: Frame) => void) {
    this.#party = party;
    this.#deliver = deliver;
  }

  /** How many bytes are queued or unacknowledged. */
  get bytes(): number {
    return this.#out[0].bytes + this.#out[1].bytes;
  }

  /** The largest transfer in progress. */
  get transfer(): Transfer | undefined {
    const all = [
      ...this.#assemblers.map(({ progress }) => ({ direction: "receiving" as const, ...progress })),
      ...this.#out.map(({ progress }) => ({ direction: "sending" as const, ...progress })),
    ];
    const largest = all.reduce((a, b) => (b.total > a.total ? b : a));
    return largest.total > 0 ? largest : undefined;
  }

  /** How many packets the peer has acknowledged. */
  get acked(): number {
    return this.#out[0].acked + this.#out[1].acked;
  }

  /** Whether a question is unanswered, or none has been asked since the connection broke. */
  get asked(): boolean {
    return this.#doubtful || this.#asks.length > 0;
  }

  /** How many questions have been answered. */
  get answers(): number {
    return this.#answers;
  }

  /** Whether anything that was sent is unacknowledged. */
  get owed(): boolean {
    return this.#out[0].owed || this.#out[1].owed;
  }

  push(frame: Frame): void {
    this.#out[frame.stream === "online" ? 0 : 1].push(frame);
  }

  /** Return the next packet to send: control packets first, then the online stream, then the background. */
  next(): Packet | undefined {
    if (this.session === NO_SESSION) return undefined;
    const control = this.#controls.shift();
    if (control) return this.#packet(control);
    if (!this.#held) {
      for (const stream of [0, 1] as const) {
        const outbox = this.#out[stream];
        if (!outbox.ready) continue;
        return this.#dataPacket(stream, outbox.take());
      }
    }
    return this.#ackNow ? this.#packet({ kind: Kind.ack }) : undefined;
  }

  /**
   * Process a packet of this session.
   *
   * @throws {TransportError} `malformed`: a correct peer would not have sent it
   */
  receive(packet: Packet): void {
    this.#out[0].acknowledge(packet.ackOnline);
    this.#out[1].acknowledge(packet.ackBackground);
    if (packet.kind === Kind.data) this.#data(packet);
    else if (packet.kind === Kind.answer) this.#answer(packet);
    else if (packet.token !== 0) this.#control(Kind.answer, packet.token, 0);
  }

  /** Ask what has arrived. */
  ask(): void {
    this.#token = (this.#token % 255) + 1;
    this.#asks.push({ token: this.#token, positions: [this.#out[0].position, this.#out[1].position] });
    if (this.#asks.length > MAX_ASKS) this.#asks.shift();
    this.#control(Kind.ack, this.#token, 0);
  }

  /** The connection may have changed: ask, and ignore answers to earlier questions. */
  doubt(): void {
    this.#doubtful = true;
    this.#asks = [];
    this.ask();
  }

  /** The connection is gone: hold frames back until there is a new one and a question has been answered. */
  hold(): void {
    this.#doubtful = true;
    this.#held = true;
    this.#asks = [];
    this.#controls = [];
  }

  /** A packet was dropped on arrival: report the position of each stream, so that the peer sends again from there. */
  report(): void {
    this.#control(Kind.answer, 0, 0);
    this.#control(Kind.answer, 0, 1);
  }

  #data(packet: Packet): void {
    const { stream, sequence } = packet;
    this.#owedPackets++;
    const arrived = this.#arrived[stream];
    if (sequence < arrived) {
      // It was sent again, but the first copy had arrived.
      this.#ackNow = true;
      return;
    }
    if (sequence > arrived) {
      if (this.#gaps[stream] !== arrived) this.#control(Kind.answer, 0, stream);
      this.#gaps[stream] = arrived;
      return;
    }
    const frame = this.#assemblers[stream].add(packet);
    this.#arrived[stream]++;
    this.#owedBytes += packet.body.length;
    if (this.#owedBytes >= ACK_BYTES || this.#owedPackets >= ACK_PACKETS) this.#ackNow = true;
    if (frame) this.#deliver(frame);
  }

  #answer({ token, stream }: Packet): void {
    if (token === 0) {
      this.#out[stream].rewind();
      return;
    }
    const index = this.#asks.findIndex((ask) => ask.token === token);
    const ask = this.#asks[index];
    if (!ask) return;
    this.#asks.splice(0, index + 1);
    this.#answers++;
    this.#doubtful = false;
    this.#held = false;
    for (const which of [0, 1] as const) {
      if (this.#out[which].acked < ask.positions[which]) this.#out[which].rewind();
    }
  }

  #control(kind: Kind, token: number, stream: 0 | 1): void {
    // Do not let a peer that keeps asking fill the memory.
    if (this.#controls.length < 1000) this.#controls.push({ kind, token, stream });
  }

  #dataPacket(stream: 0 | 1, { frame, sequence, offset, body }: Numbered): Packet {
    this.#acknowledged();
    return {
      kind: Kind.data,
      sender: this.#party,
      stream,
      session: this.session,
      operation: frame.operation,
      step: frame.step,
      sequence,
      total: frame.payload.length,
      offset,
      ackOnline: this.#arrived[0],
      ackBackground: this.#arrived[1],
      token: 0,
      digest: frame.digest,
      body,
    };
  }

  #packet(fields: Partial<Packet> & { kind: Kind }): Packet {
    this.#acknowledged();
    return packetOf({
      sender: this.#party,
      session: this.session,
      ackOnline: this.#arrived[0],
      ackBackground: this.#arrived[1],
      ...fields,
    });
  }

  /** A packet is leaving, and it states what has arrived. */
  #acknowledged(): void {
    this.#owedBytes = 0;
    this.#owedPackets = 0;
    this.#ackNow = false;
  }
}
