import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { fc } from "../../../test/support/random";
import { TransportError } from "../../errors";
import { LIBRARY_VERSION } from "../version";
import { checksum, checksumByTable } from "./checksum";
import {
  type Datagram,
  decodePacket,
  encodePacket,
  HEADER_BYTES,
  isOfSession,
  Kind,
  MAX_BODY_BYTES,
  packetOf,
  versionOf,
} from "./frame";

const session = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const uint48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });

const uint40 = fc.integer({ min: 0, max: 2 ** 40 - 1 });

const packets = fc
  .record({
    sender: fc.constantFrom(0 as const, 1 as const),
    stream: fc.constantFrom(0 as const, 1 as const),
    operation: uint48,
    step: fc.integer({ min: 0, max: 65_535 }),
    sequence: uint40,
    offset: fc.integer({ min: 0, max: 2 ** 30 }),
    after: fc.integer({ min: 0, max: 2 ** 29 }),
    ackOnline: uint40,
    ackBackground: uint40,
    token: fc.integer({ min: 0, max: 255 }),
    digest: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    body: fc.oneof(
      bytes(200),
      fc.constantFrom(4007, 4008, 4009, 70_000).map((n) => new Uint8Array(n).fill(9)),
    ),
  })
  .filter(({ body, offset, after }) => body.length > 0 || offset + after === 0)
  .map(({ after, ...fields }) =>
    packetOf({ kind: Kind.data, session, total: fields.offset + fields.body.length + after, ...fields }),
  );

test("decoding reverses encoding", () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const datagram = encodePacket(packet);
      expect(isOfSession(datagram, session)).toBe(true);
      const back = decodePacket(datagram);
      for (const [name, value] of Object.entries(packet)) {
        if (name === "session") continue;
        const got = back[name as keyof typeof back];
        if (value instanceof Uint8Array) expect(Buffer.compare(got as Uint8Array, value), name).toBe(0);
        else expect(got, name).toBe(value);
      }
    }),
  );
});

test("a large body is not copied", () => {
  const body = new Uint8Array(100_000);
  const datagram = encodePacket(packetOf({ kind: Kind.data, sender: 0, session, total: body.length, body }));
  expect(datagram[1]).toBe(body);
});

test("one changed bit anywhere is noticed", () => {
  const body = Uint8Array.from({ length: 40 }, (_, i) => i);
  const whole = encodePacket(packetOf({ kind: Kind.data, sender: 1, session, total: 40, body }))[0]!;
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const damaged = whole.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => decodePacket([damaged]), `bit ${bit}`).toThrow(TransportError);
  }
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodePacket([whole.subarray(0, length)])).toThrow(TransportError);
  }
  expect(() => decodePacket([])).toThrow(TransportError);
  expect(() => decodePacket([whole, whole])).toThrow(TransportError);
  expect(() => decodePacket([whole, body, body])).toThrow(TransportError);
});

test("meaningless fields are refused although the checksum is correct", () => {
  const body = new Uint8Array(8);
  const good = packetOf({ kind: Kind.data, sender: 0, session, total: 8, body });
  expect(() => decodePacket(encodePacket(good))).not.toThrow();
  const wrong = [
    { kind: 0 as Kind },
    { kind: 6 as Kind },
    { total: 7 },
    { offset: 1 },
    { total: 2 ** 31 + 1 },
    { kind: Kind.ack },
    { body: new Uint8Array(0) },
    { total: 2 ** 30, body: new Uint8Array(MAX_BODY_BYTES + 1) },
  ];
  for (const fields of wrong) {
    expect(() => decodePacket(encodePacket({ ...good, ...fields })), JSON.stringify(fields)).toThrow(
      TransportError,
    );
  }
});

test("any bytes decode to a packet or throw a TransportError", () => {
  fc.assert(
    fc.property(fc.array(bytes(300), { maxLength: 3 }), (datagram: Datagram) => {
      versionOf(datagram);
      isOfSession(datagram, session);
      try {
        decodePacket(datagram);
      } catch (error) {
        expect(error).toMatchObject({ code: "transport-malformed" });
      }
    }),
  );
});

test("the checksum in JavaScript equals zlib's, also in pieces", () => {
  fc.assert(
    fc.property(bytes(500), bytes(500), (a, b) => {
      expect(checksumByTable(a)).toBe(crc32(a));
      expect(checksumByTable(b, checksumByTable(a))).toBe(crc32(Buffer.concat([a, b])));
      expect(checksum(b, checksum(a))).toBe(crc32(Buffer.concat([a, b])));
    }),
  );
  expect(HEADER_BYTES).toBe(64);
});

test("the handshake names the package's version", () => {
  const text = readFileSync(new URL("../../../package.json", `file://${__filename}`), "utf8");
  expect(LIBRARY_VERSION).toBe(JSON.parse(text).version);
});
