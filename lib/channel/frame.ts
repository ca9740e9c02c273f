import { TransportError } from "../errors";
import type { Frame, Party, Stream } from "./channel";
import { checksum } from "./checksum";

/**
 * What travels: packets. A packet is a fixed header and a body; a frame travels as one `data` packet or, when it
 * is large, as several that carry consecutive chunks of it. Integers are little-endian.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | magic `SPDZ` |
 * | 4 | 1 | protocol version |
 * | 5 | 1 | kind |
 * | 6 | 1 | sender, 0 or 1 |
 * | 7 | 1 | stream, 0 online or 1 background |
 * | 8 | 16 | session id, all zero in a hello |
 * | 24 | 6 | operation |
 * | 30 | 2 | step |
 * | 32 | 4 | length of the body |
 * | 36 | 6 | sequence number of the packet in its stream and direction |
 * | 42 | 6 | length of the frame's whole payload |
 * | 48 | 6 | where in that payload the body belongs |
 * | 54 | 6 | acknowledgement, online: packets received in order |
 * | 60 | 6 | acknowledgement, background |
 * | 66 | 2 | token; not 0 asks for an answer |
 * | 68 | 16 | digest of the operation |
 * | 84 | 4 | CRC-32 of all the rest |
 */
export const HEADER_BYTES = 88;
export const PROTOCOL_VERSION = 1;
export const SESSION_BYTES = 16;
export const DIGEST_BYTES = 16;
/** The largest payload of a frame, 2 GiB. */
export const MAX_PAYLOAD_BYTES = 2 ** 31;
/** The largest body of a packet. */
export const MAX_BODY_BYTES = 2 ** 20;

/** ZeroMQ copies parts up to this size, and wakes the main thread to give back larger ones: costly for small ones. */
const JOIN_BYTES = 128;
const MAGIC = 0x5a445053;

