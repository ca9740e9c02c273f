import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, scryptSync } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { curveKeyPair } from "zeromq";
import { decodeZ85, encodeZ85 } from "./z85";

/**
 * The identity of a party: a long-term CURVE key pair, and the one public key that it accepts at the other end. The
 * secret key stays in a file that only its owner can read. The public key goes to the other party as one line of text.
 *
 * An attacker who can change both lines in transit needs two keys of their own, m and m', for which both people see the
 * same code: code(a, m) = code(m', b). That is a collision between two lists, so a code of n bits takes 2^(n/2) guesses,
 * and the attacker can start as soon as the lines are visible. The code therefore has 50 digits, or 166 bits, which takes
 * 2^83 guesses. Each guess takes one scrypt (N = 2^14, r = 8, p = 1, RFC 7914: 16 MiB of memory), in case people compare
 * only a part of the code: a collision in any 25 digits takes 2^41 scrypts. The first version's code had 16 letters, 80
 * bits of one SHA-256, which takes 2^40 hashes.
 *
 * Why digits? People can read them in every language and do not confuse them. In a study with 1,047 participants (Dechand
 * et al., USENIX Security 2016) they did better than hexadecimal. Only sentences did better, and those need a word list
 * for each language. Signal shows 60 digits, 30 for each person, each from 5,200 iterations of SHA-512.
 *
 * Why not commit to the keys before sending the lines, as in ZRTP (RFC 6189), where four letters are then enough? It takes
 * one more message each way before the lines. The lines go by mail or chat, and people would send both messages at once.
 */

const KEY_FILE = "key.json";
const PEER_FILE = "peer.txt";
const DEALER_FILE = "dealer.txt";
const PARTIES_FILE = "parties.txt";
const WORKERS_FILE = "workers.txt";
const LINE = /^spdzlab-key-([A-Za-z0-9_-]{43})$/;
/** Follows a key in a file if the present kind of code was shown for it. The first version wrote nothing there. */
const COMPARED = " code-2";
const CODE_DIGITS = 50;
const CODE_GROUP = 5;
const CODE_SCRYPT = { N: 2 ** 14, r: 8, p: 1 };

/** A key pair whose secret half never appears in a log, an error or JSON. */
export class Keys {
  /** In Z85, as ZeroMQ expects it. */
  readonly publicKey: string;
  readonly #secretKey: string;

  /** @throws {RangeError} the keys are not a pair */
  constructor(publicKey: string, secretKey: string) {
    checkKey(publicKey, "publicKey");
    checkKey(secretKey, "secretKey");
    if (publicOf(secretKey) !== publicKey)
      throw new RangeError("keys: the public key does not belong to the secret key");
    this.publicKey = publicKey;
    this.#secretKey = secretKey;
  }

  static generate(): Keys {
    const { publicKey, secretKey } = curveKeyPair();
    return new Keys(publicKey, secretKey);
  }

  /** Return the secret half. Use it only for the socket and the key file. */
  revealSecretKey(): string {
    return this.#secretKey;
  }

