import { createCipheriv } from "node:crypto";
import { hashLabelled } from "./hash";

/** AES-128 in ECB mode under a public key, modelled as a random permutation. */
export class FixedKeyCipher {
  readonly #cipher;

  /** @param key - 16 public bytes */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv("aes-128-ecb", key, null);
    this.#cipher.setAutoPadding(false);
  }

  /** Apply the permutation to every 16 bytes. */
  permute(blocks: Uint8Array): Uint8Array {
    return this.#cipher.update(blocks);
  }
}

/**
 * Return the permutation for one purpose in one session. Its key is a hash of the session's name, which includes both
 * parties' nonces, so that work against one session does not help against another. Otherwise an attacker of N sessions
 * would have N times the chance with the same work.
 *
 * Source: Guo, Katz, Wang, Weng, Yu, ePrint 2019/1168 (the multi-instance setting), with a fresh key for each instance;
 * used here for the trees too. The model is an ideal cipher.
 *
 * @param session - the session's name
 * @param purpose - distinguishes the permutations of a session
 */
export function sessionCipher(session: Uint8Array, purpose: string): FixedKeyCipher {
  return new FixedKeyCipher(hashLabelled(`fixed key/${purpose}`, session).subarray(0, 16));
}
