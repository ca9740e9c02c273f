import type { Party } from "../../../channel/channel";
import { checksum } from "../../../channel/link/checksum";
import { TransportError } from "../../../errors";

/**
 * Messages between a party and the dealer. A message is one part, of a fixed form for each type; corrections have a
 * second part with the bytes themselves. Integers are little-endian, and reserved bytes are zero.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 2 | magic `SD` |
 * | 2 | 1 | protocol version |
 * | 3 | 1 | type |
 * | 4 | 4 | CRC-32 of the part, with zero here, and of the beginning of the second part |
 * | 8 | | the fields of the type, see below |
 *
 * Each message of a party after its hello ends with a seal of 24 bytes: its number on this connection, from 1 on, in six
 * bytes and two zero ones, and a MAC of 16 over all of the part before it but the checksum; see order-seal.ts.
 */
export const DEALER_VERSION = 2;
/** Bytes of a session's id, of a party's secret, of a commitment, of a public key, of a proof. */
export const HASH_BYTES = 32;
/** The largest second part. */
export const MAX_CHUNK_BYTES = 2 ** 19;
/** The largest corrections of one request. */
export const MAX_CORRECTION_BYTES = 2 ** 30;
export const MAX_KIND_BYTES = 200;
/** Bytes of the dealer's name for a connection. */
export const CONNECTION_BYTES = 16;
export const MAC_BYTES = 16;
/** The longest message of a party, which never has a second part. */
export const MAX_FROM_PARTY_BYTES = 512;
const MAX_TEXT_BYTES = 400;

const MAGIC = 0x4453;
const HEAD = 8;
const SEAL_BYTES = 8 + MAC_BYTES;
/** How much of a second part the checksum covers. It finds mistakes, not attackers; see lib/channel/link/frame.ts. */
const SUMMED_BYTES = 2 ** 14;

/** Why the dealer refuses. */
export const Refusal = {
  /** The party sent something before its hello. */
  unknown: 0,
  /** The hello's proof is wrong, or the party is connected already. */
  hello: 1,
  /** No room for another pair. */
  full: 2,
  /** The dealer cannot make what the request names. */
  request: 3,
  malformed: 4,
} as const;
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** The identity of the sender: its key, its party and its session; see greeting.ts. */
export interface DealerHello {
  readonly type: "hello";
  readonly session: Uint8Array;
  readonly party: Party;
  /** Whether values carry MACs. */
  readonly authenticated: boolean;
  readonly secret: Uint8Array;
  readonly peerCommitment: Uint8Array;
  /** The party's key, all zero without encryption, and the proof that it is the sender's. */
  readonly publicKey: Uint8Array;
  readonly proof: Uint8Array;
}

/** The corrections of `count` items of a kind, of which `start` were asked for before. */
export interface DealRequest {
  readonly type: "request";
  readonly id: number;
  readonly kind: string;
  readonly count: number;
  readonly start: number;
}

/** A message of a party after its hello, under a seal. */
export type Order =
  | DealRequest
  /** How many chunks have arrived over this connection, and the last one's receipt, so that the dealer may send more. */
  | { readonly type: "credit"; readonly chunks: number; readonly receipt: number }
  /** The party is still connected. */
  | { readonly type: "beat" }
  | { readonly type: "goodbye" };

/** From a party. */
export type FromParty = DealerHello | Order;

/** The proof that an order is its sender's and belongs to this connection: its number there, and a MAC. */
export interface OrderSeal {
  readonly number: number;
  readonly mac: Uint8Array;
}

/** The MAC of an order's bytes, its number among them. */
export type Authenticator = (bytes: Uint8Array) => Uint8Array;

/** An order as it arrived: its content, its seal, and the bytes that the MAC covers. */
export interface SealedOrder {
  readonly type: "sealed";
  readonly order: Order;
  readonly seal: OrderSeal;
  readonly bytes: Uint8Array;
}

/** A piece of a request's corrections. */
export interface CorrectionChunk {
  readonly type: "chunk";
  readonly id: number;
  /** Bytes of all the corrections of the request, and where in them `body` belongs. */
  readonly total: number;
  readonly offset: number;
  /** 32 bits that the dealer draws: only a party that has the chunk can acknowledge it. */
  readonly receipt: number;
  readonly body: Uint8Array;
}

/** From the dealer. */
export type FromDealer =
  /** The hello is accepted; and the other party is there too, or not yet. The connection's name goes into every seal. */
  | { readonly type: "welcome"; readonly paired: boolean; readonly connection: Uint8Array }
  | CorrectionChunk
  /** @param id - the request, or 0 where it concerns the whole session */
  | { readonly type: "refusal"; readonly code: Refusal; readonly id: number; readonly text: string }
  | { readonly type: "goodbye" };

type DealerMessage = FromParty | FromDealer;
type Type = DealerMessage["type"];

