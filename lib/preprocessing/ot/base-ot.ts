/**
 * Endemic oblivious transfer over ristretto255: Masny and Rindal, ePrint 2019/706, fig. 8 (from a two-round key
 * agreement), with Diffie–Hellman as the key agreement and one sender's message for all transfers.
 *
 * The receiver makes two group elements of which it can know the logarithm of only one after hashing: M_b = r_b +
 * H(r_(1−b)). Malicious security in the random oracle model under CDH, as endemic OT: a cheating party may choose the
 * messages it gets itself, which is enough below.
 */

import type { OperationLink } from "../../channel/operation-link";
import { concatBytes, wipe } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import type { Identity } from "../../crypto/identity";
import {
  add,
  drawElement,
  drawScalar,
  ELEMENT_BYTES,
  hashToElement,
  isElement,
  isNeutral,
  multiply,
  multiplyBase,
  ready,
  subtract,
} from "../../crypto/ristretto";
import { CheckError } from "../../errors";

/** Bytes of each message that a transfer makes. */
export const KEY_BYTES = 16;

function index(i: number, bit: number): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, i);
  bytes[4] = bit;
  return bytes;
}

function hashOf(session: Uint8Array, i: number, bit: number, element: Uint8Array): Uint8Array {
  return hashToElement("base-ot/element", session, index(i, bit), element);
}

function checkElement(bytes: Uint8Array): Uint8Array {
  if (isElement(bytes)) return bytes;
  throw new CheckError(
    "ot",
    "the other party sent bytes that are not a group element in a base oblivious transfer",
  );
}

/** The key that a shared element gives; the element is overwritten. */
function keyOf(
  session: Uint8Array,
  i: number,
  bit: number,
  transcript: Uint8Array,
  shared: Uint8Array,
): Uint8Array {
  const key = hashLabelled("base-ot/key", session, index(i, bit), transcript, shared).subarray(0, KEY_BYTES);
  wipe(shared);
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
  await ready();
  const secret = drawScalar(random);
  const mine = multiplyBase(secret);
  link.send(mine.slice());
  try {
    const pairs = await link.receive(count * 2 * ELEMENT_BYTES);
    return Array.from({ length: count }, (_, i) => {
      const at = i * 2 * ELEMENT_BYTES;
      const [r0, r1] = [0, 1].map((bit) =>
        checkElement(pairs.subarray(at + bit * ELEMENT_BYTES, at + (bit + 1) * ELEMENT_BYTES)),
      ) as [Uint8Array, Uint8Array];
      const transcript = concatBytes(mine, pairs.subarray(at, at + 2 * ELEMENT_BYTES));
      const message = (bit: 0 | 1) => {
        const [own, other] = bit ? [r1, r0] : [r0, r1];
        const element = add(own, hashOf(session, i, bit, other));
        if (isNeutral(element))
          throw new CheckError("ot", "the other party forced a base oblivious transfer");
        return keyOf(session, i, bit, transcript, multiply(secret, element));
      };
      return [message(0), message(1)];
    });
  } finally {
    wipe(secret);
  }
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
  await ready();
  const secrets: Uint8Array[] = [];
  try {
    const pairs = new Uint8Array(choices.length * 2 * ELEMENT_BYTES);
    choices.forEach((choice, i) => {
      const secret = drawScalar(random);
      secrets.push(secret);
      const other = drawElement(random);
      const chosen = subtract(multiplyBase(secret), hashOf(session, i, choice, other));
      pairs.set(chosen, (2 * i + choice) * ELEMENT_BYTES);
      pairs.set(other, (2 * i + 1 - choice) * ELEMENT_BYTES);
    });
    link.send(pairs.slice());
    const theirs = checkElement(await link.receive(ELEMENT_BYTES));
    return secrets.map((secret, i) => {
      const transcript = concatBytes(
        theirs,
        pairs.subarray(i * 2 * ELEMENT_BYTES, (i + 1) * 2 * ELEMENT_BYTES),
      );
      return keyOf(session, i, choices[i]!, transcript, multiply(secret, theirs));
    });
  } finally {
    wipe(...secrets);
  }
}