/** What a packet is for. */
export const Kind = {
  /** Who I am and what I expect of you; opens a session or resumes it. */
  hello: 1,
  /** A frame or a chunk of one. */
  data: 2,
  /** Acknowledges; with a token it asks for an `answer` that carries the same token. */
  ack: 3,
  answer: 4,
  /** The sender leaves for good; the body is one byte that says why. */
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

/** A packet of little but its kind. */
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

/** The bytes of a packet. A large body is passed on as it is, not copied. */
export function encodePacket(packet: Packet): Datagram {
  const { body } = packet;
  const joined = HEADER_BYTES + body.length <= JOIN_BYTES;
  const bytes = Buffer.allocUnsafe(joined ? HEADER_BYTES + body.length : HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes[4] = PROTOCOL_VERSION;
  bytes[5] = packet.kind;
  bytes[6] = packet.sender;
  bytes[7] = packet.stream;
  bytes.set(packet.session, 8);
  bytes.writeUIntLE(packet.operation, 24, 6);
  bytes.writeUInt16LE(packet.step, 30);
  bytes.writeUInt32LE(body.length, 32);
  bytes.writeUIntLE(packet.sequence, 36, 6);
  bytes.writeUIntLE(packet.total, 42, 6);
  bytes.writeUIntLE(packet.offset, 48, 6);
  bytes.writeUIntLE(packet.ackOnline, 54, 6);
  bytes.writeUIntLE(packet.ackBackground, 60, 6);
  bytes.writeUInt16LE(packet.token, 66);
  bytes.set(packet.digest, 68);
  bytes.writeUInt32LE(checksum(body, checksum(bytes.subarray(0, 84))), 84);
  if (!joined) return [bytes, body];
  bytes.set(body, HEADER_BYTES);
  return [bytes];
}

/** Whether a datagram claims to be a packet of this session; the rest is not checked yet. */
export function isOfSession(datagram: Datagram, session: Uint8Array): boolean {
  const head = datagram[0];
  if (!head || head.length < HEADER_BYTES || view(head).readUInt32LE(0) !== MAGIC) return false;
  for (let i = 0; i < SESSION_BYTES; i++) if (head[8 + i] !== session[i]) return false;
  return true;
}

/** The protocol version that a datagram claims; undefined when it is none of ours. */
export function versionOf(datagram: Datagram): number | undefined {
  const head = datagram[0];
  if (!head || head.length < HEADER_BYTES || view(head).readUInt32LE(0) !== MAGIC) return undefined;
  return head[4];
}

/**
 * Reads a packet and checks every field of it.
 *
 * @throws {TransportError} `malformed`: it is not what `encodePacket` makes
 */
export function decodePacket(datagram: Datagram): Packet {
  const first = datagram[0];
  if (!first || datagram.length > 2) throw malformed(`a message of ${datagram.length} parts`);
  if (first.length < HEADER_BYTES) throw malformed(`a message of ${first.length} bytes`);
  if (datagram.length === 2 && first.length !== HEADER_BYTES) throw malformed("a header of the wrong length");
  const head = view(first);
  const body = datagram[1] ?? head.subarray(HEADER_BYTES);
  if (head.readUInt32LE(0) !== MAGIC) throw malformed("no magic number");
  if (head[4] !== PROTOCOL_VERSION) throw malformed(`protocol version ${head[4]}`);
  if (head.readUInt32LE(32) !== body.length || body.length > MAX_BODY_BYTES)
    throw malformed("a wrong length");
  if (head.readUInt32LE(84) !== checksum(body, checksum(head.subarray(0, 84)))) {
    throw malformed("a wrong checksum");
  }
  const packet: Packet = {
    kind: head[5] as Kind,
    sender: head[6] as Party,
    stream: head[7] as 0 | 1,
    session: head.subarray(8, 24),
    operation: head.readUIntLE(24, 6),
    step: head.readUInt16LE(30),
    sequence: head.readUIntLE(36, 6),
    total: head.readUIntLE(42, 6),
    offset: head.readUIntLE(48, 6),
    ackOnline: head.readUIntLE(54, 6),
    ackBackground: head.readUIntLE(60, 6),
    token: head.readUInt16LE(66),
    digest: head.subarray(68, 84),
    body,
  };
  check(packet);
  return packet;
}

/** A checksum can be right on purpose: the fields must make sense too. */
function check({ kind, sender, stream, total, offset, body }: Packet): void {
  if (kind < 1 || kind > LAST_KIND) throw malformed(`kind ${kind}`);
  if (sender > 1) throw malformed(`sender ${sender}`);
  if (stream > 1) throw malformed(`stream ${stream}`);
  if (kind !== Kind.data) {
    if (total !== 0 || offset !== 0) throw malformed("a payload where none belongs");
    return;
  }
  if (total > MAX_PAYLOAD_BYTES) throw malformed(`a payload of ${total} bytes`);
  if (offset + body.length > total) throw malformed("a chunk beyond its payload");
  if (body.length === 0 && total > 0) throw malformed("an empty chunk");
}

/**
 * Checks a frame that the caller wants sent.
 *
 * @throws {TypeError | RangeError} a field is of the wrong type or out of range
 */
export function checkFrame(frame: Frame): void {
  if (!STREAMS.includes(frame.stream))
    throw new RangeError(`frame.stream: no stream ${String(frame.stream)}`);
  if (!Number.isInteger(frame.operation) || frame.operation < 0 || frame.operation >= 2 ** 48) {
    throw new RangeError(`frame.operation: ${frame.operation} is no integer from 0 to 2^48 − 1`);
  }
  if (!Number.isInteger(frame.step) || frame.step < 0 || frame.step >= 2 ** 16) {
    throw new RangeError(`frame.step: ${frame.step} is no integer from 0 to 65535`);
  }
  if (!(frame.digest instanceof Uint8Array)) throw new TypeError("frame.digest: not a Uint8Array");
  if (frame.digest.length !== DIGEST_BYTES) {
    throw new RangeError(`frame.digest: ${frame.digest.length} bytes instead of ${DIGEST_BYTES}`);
  }
  if (!(frame.payload instanceof Uint8Array)) throw new TypeError("frame.payload: not a Uint8Array");
  if (frame.payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`frame.payload: ${frame.payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} fit`);
  }
}

export function malformed(what: string): TransportError {
  return new TransportError("malformed", `the other party sent bytes that are no valid frame: ${what}`);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