const TYPES: readonly Type[] = [
  "hello",
  "welcome",
  "request",
  "chunk",
  "credit",
  "beat",
  "refusal",
  "goodbye",
];
const KIND = /^[a-zA-Z0-9]+(?: [a-zA-Z0-9]+)*$/;

/** The parts of a message, as ZeroMQ takes them. A chunk's body is passed on as it is. */
export function encode(message: DealerHello | FromDealer): Uint8Array[] {
  const head = encodeHead(message);
  const parts = message.type === "chunk" ? [head, message.body] : [head];
  head.writeUInt32LE(sum(parts), 4);
  return parts;
}

/** The only part of an order, sealed with its number on this connection. */
export function encodeOrder(order: Order, number: number, authenticate: Authenticator): Uint8Array[] {
  const head = encodeHead(order, SEAL_BYTES);
  const end = head.length - MAC_BYTES;
  head.writeUIntLE(number, end - 8, 6);
  head.set(authenticate(head.subarray(0, end)), end);
  head.writeUInt32LE(sum([head]), 4);
  return [head];
}

/** Encode everything but the checksum, with `room` more bytes for a seal. */
function encodeHead(message: DealerMessage, room = 0): Buffer {
  const fields = encodeFields(message);
  const head = Buffer.alloc(HEAD + fields.length + room);
  head.writeUInt16LE(MAGIC, 0);
  head[2] = DEALER_VERSION;
  head[3] = TYPES.indexOf(message.type) + 1;
  head.set(fields, HEAD);
  return head;
}

function encodeFields(message: DealerMessage): Uint8Array {
  switch (message.type) {
    case "hello": {
      const { session, party, authenticated, secret, peerCommitment, publicKey, proof } = message;
      const flags = Uint8Array.of(party, authenticated ? 1 : 0, 0, 0, 0, 0, 0, 0);
      return Buffer.concat([session, flags, secret, peerCommitment, publicKey, proof]);
    }
    case "welcome":
      return Buffer.concat([Uint8Array.of(message.paired ? 1 : 0, 0, 0, 0, 0, 0, 0, 0), message.connection]);
    case "request": {
      const { id, kind, count, start } = message;
      const fields = Buffer.alloc(16 + Buffer.byteLength(kind));
      fields.writeUInt32LE(id, 0);
      fields.writeUInt32LE(count, 4);
      fields.writeUIntLE(start, 8, 6);
      fields.write(kind, 16);
      return fields;
    }
    case "chunk": {
      const fields = Buffer.alloc(16);
      fields.writeUInt32LE(message.id, 0);
      fields.writeUInt32LE(message.total, 4);
      fields.writeUInt32LE(message.offset, 8);
      fields.writeUInt32LE(message.receipt, 12);
      return fields;
    }
    case "credit": {
      const fields = Buffer.alloc(16);
      fields.writeUIntLE(message.chunks, 0, 6);
      fields.writeUInt32LE(message.receipt, 8);
      return fields;
    }
    case "refusal": {
      const text = Buffer.from(message.text).subarray(0, MAX_TEXT_BYTES);
      const fields = Buffer.alloc(8 + text.length);
      fields[0] = message.code;
      fields.writeUInt32LE(message.id, 4);
      fields.set(text, 8);
      return fields;
    }
    default:
      return new Uint8Array(0);
  }
}

/**
 * Read a party's message and check every byte of it, except the MAC.
 *
 * @throws {TransportError} `malformed`
 */
export function decodeFromParty(parts: readonly Uint8Array[]): DealerHello | SealedOrder {
  const [head] = parts;
  if (parts.length !== 1) throw malformed("a party", `a message of ${parts.length} parts`);
  const type = head!.length >= HEAD ? TYPES[head![3]! - 1] : undefined;
  const sealed = type !== undefined && type !== "hello";
  const room = sealed ? SEAL_BYTES : 0;
  const message = decode(parts, "a party", room);
  if (message.type === "welcome" || message.type === "chunk" || message.type === "refusal")
    throw malformed("a party", `a ${message.type}, which only the dealer sends`);
  if (message.type === "hello") return message;
  // The checksum is zero after its check, as it was when the MAC was computed.
  const bytes = viewOf(head!);
  const end = bytes.length - MAC_BYTES;
  const seal = { number: bytes.readUIntLE(end - 8, 6), mac: new Uint8Array(bytes.subarray(end)) };
  if (bytes.readUInt16LE(end - 2) !== 0) throw malformed("a party", `a ${message.type} with reserved bytes`);
  return { type: "sealed", order: message, seal, bytes: bytes.subarray(0, end) };
}

/**
 * Read the dealer's message and check every byte of it.
 *
 * @throws {TransportError} `malformed`
 */
export function decodeFromDealer(parts: readonly Uint8Array[]): FromDealer {
  const message = decode(parts, "the dealer", 0);
  if (["hello", "request", "credit", "beat"].includes(message.type))
    throw malformed("the dealer", `a ${message.type}, which only a party sends`);
  return message as FromDealer;
}

