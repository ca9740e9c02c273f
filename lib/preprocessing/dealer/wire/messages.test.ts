import { describe, expect, test } from "vitest";
import { fc } from "../../../../test/support/random";
import { checksum } from "../../../channel/link/checksum";
import { TransportError } from "../../../errors";
import {
  DEALER_VERSION,
  type DealerHello,
  decodeFromDealer,
  decodeFromParty,
  encode,
  encodeOrder,
  type FromDealer,
  MAX_CHUNK_BYTES,
  MAX_CORRECTION_BYTES,
  type Order,
  Refusal,
  type SealedOrder,
  versionOf,
} from "./messages";

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const hello: DealerHello = {
  type: "hello",
  session: hash(1),
  party: 1,
  authenticated: true,
  secret: hash(2),
  peerCommitment: hash(3),
  publicKey: hash(4),
  proof: hash(5),
};
const orders: Order[] = [
  { type: "request", id: 7, kind: "product 0 1 3 5 7 2", count: 1, start: 2 ** 40 },
  { type: "credit", chunks: 2 ** 40, receipt: 2 ** 32 - 1 },
  { type: "beat" },
  { type: "goodbye" },
];
const fromDealer: FromDealer[] = [
  { type: "welcome", paired: true, connection: hash(6).slice(16) },
  { type: "welcome", paired: false, connection: hash(7).slice(16) },
  { type: "chunk", id: 7, total: 100, offset: 90, receipt: 2 ** 31, body: new Uint8Array(10).fill(9) },
  { type: "refusal", code: Refusal.request, id: 3, text: "no such kind" },
  { type: "goodbye" },
];
type Read = DealerHello | SealedOrder | FromDealer;
type Decode = (parts: readonly Uint8Array[]) => Read;
const authenticate = (bytes: Uint8Array) => {
  expect([...bytes.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  return hash(8).slice(16);
};
const encodeAny = (message: Read) =>
  message.type === "sealed"
    ? encodeOrder(message.order, message.seal.number, () => message.seal.mac)
    : encode(message);
const all: [string, Uint8Array[], DealerHello | Order | FromDealer, Decode][] = [
  ["a party's hello", encode(hello), hello, decodeFromParty],
  ...orders.map(
    (each) =>
      [`a party's ${each.type}`, encodeOrder(each, 2 ** 40, authenticate), each, decodeFromParty] as [
        string,
        Uint8Array[],
        Order,
        Decode,
      ],
  ),
  ...fromDealer.map(
    (each) =>
      [`the dealer's ${each.type}`, encode(each), each, decodeFromDealer] as [
        string,
        Uint8Array[],
        FromDealer,
        Decode,
      ],
  ),
];

/** Puts the right checksum in, as somebody would who means harm. */
function seal(parts: Uint8Array[]): Uint8Array[] {
  const head = Buffer.from(parts[0]!);
  if (head.length < 8) return [head, ...parts.slice(1)];
  head.writeUInt32LE(0, 4);
  const sum = parts[1] ? checksum(parts[1].subarray(0, 2 ** 14), checksum(head)) : checksum(head);
  head.writeUInt32LE(sum, 4);
  return [head, ...parts.slice(1)];
}

const copy = (parts: readonly Uint8Array[]) => parts.map((part) => new Uint8Array(part));

describe.each(all)("%s", (_, written, message, decode) => {
  test("decodes to the fields that were encoded", () => {
    const read = decode(copy(written));
    if (read.type !== "sealed") expect(read).toEqual(message);
    else {
      expect(read.order).toEqual(message);
      expect(read.seal).toEqual({ number: 2 ** 40, mac: hash(8).slice(16) });
    }
  });

  test("is malformed when any byte is changed, and when it is shorter or longer", () => {
    const parts = copy(written);
    for (const [index, part] of parts.entries()) {
      for (let at = 0; at < part.length; at++) {
        const changed = copy(parts);
        changed[index]![at]! ^= 1 << (at % 8);
        expect(() => decode(changed)).toThrow(TransportError);
      }
    }
    for (const other of [[], [new Uint8Array(0)], [...copy(parts), hash(1)], [parts[0]!.slice(1)]])
      expect(() => decode(other)).toThrow(TransportError);
  });

  test("has one encoding: every message that decodes encodes to the same bytes", () => {
    const parts = copy(written);
    fc.assert(
      fc.property(
        fc.nat(parts[0]!.length - 1),
        fc.nat(255),
        fc.integer({ min: -20, max: 20 }),
        (at, byte, more) => {
          const head = new Uint8Array(Math.max(0, parts[0]!.length + more));
          head.set(parts[0]!.subarray(0, head.length));
          head[at] = byte;
          const changed = seal([head, ...copy(parts.slice(1))]);
          let read: Read;
          try {
            read = decode(copy(changed));
          } catch (error) {
            expect(error).toMatchObject({ code: "transport-malformed" });
            return;
          }
          // A text that was made harmless to show is another one.
          if (read.type === "refusal" && /[?\ufffd]/.test(read.text)) return;
          expect(encodeAny(read).map((part) => Buffer.from(part).toString("hex"))).toEqual(
            changed.map((part) => Buffer.from(part).toString("hex")),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("each side sends only its own messages", () => {
  for (const message of fromDealer.filter(({ type }) => type !== "goodbye" && type !== "chunk")) {
    const [head] = encode(message);
    const [sealed] = seal([Buffer.concat([head!, new Uint8Array(24)])]);
    expect(() => decodeFromParty([sealed!])).toThrow("only the dealer");
  }
  expect(() => decodeFromParty(encode(fromDealer[2]!))).toThrow("of 2 parts");
  for (const message of orders.filter(({ type }) => type !== "goodbye")) {
    const [head] = encodeOrder(message, 1, authenticate);
    const [bare] = seal([head!.slice(0, -24)]);
    expect(() => decodeFromDealer([bare!])).toThrow("only a party");
  }
  expect(() => decodeFromDealer(encode(hello))).toThrow("only a party");
});

test("sizes beyond every limit are malformed before they take memory", () => {
  const chunk = { type: "chunk", id: 1, offset: 0, receipt: 3, body: new Uint8Array(8) } as const;
  expect(() => decodeFromDealer(encode({ ...chunk, total: MAX_CORRECTION_BYTES + 1 }))).toThrow(
    "corrections of",
  );
  const body = new Uint8Array(MAX_CHUNK_BYTES + 1);
  expect(() => decodeFromDealer(encode({ ...chunk, total: 2 ** 20, body }))).toThrow("a chunk of");
  expect(() => decodeFromDealer(encode({ ...chunk, total: 7 }))).toThrow("beyond");
});

test("another version is distinguished from bytes that are not a message", () => {
  const [head] = encode({ type: "goodbye" });
  expect(versionOf([head!])).toBe(DEALER_VERSION);
  head![2] = 9;
  expect(versionOf([head!])).toBe(9);
  expect(versionOf([hash(0)])).toBeUndefined();
  expect(() => decodeFromDealer([head!])).toThrow("version 9");
});

test("a text of the dealer is shown as plain text", () => {
  const text = "a\u001b[31m<b>\n";
  const read = decodeFromDealer(encode({ type: "refusal", code: 3, id: 1, text }));
  expect(read).toMatchObject({ text: "a?[31m?b??" });
});
