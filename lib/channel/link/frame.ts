import { TransportError } from "../../errors";
import type { Frame, Party, Stream } from "../channel";
import { checksum } from "./checksum";

/**
 * The format of packets, the messages on the wire. A packet is a fixed header and a body. A frame travels as one `data`
 * packet or, if it is large, as several that carry consecutive chunks of it. Integers are little-endian.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 2 | magic `SZ` |
 * | 2 | 1 | protocol version |
 * | 3 | 1 | kind; plus 16 for sender 1, plus 32 for the background stream |
 * | 4 | 8 | the first half of the session id, all zero in a hello |
 * | 12 | 6 | operation |
 * | 18 | 2 | step |
 * | 20 | 5 | sequence number of the packet in its stream and direction |
 * | 25 | 5 | acknowledgement, online: packets received in order |
 * | 30 | 5 | acknowledgement, background |
 * | 35 | 1 | token; a value other than 0 asks for an answer |
 * | 36 | 4 | length of the frame's whole payload |
 * | 40 | 4 | where in that payload the body belongs |
 * | 44 | 16 | digest of the operation |
 * | 60 | 4 | CRC-32 of the header, with zero in this field, and of the body (of a long one, only its beginning) |
 *
 * The header is short, so that it fits together with 64 bytes of payload into one part that ZeroMQ copies.
 */
export const HEADER_BYTES = 64;
export const PROTOCOL_VERSION = 2;
export const SESSION_BYTES = 16;
export const DIGEST_BYTES = 16;
/** The largest payload of a frame, 2 GiB. */
export const MAX_PAYLOAD_BYTES = 2 ** 31;
/** The largest body of a packet. */
export const MAX_BODY_BYTES = 2 ** 20;

/** zeromq.js copies parts up to this size. For larger ones it wakes the main thread to release them, which is slow. */
const JOIN_BYTES = 128;
const MAGIC = 0x5a53;
const SUM_AT = 60;
/**
 * How much of a body the checksum covers. Summing large bodies would slow transfers down noticeably; the rest of them
 * is protected by TCP's checksum, and by CURVE.
 */
const SUMMED_BYTES = 2 ** 16;
/** How many bytes of the session id a packet carries. */
const TAG_BYTES = 8;

