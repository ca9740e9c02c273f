import type { OperationLink } from "../../channel/operation-link";
import { concatBytes, equalBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { TransportError } from "../../errors";
import { PARAMETERS } from "./parameters";

const TAG_BYTES = 12;
/** Bytes in front of each message: what it is, and its number. */
export const HEADER_BYTES = TAG_BYTES + 4;

/** What a message carries. */
export type FrameKind = "seed" | "key" | "ciphertext" | "answer";

const DESCRIPTIONS: Readonly<Record<FrameKind, string>> = {
  seed: "tosses a seed",
  key: "sends a public key",
  ciphertext: "sends a ciphertext",
  answer: "answers a ciphertext",
};

/**
 * Messages with a header that names the parameters, the session, the sender and the kind, and counts. So a message of another
 * parameter set, a repeated, a missing and an exchanged one are all refused, before anything is computed from them.
 */
export class Frames {
  readonly #link: OperationLink;
  readonly #session: Uint8Array;
  #sent = 0;
  #received = 0;

  constructor(link: OperationLink, session: Uint8Array) {
    this.#link = link;
    this.#session = session;
  }

  send(kind: FrameKind, ...bodies: readonly Uint8Array[]): void {
    const header = this.#header(kind, this.#link.party, this.#sent++);
    this.#link.send(concatBytes(header, ...bodies), DESCRIPTIONS[kind]);
  }

  /**
   * Receive the next message.
   *
   * @param length - bytes of its body
   * @throws {TransportError} it has another length or another header
   */
  async receive(kind: FrameKind, length: number): Promise<Uint8Array> {
    const message = await this.#link.receive(HEADER_BYTES + length, DESCRIPTIONS[kind]);
    const header = this.#header(kind, 1 - this.#link.party, this.#received++);
    if (!equalBytes(message.subarray(0, HEADER_BYTES), header))
      throw new TransportError(
        "malformed",
        `received a message in place of the next one that ${DESCRIPTIONS[kind]}: another parameter set, or a repeated or ` +
          "missing message. Install the same version of spdzlab at both parties, and start a new session",
      );
    return message.subarray(HEADER_BYTES);
  }

  #header(kind: FrameKind, sender: number, count: number): Uint8Array {
    const text = new TextEncoder().encode(`${PARAMETERS.name}/${kind}/${sender}`);
    const header = new Uint8Array(HEADER_BYTES);
    header.set(hashLabelled("lattice message", this.#session, text).subarray(0, TAG_BYTES));
    new DataView(header.buffer).setUint32(TAG_BYTES, count);
    return header;
  }
}

/**
 * The most messages of one kind that a party sends before it waits for the other one. The connection holds few messages of
 * an operation that nobody has taken yet.
 */
const MOST_AT_ONCE = 16;

/** Cut a sequence of equal parts into as many as make one message each. */
export function inMessages<T>(parts: readonly T[]): T[][] {
  const each = Math.ceil(parts.length / MOST_AT_ONCE);
  const messages: T[][] = [];
  for (let at = 0; at < parts.length; at += each) messages.push(parts.slice(at, at + each));
  return messages;
}