  /**
   * Compute 32 bytes that only the holders of these keys and of the other keys can compute (X25519), for a proof within an
   * encrypted connection. Hash them together with what they are to prove.
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
 * Return the folder for keys: SPDZ_CONFIG if it is set, or else by the platform's convention: `$XDG_CONFIG_HOME/spdzlab`
 * or `~/.config/spdzlab`; on macOS `~/Library/Preferences/spdzlab`.
 */
export function configFolder(environment = process.env, platform: string = process.platform): string {
  if (environment.SPDZ_CONFIG) return environment.SPDZ_CONFIG;
  const home = environment.HOME || homedir();
  if (platform === "darwin") return join(home, "Library", "Preferences", "spdzlab");
  return join(environment.XDG_CONFIG_HOME || join(home, ".config"), "spdzlab");
}

/**
 * Create a key pair and save it in the folder.
 *
 * @param replace - whether to overwrite an existing pair; the peer must then be given the new public key
 * @throws {RangeError} a pair exists already
 */
export function createKeys(folder = configFolder(), replace = false): Keys {
  const keys = Keys.generate();
  const text = JSON.stringify({ publicKey: keys.publicKey, secretKey: keys.revealSecretKey() }, null, 2);
  const file = join(folder, KEY_FILE);
  if (!replace && exists(file)) throw new RangeError(`${file}: keys exist already`);
  writePrivate(folder, KEY_FILE, `${text}\n`);
  return keys;
}

/**
 * @returns the keys in the folder, or undefined if there are none
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
    // Hide the parser's message: it might quote the secret.
    throw new RangeError(`${file}: this is not a key file of spdzlab. Make new keys.`);
  }
}

/** A public key that was accepted. */
export interface PairedKey {
  /** In Z85. */
  readonly key: string;
  /** It was accepted by the first version, whose code can be forged. */
  readonly old: boolean;
}

/** Save the only public key that the other end may have. The caller shows its code. */
export function savePeerKey(peerKey: string, folder = configFolder()): void {
  checkKey(peerKey, "peerKey");
  saveKeys([{ key: peerKey, old: false }], folder, PEER_FILE);
}

/**
 * @returns the peer's public key in Z85, or undefined if there is none
 * @throws {RangeError} the file is damaged
 */
export function readPeerKey(folder = configFolder()): string | undefined {
  return readPeer(folder)?.key;
}

/** Read the key, with how it was paired. */
export function readPeer(folder = configFolder()): PairedKey | undefined {
  return readSavedKey(folder, PEER_FILE);
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
  saveKeys([{ key: dealerKey, old: false }], folder, DEALER_FILE);
}

/**
 * @returns the dealer's public key in Z85; undefined when there is none
 * @throws {RangeError} the file is damaged
 */
export function readDealerKey(folder = configFolder()): string | undefined {
  return readDealer(folder)?.key;
}

/** Read the key, with how it was paired. */
export function readDealer(folder = configFolder()): PairedKey | undefined {
  return readSavedKey(folder, DEALER_FILE);
}

/** Save, at a notebook, the public key of its own organisation's workers. */
export function saveWorkersKey(workersKey: string, folder = configFolder()): void {
  checkKey(workersKey, "workersKey");
  saveKeys([{ key: workersKey, old: false }], folder, WORKERS_FILE);
}

/**
 * @returns the workers' public key in Z85, or undefined if there is none
 * @throws {RangeError} the file is damaged
 */
export function readWorkersKey(folder = configFolder()): string | undefined {
  return readSavedKey(folder, WORKERS_FILE)?.key;
}

/** Return the workers' folder for keys, separate from the notebook's on the same machine. */
export function workersFolder(): string {
  return join(configFolder(), "workers");
}

/** Return the dealer's own folder for keys, separate from a party's on the same machine. */
export function dealerFolder(): string {
  return join(configFolder(), "dealer");
}

/** At the dealer, save the public keys of the parties that it serves. A plain string is a key that is accepted now. */
export function savePartyKeys(parties: readonly (string | PairedKey)[], folder = dealerFolder()): void {
  const keys = parties.map((party) => (typeof party === "string" ? { key: party, old: false } : party));
  for (const { key } of keys) checkKey(key, "publicKeys");
  saveKeys(keys, folder, PARTIES_FILE);
}

/**
 * @returns the public keys in Z85 of the parties that the dealer serves
 * @throws {RangeError} the file is damaged
 */
export function readPartyKeys(folder = dealerFolder()): string[] {
  return readParties(folder).map(({ key }) => key);
}

/** Read the parties' keys, with how they were paired. */
export function readParties(folder = dealerFolder()): PairedKey[] {
  return readSavedKeys(folder, PARTIES_FILE);
}

function saveKeys(keys: readonly PairedKey[], folder: string, file: string): void {
  writePrivate(
    folder,
    file,
    keys.map(({ key, old }) => `${publicLine(key)}${old ? "" : COMPARED}\n`).join(""),
  );
}

function readSavedKey(folder: string, file: string): PairedKey | undefined {
  if (!exists(join(folder, file))) return undefined;
  const keys = readSavedKeys(folder, file);
  if (keys.length !== 1)
    throw new RangeError(`${join(folder, file)} must hold one key, but holds ${keys.length}`);
  return keys[0];
}

function readSavedKeys(folder: string, name: string): PairedKey[] {
  const file = join(folder, name);
  if (!exists(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n").filter(Boolean);
  return lines.map((line) => ({
    key: parsePublicLine(line.endsWith(COMPARED) ? line.slice(0, -COMPARED.length) : line),
    old: !line.endsWith(COMPARED),
  }));
}

/** Return the line that a party sends to the other. It is safe in mail, chat and a shell. */
export function publicLine(publicKey: string): string {
  return `spdzlab-key-${Buffer.from(decodeZ85(publicKey)).toString("base64url")}`;
}

/**
 * @returns the public key in Z85
 * @throws {RangeError} it is not such a line
 */
export function parsePublicLine(line: string): string {
  const key = LINE.exec(line.trim())?.[1];
  if (key === undefined)
    throw new RangeError("not a public key of spdzlab: use the single line that begins with spdzlab-key-");
  return encodeZ85(Buffer.from(key, "base64url"));
}

/**
 * Return the pairing code: 50 digits in groups of 5. Two people see the same code if both hold the same two public keys,
 * and compare all of it over the telephone. The head of this file says what it takes to forge one.
 */
export function pairingCode(publicKey: string, peerKey: string): string {
  const keys = [publicKey, peerKey].sort().join(" ");
  const hash = scryptSync(keys, "spdzlab pairing code 2", 64, { ...CODE_SCRYPT, maxmem: 2 ** 26 });
  const number = BigInt(`0x${hash.toString("hex")}`) % 10n ** BigInt(CODE_DIGITS);
  const digits = number.toString().padStart(CODE_DIGITS, "0");
  const groups = Array.from({ length: CODE_DIGITS / CODE_GROUP }, (_, i) =>
    digits.slice(i * CODE_GROUP, (i + 1) * CODE_GROUP),
  );
  return groups.join("-");
}

/** Explain why a pairing of the first version is not good enough, and what to do. */
export function explainOldPairing(whom: string, command: string): string {
  return (
    `The key of ${whom} was accepted by an earlier version of spdzlab, whose code of 16 letters somebody between the ` +
    "two of you could have forged with some days of computing. Compare the new code of 50 digits by voice " +
    `(\`spdzlab pair\` shows it), then run \`${command}\` again with the same line.`
  );
}

/** @throws {TypeError | RangeError} the key is not a key in Z85 */
export function checkKey(key: unknown, name: string): asserts key is string {
  if (typeof key !== "string") throw new TypeError(`${name} must be a string, got ${typeof key}`);
  if (key.length !== 40) throw new RangeError(`${name} must have 40 characters, got ${key.length}`);
  decodeZ85(key);
}

// Node expects X25519 keys in PKCS #8 and SPKI; these are the fixed prefixes. CURVE's keys are the same numbers.
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

/** Write a file that only its owner can read, entirely or not at all. */
function writePrivate(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  const half = `${file}.${process.pid}`;
  writeFileSync(half, text, { mode: 0o600 });
  chmodSync(half, 0o600);
  renameSync(half, file);
}
