import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { curveKeyPair } from "zeromq";
import { decodeZ85, encodeZ85 } from "./z85";

/**
 * Who a party is: a long-term CURVE key pair, and the one public key it accepts at the other end. The secret key
 * stays in a file that only its owner reads; the public key goes to the other party as one line of text.
 */

const KEY_FILE = "key.json";
const PEER_FILE = "peer.txt";
const DEALER_FILE = "dealer.txt";
const PARTIES_FILE = "parties.txt";
const LINE = /^spdzlab-key-([A-Za-z0-9_-]{43})$/;

/** A key pair whose secret half never shows in a log, an error or JSON. */
export class Keys {
  /** In Z85, as ZeroMQ takes it. */
  readonly publicKey: string;
  readonly #secretKey: string;

  /** @throws {RangeError} the two are not the halves of one pair */
  constructor(publicKey: string, secretKey: string) {
    checkKey(publicKey, "publicKey");
    checkKey(secretKey, "secretKey");
    if (publicOf(secretKey) !== publicKey)
      throw new RangeError("keys: the public key is not the secret key's");
    this.publicKey = publicKey;
    this.#secretKey = secretKey;
  }

  static generate(): Keys {
    const { publicKey, secretKey } = curveKeyPair();
    return new Keys(publicKey, secretKey);
  }

  /** The secret half, for the socket and the key file only. */
  revealSecretKey(): string {
    return this.#secretKey;
  }

  /**
   * 32 bytes that nobody but the holders of these keys and of the other ones can compute (X25519), for a proof within
   * an encrypted connection; hash it with what it shall prove.
   */
  sharedSecret(publicKey: string): Uint8Array {
    const secret = diffieHellman({
      privateKey: privateKeyOf(this.#secretKey),
      publicKey: publicKeyOf(publicKey),
    });
    return new Uint8Array(secret);
  }

  toJSON(): object {
    return { publicKey: this.publicKey };
  }

  [inspect.custom](): string {
    return `Keys(${publicLine(this.publicKey)})`;
  }
}

/** A party's own keys and the public key of the only peer it talks to. */
export interface Identity {
  readonly keys: Keys;
  /** In Z85. */
  readonly peerKey: string;
}

/**
 * The folder for keys, by the platform's convention: SPDZ_CONFIG if it is set, `$XDG_CONFIG_HOME/spdzlab` or
 * `~/.config/spdzlab`, on macOS `~/Library/Preferences/spdzlab`.
 */
export function configFolder(environment = process.env, platform: string = process.platform): string {
  if (environment.SPDZ_CONFIG) return environment.SPDZ_CONFIG;
  const home = environment.HOME || homedir();
  if (platform === "darwin") return join(home, "Library", "Preferences", "spdzlab");
  return join(environment.XDG_CONFIG_HOME || join(home, ".config"), "spdzlab");
}

/**
 * Makes a key pair and keeps it in the folder.
 *
 * @param replace - whether a pair that is there may be lost; the peer must then be given the new public key
 * @throws {RangeError} there is a pair already
 */
export function createKeys(folder = configFolder(), replace = false): Keys {
  const keys = Keys.generate();
  const text = JSON.stringify({ publicKey: keys.publicKey, secretKey: keys.revealSecretKey() }, null, 2);
  const file = join(folder, KEY_FILE);
  if (!replace && exists(file)) throw new RangeError(`${file}: there are keys already`);
  writePrivate(folder, KEY_FILE, `${text}\n`);
  return keys;
}

/**
 * @returns the keys in the folder; undefined when there are none
 * @throws {RangeError} the file is damaged, or others may read it
 */
export function readKeys(folder = configFolder()): Keys | undefined {
  const file = join(folder, KEY_FILE);
  if (!exists(file)) return undefined;
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new RangeError(`${file}: others may read this secret. Run chmod 600 on it, or make new keys.`);
  }
  try {
    const { publicKey, secretKey } = JSON.parse(readFileSync(file, "utf8"));
    return new Keys(publicKey, secretKey);
  } catch {
    // What the parser says might quote the secret.
    throw new RangeError(`${file}: this is no key file of spdzlab. Make new keys.`);
  }
}

/** Keeps the only public key that the other end may have. */
export function savePeerKey(peerKey: string, folder = configFolder()): void {
  checkKey(peerKey, "peerKey");
  writePrivate(folder, PEER_FILE, `${publicLine(peerKey)}\n`);
}

/**
 * @returns the peer's public key in Z85; undefined when there is none
 * @throws {RangeError} the file is damaged
 */