/** The purpose of a packet. */
export const Kind = {
  /** Introduces the sender and its settings; opens a session or resumes it. */
  hello: 1,
  /** A frame or a chunk of one. */
  data: 2,
  /** Acknowledges. With a token, it asks for an `answer` with the same token. */
  ack: 3,
  answer: 4,
  /** The sender leaves for good. The body is one byte, the reason. */
  goodbye: 5,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
const LAST_KIND = 5;

export const STREAMS: readonly Stream[] = ["online", "background"];
export const NO_SESSION = new Uint8Array(SESSION_BYTES);
export const NO_BYTES = new Uint8Array(0);

export interface Packet {
  readonly kind: Kind;
  readonly sender: Party;
  /** Index in `STREAMS`. */
  readonly stream: 0 | 1;
  /** The session's id; all zero in a hello, and in received packets. */
  readonly session: Uint8Array;
  readonly operation: number;
  readonly step: number;
  readonly sequence: number;
  /** Length of the frame's whole payload. */
  readonly total: number;
  /** Where in that payload `body` belongs. */
  readonly offset: number;
  readonly ackOnline: number;
  readonly ackBackground: number;
  readonly token: number;
  readonly digest: Uint8Array;
  readonly body: Uint8Array;
}

/** One ZeroMQ message: the parts of a packet on the wire. */
export type Datagram = readonly Uint8Array[];

/** Return a packet with defaults for the fields that are not given. */
export function packetOf(fields: Partial<Packet> & Pick<Packet, "kind" | "sender" | "session">): Packet {
  return {
    stream: 0,
    operation: 0,
    step: 0,
    sequence: 0,
    total: 0,
    offset: 0,
    ackOnline: 0,
    ackBackground: 0,
    token: 0,
    digest: NO_SESSION,
    body: NO_BYTES,
    ...fields,
  };
}

/**
 * Encode a packet. A large body is passed on as it is, not copied.
 *
 * @param intact - whether the port itself keeps bytes intact, so that the body needs no checksum
 */
export function encodePacket(packet: Packet, intact = false): Datagram {
  const { body, session } = packet;
  const joined = HEADER_BYTES + body.length <= JOIN_BYTES;
  const bytes = Buffer.allocUnsafe(joined ? HEADER_BYTES + body.length : HEADER_BYTES);
  bytes.writeUInt16LE(MAGIC, 0);
  bytes[2] = PROTOCOL_VERSION;
  bytes[3] = packet.kind | (packet.sender << 4) | (packet.stream << 5);
  for (let i = 0; i < TAG_BYTES; i++) bytes[4 + i] = session[i]!;
  bytes.writeUIntLE(packet.operation, 12, 6);
  bytes.writeUInt16LE(packet.step, 18);
  bytes.writeUIntLE(packet.sequence, 20, 5);
  bytes.writeUIntLE(packet.ackOnline, 25, 5);
  bytes.writeUIntLE(packet.ackBackground, 30, 5);
  bytes[35] = packet.token;
  bytes.writeUInt32LE(packet.total, 36);
  bytes.writeUInt32LE(packet.offset, 40);
  bytes.set(packet.digest, 44);
  bytes.writeUInt32LE(0, SUM_AT);
  if (joined) bytes.set(body, HEADER_BYTES);
  bytes.writeUInt32LE(joined ? checksum(bytes) : sumOfTwo(bytes, body, intact), SUM_AT);
  return joined ? [bytes] : [bytes, body];
}

/** Whether a datagram claims to be a packet of this session. Nothing else is checked. */
export function isOfSession(datagram: Datagram, session: Uint8Array): boolean {
  if (versionOf(datagram) === undefined) return false;
  const head = datagram[0]!;
  for (let i = 0; i < TAG_BYTES; i++) if (head[4 + i] !== session[i]) return false;
  return true;
}

/** Return the protocol version that a datagram claims, or undefined if it is not one of our packets. */
export function versionOf(datagram: Datagram): number | undefined {
  const head = datagram[0];
  if (!head || head.length < HEADER_BYTES || view(head).readUInt16LE(0) !== MAGIC) return undefined;
  return head[2];
}

/**
 * Read a packet and check all its fields.
 *
 * @throws {TransportError} `malformed`: `encodePacket` does not make such a packet
 */
export function decodePacket(datagram: Datagram, intact = false): Packet {
  const first = datagram[0];
  if (!first || datagram.length > 2) throw malformed(`a message of ${datagram.length} parts`);
  if (first.length < HEADER_BYTES) throw malformed(`a message of ${first.length} bytes`);
  if (datagram.length === 2 && first.length !== HEADER_BYTES) throw malformed("a header of the wrong length");
  const head = view(first);
  const body = datagram[1] ?? part(head, HEADER_BYTES, first.length);
  if (head.readUInt16LE(0) !== MAGIC) throw malformed("no magic number");
  if (head[2] !== PROTOCOL_VERSION) throw malformed(`protocol version ${head[2]}`);
  if (body.length > MAX_BODY_BYTES) throw malformed(`a body of ${body.length} bytes`);
  const sum = head.readUInt32LE(SUM_AT);
  // It was computed with zero in its own field. We own these bytes and may change them.
  head.writeUInt32LE(0, SUM_AT);
  if (sum !== (datagram.length === 1 ? checksum(head) : sumOfTwo(head, body, intact))) {
    throw malformed("a wrong checksum");
  }
  const what = head[3]!;
  if (what >= 64) throw malformed("unknown flags");
  const packet: Packet = {
    kind: (what & 15) as Kind,
    sender: ((what >> 4) & 1) as Party,
    stream: ((what >> 5) & 1) as 0 | 1,
    session: NO_SESSION,
    operation: head.readUIntLE(12, 6),
    step: head.readUInt16LE(18),
    sequence: head.readUIntLE(20, 5),
    ackOnline: head.readUIntLE(25, 5),
    ackBackground: head.readUIntLE(30, 5),
    token: head[35]!,
    total: head.readUInt32LE(36),
    offset: head.readUInt32LE(40),
    digest: part(head, 44, SUM_AT),
    body,
  };
  check(packet);
  return packet;
}

function sumOfTwo(head: Uint8Array, body: Uint8Array, intact: boolean): number {
  const sum = checksum(head);
  if (intact) return sum;
  return checksum(body.length > SUMMED_BYTES ? body.subarray(0, SUMMED_BYTES) : body, sum);
}

/** An attacker can compute a checksum too, so check that the fields make sense. */
function check({ kind, total, offset, body }: Packet): void {
  if (kind < 1 || kind > LAST_KIND) throw malformed(`kind ${kind}`);
  if (kind !== Kind.data) {
    if (total !== 0 || offset !== 0) throw malformed("a payload where none belongs");
    return;
  }
  if (total > MAX_PAYLOAD_BYTES) throw malformed(`a payload of ${total} bytes`);
  if (offset + body.length > total) throw malformed("a chunk beyond its payload");
  if (body.length === 0 && total > 0) throw malformed("an empty chunk");
}

/**
 * Check a frame that the caller wants to send.
 *
 * @throws {TypeError | RangeError} a field has the wrong type or is out of range
 */
export function checkFrame(frame: Frame): void {
  if (!STREAMS.includes(frame.stream))
    throw new RangeError(`frame.stream must be "online" or "background", got ${String(frame.stream)}`);
  if (!Number.isInteger(frame.operation) || frame.operation < 0 || frame.operation >= 2 ** 48) {
    throw new RangeError(`frame.operation must be an integer from 0 to 2^48 − 1, got ${frame.operation}`);
  }
  if (!Number.isInteger(frame.step) || frame.step < 0 || frame.step >= 2 ** 16) {
    throw new RangeError(`frame.step must be an integer from 0 to 65535, got ${frame.step}`);
  }
  if (!(frame.digest instanceof Uint8Array)) throw new TypeError("frame.digest must be a Uint8Array");
  if (frame.digest.length !== DIGEST_BYTES) {
    throw new RangeError(`frame.digest must have ${DIGEST_BYTES} bytes, got ${frame.digest.length}`);
  }
  if (!(frame.payload instanceof Uint8Array)) throw new TypeError("frame.payload must be a Uint8Array");
  if (frame.payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `frame.payload may have at most ${MAX_PAYLOAD_BYTES} bytes, got ${frame.payload.length}`,
    );
  }
}

export function malformed(what: string): TransportError {
  return new TransportError("malformed", `the other party sent bytes that are not a valid frame: ${what}`);
}

/** Return a view of some bytes; much faster than a Buffer's own `subarray`. */
function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
