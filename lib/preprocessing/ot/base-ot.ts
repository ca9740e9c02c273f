/**
 * Endemic oblivious transfer over ristretto255: Masny and Rindal, ePrint 2019/706, fig. 8 (from a two-round key
 * agreement), with Diffie–Hellman as the key agreement and one sender's message for all transfers.
 *
 * The receiver makes two group elements of which it can know the logarithm of only one after hashing: M_b = r_b +
 * H(r_(1−b)). Malicious security in the random oracle model under CDH, as endemic OT: a cheating party may choose the
 * messages it gets itself, which is enough below.
 *
 * Not constant-time: @noble/curves computes with BigInt. The scalars live for one set-up only; nothing can overwrite
 * them, for a BigInt stays as it is until V8 uses its memory again.
 */

import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519";
import type { OperationLink } from "../../channel/operation-link";
import { concatBytes, drawBytes, wipe } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import type { Identity } from "../../crypto/identity";
import { CheckError } from "../../errors";
import type { ByteSource } from "../../ring";

const { Point } = ristretto255;
type Point = InstanceType<typeof Point>;
const POINT_BYTES = 32;
/** Bytes of each message that a transfer makes. */
export const KEY_BYTES = 16;

/** Draw a scalar uniform mod the group's order, from 64 random bytes. */
function drawScalar(source: ByteSource): bigint {
  const bytes = drawBytes(source, 64);
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  wipe(bytes);
  return (value % (Point.Fn.ORDER - 1n)) + 1n;
}

function index(i: number, bit: number): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, i);
  bytes[4] = bit;
  return bytes;
}

function toPoint(bytes: Uint8Array, use: string): Point {
  return ristretto255_hasher.hashToCurve(bytes, { DST: `spdzlab/base-ot/${use}` }) as Point;
}

function hashToPoint(session: Uint8Array, i: number, bit: number, encoded: Uint8Array): Point {
  return toPoint(concatBytes(session, index(i, bit), encoded), "point");
}

function decode(bytes: Uint8Array): Point {
  try {
    const point = Point.fromBytes(bytes);
    if (!point.equals(Point.ZERO)) return point;
  } catch {
    // Not the encoding of a group element.
  }
  throw new CheckError(
    "ot",
    "the other party sent bytes that are not a group element in a base oblivious transfer",
  );
}

function keyOf(
  session: Uint8Array,
  i: number,
  bit: number,
  transcript: Uint8Array,
  shared: Point,
): Uint8Array {
  const encoded = shared.toBytes();
  const key = hashLabelled("base-ot/key", session, index(i, bit), transcript, encoded).subarray(0, KEY_BYTES);
  wipe(encoded);
  return key;
}

/**
 * Make pairs of random messages, of which the other party learns one each.
 *
 * @returns for each transfer its two messages of 16 bytes; the caller overwrites them
 * @throws {CheckError} the other party sent bytes that are not group elements
 */
export async function sendBase(
  link: OperationLink,
  { session, random }: Identity,
  count: number,
): Promise<[Uint8Array, Uint8Array][]> {
  const secret = drawScalar(random);
  const mine = Point.BASE.multiply(secret).toBytes();
  link.send(mine.slice());
  const pairs = await link.receive(count * 2 * POINT_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const at = i * 2 * POINT_BYTES;
    const encoded = [0, 1].map((bit) => pairs.subarray(at + bit * POINT_BYTES, at + (bit + 1) * POINT_BYTES));
    const [r0, r1] = encoded.map(decode) as [Point, Point];
    const transcript = concatBytes(mine, pairs.subarray(at, at + 2 * POINT_BYTES));
    const message = (bit: 0 | 1) => {
      const element = (bit ? r1 : r0).add(hashToPoint(session, i, bit, encoded[1 - bit]!));
      if (element.equals(Point.ZERO))
        throw new CheckError("ot", "the other party forced a base oblivious transfer");
      return keyOf(session, i, bit, transcript, element.multiply(secret));
    };
    return [message(0), message(1)];
  });
}

/**
 * Receive the message of each pair that its choice bit selects. The caller overwrites them.
 *
 * @param choices - 0 or 1 for each transfer, secret
 * @throws {CheckError} the other party sent bytes that are not a group element
 */
export async function receiveBase(
  link: OperationLink,
  { session, random }: Identity,
  choices: Uint8Array,
): Promise<Uint8Array[]> {
  const secrets: bigint[] = [];
  const pairs = new Uint8Array(choices.length * 2 * POINT_BYTES);
  choices.forEach((choice, i) => {
    const secret = drawScalar(random);
    const other = toPoint(drawBytes(random, 64), "draw");
    const otherBytes = other.toBytes();
    const chosen = Point.BASE.multiply(secret).subtract(hashToPoint(session, i, choice, otherBytes));
    pairs.set(chosen.toBytes(), (2 * i + choice) * POINT_BYTES);
    pairs.set(otherBytes, (2 * i + 1 - choice) * POINT_BYTES);
    secrets.push(secret);
  });
  link.send(pairs.slice());
  const theirs = await link.receive(POINT_BYTES);
  const point = decode(theirs);
  return secrets.map((secret, i) => {
    const transcript = concatBytes(theirs, pairs.subarray(i * 2 * POINT_BYTES, (i + 1) * 2 * POINT_BYTES));
    return keyOf(session, i, choices[i]!, transcript, point.multiply(secret));
  });
}
