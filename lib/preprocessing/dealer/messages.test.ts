import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checksum } from "../../channel/checksum";
import { TransportError } from "../../errors";
import {
  DEALER_VERSION,
  decodeFromDealer,
  decodeFromParty,
  encode,
  type FromDealer,
  type FromParty,
  MAX_CHUNK_BYTES,
  MAX_CORRECTION_BYTES,
  Refusal,
  versionOf,
} from "./messages";

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const fromParty: FromParty[] = [
  {
    type: "hello",
    session: hash(1),
    party: 1,
    authenticated: true,
    secret: hash(2),
    peerCommitment: hash(3),
    publicKey: hash(4),
    proof: hash(5),
  },
  { type: "request", id: 7, kind: "product 0 1 3 5 7 2", count: 1, start: 2 ** 40 },
  { type: "credit", chunks: 2 ** 40 },
  { type: "beat" },
  { type: "goodbye" },
];
const fromDealer: FromDealer[] = [
  { type: "welcome", paired: true },
  { type: "welcome", paired: false },
  { type: "chunk", id: 7, total: 100, offset: 90, body: new Uint8Array(10).fill(9) },
  { type: "refusal", code: Refusal.request, id: 3, text: "no such kind" },
  { type: "goodbye" },
];
type Decode = (parts: readonly Uint8Array[]) => FromParty | FromDealer;
const all: [string, FromParty | FromDealer, Decode][] = [
  ...fromParty.map(
    (each) => [`a party's ${each.type}`, each, decodeFromParty] as [string, FromParty, Decode],
  ),
  ...fromDealer.map(
    (each) => [`the dealer's ${each.type}`, each, decodeFromDealer] as [string, FromDealer, Decode],
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

describe.each(all)("%s", (_, message, decode) => {
  test("is read as it was written", () => {
    expect(decode(encode(message))).toEqual(message);
  });

  test("is malformed when any byte is changed, and when it is shorter or longer", () => {
    const parts = encode(message);
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

  test("has one form: what else is read says the same bytes again", () => {
    const parts = encode(message);
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
          let read: FromParty | FromDealer;
          try {
            read = decode(copy(changed));
          } catch (error) {
            expect(error).toMatchObject({ code: "transport-malformed" });
            return;
          }
          // A text that was made harmless to show is another one.
          if (read.type === "refusal" && /[?\ufffd]/.test(read.text)) return;
          expect(encode(read).map((part) => Buffer.from(part).toString("hex"))).toEqual(
            changed.map((part) => Buffer.from(part).toString("hex")),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("nobody says what is the other side's to say", () => {
  for (const message of fromDealer.filter(({ type }) => type !== "goodbye"))
    expect(() => decodeFromParty(encode(message))).toThrow("only the dealer");
  for (const message of fromParty.filter(({ type }) => type !== "goodbye"))
    expect(() => decodeFromDealer(encode(message))).toThrow("only a party");
});

test("sizes beyond what anybody asks for are malformed before they cost memory", () => {
  const chunk = { type: "chunk", id: 1, offset: 0, body: new Uint8Array(8) } as const;
  expect(() => decodeFromDealer(encode({ ...chunk, total: MAX_CORRECTION_BYTES + 1 }))).toThrow(
    "corrections of",
  );
  const body = new Uint8Array(MAX_CHUNK_BYTES + 1);
  expect(() => decodeFromDealer(encode({ ...chunk, total: 2 ** 20, body }))).toThrow("a chunk of");
  expect(() => decodeFromDealer(encode({ ...chunk, total: 7 }))).toThrow("beyond");
});

test("another version is told from what is no message", () => {
  const [head] = encode({ type: "beat" });
  expect(versionOf([head!])).toBe(DEALER_VERSION);
  head![2] = 9;
  expect(versionOf([head!])).toBe(9);
  expect(versionOf([hash(0)])).toBeUndefined();
  expect(() => decodeFromDealer([head!])).toThrow("version 9");
});

test("what the dealer says is shown as plain text", () => {
  const text = "a\u001b[31m<b>\n";
  const read = decodeFromDealer(encode({ type: "refusal", code: 3, id: 1, text }));
  expect(read).toMatchObject({ text: "a?[31m?b??" });
});
