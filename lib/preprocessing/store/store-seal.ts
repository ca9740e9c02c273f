import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from "node:crypto";
import { decodeZ85 } from "../../channel/keys/z85";
import { concatBytes } from "../../crypto/bytes";

/** The secret from which a store's key is derived. */
export type StoreSecret =
  | { readonly from: "curve" /** A CURVE secret key in Z85. */; readonly secretKey: string }
  | { readonly from: "passphrase"; readonly passphrase: string };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Parameters of scrypt, with enough memory for them. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };

/** Seals values by AES-256-GCM, each bound to its name in the store. */
export class StoreSeal {
  readonly #key: Buffer;
  /** Distinguishes a wrong key from damage, and reveals nothing of the key. */
  readonly check: string;

  private constructor(secret: Uint8Array, salt: Uint8Array) {
    const derive = (use: string, length: number) =>
      Buffer.from(hkdfSync("sha256", secret, salt, `spdzlab/store/${use}`, length));
    this.#key = derive("seal", 32);
    this.check = derive("check", 16).toString("hex");
  }

  /** @param salt - of this store only */
  static async create(secret: StoreSecret, salt: Uint8Array): Promise<StoreSeal> {
    if (secret.from === "curve") return new StoreSeal(decodeZ85(secret.secretKey), salt);
    const { passphrase } = secret;
    const stretched = await new Promise<Buffer>((resolve, reject) =>
      scrypt(passphrase.normalize("NFKC"), salt, 32, SCRYPT, (error, key) =>
        error ? reject(error) : resolve(key),
      ),
    );
    return new StoreSeal(stretched, salt);
  }

  seal(name: string, value: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    cipher.setAAD(Buffer.from(name));
    return concatBytes(nonce, cipher.update(value), cipher.final(), cipher.getAuthTag());
  }

  /** @throws {Error} the value was not sealed under this key and this name */
  open(name: string, sealed: Uint8Array): Uint8Array {
    const decipher = createDecipheriv("aes-256-gcm", this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
    const opened = decipher.update(body);
    decipher.final();
    return new Uint8Array(opened);
  }

  destroy(): void {
    this.#key.fill(0);
  }
}
