import { createCipheriv } from "node:crypto";
import { hashLabelled } from "./hash";

/** AES-128 in ECB under a public key: it stands in for a random permutation. */
export class FixedKeyCipher {
  readonly #cipher;

  /** @param key - 16 public bytes */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv("aes-128-ecb", key, null);
    this.#cipher.setAutoPadding(false);
  }

  /** The permutation of every 16 bytes. */
  permute(blocks: Uint8Array): Uint8Array {
    return this.#cipher.update(blocks);
  }
}

/**
 * The permutation of one purpose in one session. Its key is a hash of the session's name, in which both parties' nonces
 * are, so that what is computed against one session helps against no other: without it, an attacker of N sessions would
 * have N times the chance with the same work.
 *
 * Source: Guo, Katz, Wang, Weng, Yu, ePrint 2019/1168 (the multi-instance setting), with the key drawn anew for each
 * instance; here also for the trees. The model is an ideal cipher.
 *
 * @param session - the session's name
 * @param purpose - sets apart what the session uses permutations for
 */
export function sessionCipher(session: Uint8Array, purpose: string): FixedKeyCipher {
  return new FixedKeyCipher(hashLabelled(`fixed key/${purpose}`, session).subarray(0, 16));
}