/** The protocol version that a message claims; undefined if the bytes are not a message. */
export function versionOf(parts: readonly Uint8Array[]): number | undefined {
  const [head] = parts;
  return head && head.length >= HEAD && viewOf(head).readUInt16LE(0) === MAGIC ? head[2] : undefined;
}

/** @param room - bytes of a seal at the end */
function decode(parts: readonly Uint8Array[], who: string, room: number): DealerMessage {
  const wrong = (what: string) => malformed(who, what);
  const [first, body] = parts;
  if (!first || parts.length > 2) throw wrong(`a message of ${parts.length} parts`);
  const head = viewOf(first);
  if (head.length < HEAD + room || head.readUInt16LE(0) !== MAGIC) throw wrong("no magic number");
  if (head[2] !== DEALER_VERSION) throw wrong(`protocol version ${head[2]}`);
  if (body && body.length > MAX_CHUNK_BYTES) throw wrong(`a chunk of ${body.length} bytes`);
  const told = head.readUInt32LE(4);
  head.writeUInt32LE(0, 4);
  if (told !== sum(parts)) throw wrong("a wrong checksum");
  const type = TYPES[head[3]! - 1];
  if (type === undefined) throw wrong(`type ${head[3]}`);
  if ((body !== undefined) !== (type === "chunk")) throw wrong(`a ${type} of ${parts.length} parts`);
  const fields = head.subarray(HEAD, head.length - room);
  const size = (least: number, most = least) => {
    if (fields.length < least || fields.length > most) throw wrong(`a ${type} of ${fields.length} bytes`);
  };
  const zero = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (fields[at] !== 0) throw wrong(`a ${type} with reserved bytes`);
  };
  const flag = (at: number): 0 | 1 => {
    if (fields[at]! > 1) throw wrong(`a ${type} with a wrong flag`);
    return fields[at] as 0 | 1;
  };
  switch (type) {
    case "hello": {
      size(HASH_BYTES + 8 + 4 * HASH_BYTES);
      zero(HASH_BYTES + 2, HASH_BYTES + 8);
      // Copy each: the message may be kept for long.
      const hash = (index: number) => new Uint8Array(fields.subarray(index, index + HASH_BYTES));
      const [secret, peerCommitment, publicKey, proof] = [0, 1, 2, 3].map((i) =>
        hash(HASH_BYTES + 8 + i * HASH_BYTES),
      ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const [party, authenticated] = [flag(HASH_BYTES), flag(HASH_BYTES + 1) === 1];
      return { type, session: hash(0), party, authenticated, secret, peerCommitment, publicKey, proof };
    }
    case "welcome": {
      size(8 + CONNECTION_BYTES);
      zero(1, 8);
      return { type, paired: flag(0) === 1, connection: new Uint8Array(fields.subarray(8)) };
    }
    case "request": {
      size(17, 16 + MAX_KIND_BYTES);
      zero(14, 16);
      const kind = fields.toString("latin1", 16);
      if (!KIND.test(kind))
        throw wrong("a request whose kind has characters other than letters, digits and single spaces");
      const [id, count, start] = [fields.readUInt32LE(0), fields.readUInt32LE(4), fields.readUIntLE(8, 6)];
      if (id === 0 || count === 0) throw wrong("a request for nothing");
      return { type, id, kind, count, start };
    }
    case "chunk": {
      size(16);
      const [id, total, offset, receipt] = [0, 4, 8, 12].map((at) => fields.readUInt32LE(at)) as [
        number,
        number,
        number,
        number,
      ];
      if (id === 0 || total > MAX_CORRECTION_BYTES) throw wrong(`corrections of ${total} bytes`);
      if (body!.length === 0 || offset + body!.length > total) throw wrong("a chunk beyond its corrections");
      return { type, id, total, offset, receipt, body: body! };
    }
    case "credit":
      size(16);
      zero(6, 8);
      zero(12, 16);
      return { type, chunks: fields.readUIntLE(0, 6), receipt: fields.readUInt32LE(8) };
    case "refusal": {
      size(8, 8 + MAX_TEXT_BYTES);
      zero(1, 4);
      const code = fields[0]!;
      if (code > Refusal.malformed) throw wrong(`refusal ${code}`);
      return {
        type,
        code: code as Refusal,
        id: fields.readUInt32LE(4),
        text: printable(fields.toString("utf8", 8)),
      };
    }
    default:
      size(0);
      return { type };
  }
}

export function malformed(who: string, what: string): TransportError {
  return new TransportError(
    "malformed",
    `${who} sent bytes that are not a valid message of the dealer's protocol: ${what}`,
  );
}

function sum(parts: readonly Uint8Array[]): number {
  const head = checksum(parts[0]!);
  return parts[1] ? checksum(parts[1].subarray(0, SUMMED_BYTES), head) : head;
}

/** Leave only plain characters in a text of the other side, because it is shown to a person. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?").replace(/[<>&]/g, "?");
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
