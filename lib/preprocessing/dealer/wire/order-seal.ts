import { createHmac } from "node:crypto";
import { equalBytes } from "../../../crypto/bytes";
import { hashLabelled } from "../../../crypto/hash";
import { type Authenticator, encodeOrder, MAC_BYTES, type Order, type SealedOrder } from "./messages";

/**
 * A party seals each order after its hello with a MAC, under a key from its secret and from the name that the dealer drew
 * for the connection, and with a number that counts up. So an order is this party's, whatever connection it arrives on;
 * it is valid on one connection only, and there only once.
 */

/** @param connection - the name in the dealer's welcome */
export function sealKey(secret: Uint8Array, session: Uint8Array, connection: Uint8Array): Uint8Array {
  return hashLabelled("dealer/seal", session, secret, connection);
}

function authenticator(key: Uint8Array): Authenticator {
  return (bytes) => createHmac("sha256", key).update(bytes).digest().subarray(0, MAC_BYTES);
}

/** A party's end of one connection. */
export class Sealer {
  readonly #key: Uint8Array;
  #number = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(order: Order): Uint8Array[] {
    return encodeOrder(order, ++this.#number, authenticator(this.#key));
  }

  destroy(): void {
    this.#key.fill(0);
  }
}

/** The dealer's end of it. */
export class SealChecker {
  readonly #key: Uint8Array;
  #number = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @returns the order; undefined if it is not this party's, or not the next one */
  open({ order, seal, bytes }: SealedOrder): Order | undefined {
    if (!equalBytes(authenticator(this.#key)(bytes), seal.mac) || seal.number !== this.#number + 1)
      return undefined;
    this.#number++;
    return order;
  }

  destroy(): void {
    this.#key.fill(0);
  }
}