export function readPeerKey(folder = configFolder()): string | undefined {
  const file = join(folder, PEER_FILE);
  return exists(file) ? parsePublicLine(readFileSync(file, "utf8")) : undefined;
}

/** @returns both; undefined as long as either is missing */
export function readIdentity(folder = configFolder()): Identity | undefined {
  const keys = readKeys(folder);
  const peerKey = readPeerKey(folder);
  return keys && peerKey !== undefined ? { keys, peerKey } : undefined;
}

/** Keeps, at a party, the public key of the dealer that both parties trust not to collude with either. */
export function saveDealerKey(dealerKey: string, folder = configFolder()): void {
  checkKey(dealerKey, "dealerKey");
  writePrivate(folder, DEALER_FILE, `${publicLine(dealerKey)}\n`);
}

/**
 * @returns the dealer's public key in Z85; undefined when there is none
 * @throws {RangeError} the file is damaged
 */
export function readDealerKey(folder = configFolder()): string | undefined {
  const file = join(folder, DEALER_FILE);
  return exists(file) ? parsePublicLine(readFileSync(file, "utf8")) : undefined;
}

/** The dealer's own folder for keys, apart from a party's on the same machine. */
export function dealerFolder(): string {
  return join(configFolder(), "dealer");
}

/** Keeps, at the dealer, the public keys of the parties that it serves. */
export function savePartyKeys(publicKeys: readonly string[], folder = dealerFolder()): void {
  for (const key of publicKeys) checkKey(key, "publicKeys");
  writePrivate(folder, PARTIES_FILE, publicKeys.map((key) => `${publicLine(key)}\n`).join(""));
}

/**
 * @returns the public keys in Z85 of the parties that the dealer serves
 * @throws {RangeError} the file is damaged
 */
export function readPartyKeys(folder = dealerFolder()): string[] {
  const file = join(folder, PARTIES_FILE);
  if (!exists(file)) return [];
  return readFileSync(file, "utf8").trim().split("\n").filter(Boolean).map(parsePublicLine);
}

/** The line a party sends to the other: safe in a mail, a chat and a shell. */
export function publicLine(publicKey: string): string {
  return `spdzlab-key-${Buffer.from(decodeZ85(publicKey)).toString("base64url")}`;
}

/**
 * @returns the public key in Z85
 * @throws {RangeError} it is no such line
 */
export function parsePublicLine(line: string): string {
  const key = LINE.exec(line.trim())?.[1];
  if (key === undefined)
    throw new RangeError("no public key of spdzlab: it begins with spdzlab-key- and has one line");
  return encodeZ85(Buffer.from(key, "base64url"));
}

/**
 * A code that both people see alike when both hold the same two public keys; they compare it over the telephone.
 * 80 bits, since who sits between them may search for keys that give the same code.
 */
export function pairingCode(publicKey: string, peerKey: string): string {
  const [first, second] = [publicKey, peerKey].sort();
  const hash = createHash("sha256").update(`spdzlab pairing ${first} ${second}`).digest();
  // Letters and digits that nobody mistakes for one another.
  const alphabet = "23456789abcdefghjkmnpqrstuvwxyz".toUpperCase().concat("1");
  let bits = BigInt(`0x${hash.subarray(0, 10).toString("hex")}`);
  let code = "";
  for (let i = 0; i < 16; i++) {
    code += (i > 0 && i % 4 === 0 ? "-" : "") + alphabet[Number(bits & 31n)];
    bits >>= 5n;
  }
  return code;
}

/** @throws {TypeError | RangeError} not a key in Z85 */
export function checkKey(key: unknown, name: string): asserts key is string {
  if (typeof key !== "string") throw new TypeError(`${name}: not a string`);
  if (key.length !== 40) throw new RangeError(`${name}: a key has 40 characters`);
  decodeZ85(key);
}

// Node takes X25519 keys in PKCS #8 and SPKI, whose fixed beginnings these are; CURVE's keys are the same numbers.
const SECRET_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

function privateKeyOf(secretKey: string): KeyObject {
  const key = Buffer.concat([SECRET_PREFIX, decodeZ85(secretKey)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function publicKeyOf(publicKey: string): KeyObject {
  const key = Buffer.concat([PUBLIC_PREFIX, decodeZ85(publicKey)]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

function publicOf(secretKey: string): string {
  const key = createPublicKey(privateKeyOf(secretKey));
  return encodeZ85(key.export({ format: "der", type: "spki" }).subarray(-32));
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Writes a file that only its owner reads, whole or not at all. */
function writePrivate(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  const half = `${file}.${process.pid}`;
  writeFileSync(half, text, { mode: 0o600 });
  chmodSync(half, 0o600);
  renameSync(half, file);
}
