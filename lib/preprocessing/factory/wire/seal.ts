import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { type Identity, Keys } from "../../../channel/keys/keys";
import { concatBytes, equalBytes, wipe } from "../../../crypto/bytes";
import { hashLabelled } from "../../../crypto/hash";

/**
 * How messages that pass through NATS are sealed, so that whoever operates it can neither read nor forge them.
 *
 * A hello carries a MAC under a key that only the workers and their notebook can compute, by X25519 from their long-term
 * keys. A ticket is encrypted under those keys and under keys that both ends drew for this ticket alone.
 */

const TAG = 16;
const NONCE = 12;
/** Bytes of a public key in Z85. */
const KEY_TEXT = 40;
const NO_NONCE = new Uint8Array(NONCE);

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Derive a key of 32 bytes. */
export function deriveKey(label: string, secret: Uint8Array, context: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, context, `spdzlab/factory/${label}`, 32));
}

/** Encrypt with AES-256-GCM; the tag follows the ciphertext. @param nonce - never the same twice under one key */
export function seal(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
  const sealed = new Uint8Array(text.length + TAG);
  sealed.set(cipher.update(text));
  cipher.final();
  sealed.set(cipher.getAuthTag(), text.length);
  return sealed;
}

/** @returns undefined if the message is not what was sealed */
export function unseal(
  key: Uint8Array,
  nonce: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG) return undefined;
  const cut = sealed.length - TAG;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG })
    .setAAD(context)
    .setAuthTag(sealed.subarray(cut));
  const text = decipher.update(sealed.subarray(0, cut));
  try {
    decipher.final();
  } catch {
    text.fill(0);
    return undefined;
  }
  return text;
}

/** Authenticates messages between an organisation's notebook and its workers. */
export class FleetSeal {
  readonly #key: Uint8Array;

  /** @param identity - the workers' keys and the notebook's public key, or the other way round */
  constructor({ keys, peerKey }: Identity) {
    const secret = keys.sharedSecret(peerKey);
    this.#key = hashLabelled("factory/fleet", secret);
    wipe(secret);
  }

  /** Prefix a message with its MAC. */
  sign(label: string, message: string): Uint8Array {
    const body = utf8(message);
    return concatBytes(this.#mac(label, body), body);
  }

  /** @returns the message; undefined if it is nobody's who holds the keys */
  verify(label: string, bytes: Uint8Array): string | undefined {
    const body = bytes.subarray(32);
    if (bytes.length < 32 || !equalBytes(this.#mac(label, body), bytes.subarray(0, 32))) return undefined;
    return new TextDecoder().decode(body);
  }

  /**
   * Seal a ticket to one worker.
   *
   * @param workerKey - the key that the worker drew for its next ticket
   */
  sealTicket(workerKey: string, context: string, ticket: string): Uint8Array {
    const own = Keys.generate();
    const key = this.#ticketKey(own.sharedSecret(workerKey), own.publicKey, workerKey);
    // The key is drawn for this message alone.
    const sealed = seal(key, NO_NONCE, utf8(context), utf8(ticket));
    wipe(key);
    return concatBytes(utf8(own.publicKey), sealed);
  }

  /** @param own - the key that this worker drew for its next ticket */
  openTicket(own: Keys, context: string, bytes: Uint8Array): string | undefined {
    try {
      const other = new TextDecoder("latin1").decode(bytes.subarray(0, KEY_TEXT));
      const key = this.#ticketKey(own.sharedSecret(other), other, own.publicKey);
      const text = unseal(key, NO_NONCE, utf8(context), bytes.subarray(KEY_TEXT));
      wipe(key);
      return text && new TextDecoder().decode(text);
    } catch {
      // Not a public key.
      return undefined;
    }
  }

  #mac(label: string, body: Uint8Array): Uint8Array {
    return createHmac("sha256", this.#key)
      .update(hashLabelled("factory/message", utf8(label), body))
      .digest();
  }

  #ticketKey(secret: Uint8Array, notebook: string, worker: string): Uint8Array {
    const key = deriveKey("ticket", concatBytes(secret, this.#key), utf8(`${notebook} ${worker}`));
    wipe(secret);
    return key;
  }

  destroy(): void {
    wipe(this.#key);
  }
}

/** Return a key for the results of one pair of workers. */
export function drawResultKey(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}
