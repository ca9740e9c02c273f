/**
 * Files of saved shares, one at each party.
 *
 * A file has a header in the clear, which holds only what both parties know, and the shares, sealed by AES-256-GCM under
 * the key of the party's store. The seal covers the header. Both files of a save have the same tag, which is drawn by both
 * parties, so that files of different saves are never loaded together.
 */
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Party } from "../channel/channel";
import { concatBytes, equalBytes } from "../crypto/bytes";
import { SavedError } from "../errors";
import { cannot } from "../files";
import type { Vault } from "../preprocessing/store/vault";
import type { SchemeName } from "../protocol/scheme";
import { VALUE_BITS } from "../tensor/fixed-point";
import { checkShape, type Shape, sizeOf } from "../tensor/shape";

const MAGIC = new TextEncoder().encode("spdzlab saved 1\n");
const LENGTH_BYTES = 4;
const MOST_HEADER = 1024 * 1024;
/** The nonce and the tag of the seal. */
const SEAL_BYTES = 12 + 16;
const PRINT_BYTES = 32;
/** The bytes of a save's tag, and of each party's part of it. */
export const TAG_BYTES = 32;
/** The most values of one file: their shares with MACs have 1 GiB. */
export const MAX_SAVED = 2 ** 25;
export const MAX_NAMES = 4096;
const LONGEST_NAME = 200;

/** A saved value, as both parties know it. */
export interface SavedValue {
  readonly name: string;
  readonly shape: Shape;
  readonly fracBits: number;
  readonly requiresGrad: boolean;
}

/** What a file says in the clear. */
export interface SavedHeader {
  readonly party: Party;
  readonly scheme: SchemeName;
  /** The identity of the store whose key seals it. */
  readonly store: string;
  /** The same in both files of a save, in hex. */
  readonly tag: string;
  readonly values: readonly SavedValue[];
}

/** Return what is wrong with a name; undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name.length > LONGEST_NAME)
    return `a name must have 1 to ${LONGEST_NAME} characters, got ${name.length}`;
  return /[\p{C}]/u.test(name) ? `${JSON.stringify(name)} has characters that cannot be printed` : undefined;
}

/** Count the elements of all values. */
export function elementsOf(values: readonly SavedValue[]): number {
  return values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Encode a file, in parts to write one after the other. */
export function encodeSaved(header: SavedHeader, vault: Vault, shares: Uint8Array): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = concatBytes(MAGIC, lengthBytes(text.length), text);
  const body = concatBytes(vault.keyPrint, shares);
  const sealed = vault.seal(nameOf(head), body);
  body.fill(0);
  return [head, sealed];
}

/** A file whose header was read and checked; its shares are still sealed. */
export interface OpenedFile {
  readonly path: string;
  readonly header: SavedHeader;
  /** Everything before the seal. */
  readonly head: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * Read a file, and check everything that can be checked without its key.
 *
 * @param elementBytes - of the session's shares
 * @throws {RangeError} there is no such file, or it cannot be read
 * @throws {SavedError} it is not a file of shares of this party and this kind of session, or was cut off
 */
export function readSaved(path: string, party: Party, scheme: SchemeName, elementBytes: number): OpenedFile {
  const whole = resolve(path);
  const bytes = readWhole(whole);
  const [head, header] = decodeHead(bytes, whole);
  if (header.party !== party)
    throw new SavedError(
      "foreign",
      `load: ${whole} is the file of party ${header.party}, and this is party ${party}; name the file that was saved at ` +
        "this party, because each party's file holds its own shares",
    );
  if (header.scheme !== scheme)
    throw new SavedError(
      "foreign",
      `load: ${whole} holds ${describeScheme(header.scheme)}, and this session works on ${describeScheme(scheme)}; make ` +
        "the session with the security that the values were saved with",
    );
  const sealed = bytes.subarray(head.length);
  const expected = SEAL_BYTES + PRINT_BYTES + elementsOf(header.values) * elementBytes;
  if (sealed.length !== expected)
    throw damaged(whole, `it has ${bytes.length} bytes instead of ${head.length + expected}`);
  return { path: whole, header, head, sealed };
}

/**
 * Open the shares of a file.
 *
 * @returns their bytes
 * @throws {SavedError} it was sealed by another store, or was changed
 */
export function unseal({ path, header, head, sealed }: OpenedFile, vault: Vault): Uint8Array {
  if (header.store !== vault.id)
    throw new SavedError(
      "foreign",
      `load: ${path} was saved under another store than that of this session, or under one that was destroyed since ` +
        "(after a failed or interrupted check, because the MAC key may be known). Open the session with the stores of " +
        "both parties that it was saved under, or compute the values again",
    );
  let opened: Uint8Array;
  try {
    opened = vault.open(nameOf(head), sealed);
  } catch (cause) {
    throw damaged(path, "its seal does not hold", cause);
  }
  if (!equalBytes(opened.subarray(0, PRINT_BYTES), vault.keyPrint))
    throw new SavedError(
      "foreign",
      `load: ${path} was saved under another MAC key than that of this session; compute the values again`,
    );
  return opened.subarray(PRINT_BYTES);
}

function nameOf(head: Uint8Array): string {
  return createHash("sha256").update(head).digest("hex");
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

function readWhole(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ELOOP")
      throw new RangeError(`load: ${path} is a link; name the file itself`, { cause });
    throw new RangeError(`load: ${cannot("read", path, cause).message}`, { cause });
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile())
      throw new RangeError(`load: ${path} is not a file; name the file that iface.save wrote`);
    const start = MAGIC.length + LENGTH_BYTES;
    const head = read(file, Math.min(found.size, start));
    const { length } = headerLength(head, path);
    // The header bounds the size, so that a wrong file is not read as a whole.
    if (found.size > start + length + SEAL_BYTES + PRINT_BYTES + MAX_SAVED * 32)
      throw damaged(path, "it is too long");
    return concatBytes(head, read(file, found.size - head.length));
  } finally {
    closeSync(file);
  }
}

function read(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const some = readSync(file, bytes, done, length - done, null);
    if (some === 0) break;
    done += some;
  }
  return bytes.subarray(0, done);
}

function headerLength(bytes: Uint8Array, path: string): { start: number; length: number } {
  const start = MAGIC.length + LENGTH_BYTES;
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    const [known] = new TextDecoder().decode(bytes).split("1\n");
    if (known === "spdzlab saved ") throw damaged(path, "it ends in its header");
    throw new SavedError(
      "foreign",
      `load: ${path} is not a file that this version of iface.save wrote; name the file that was saved at this party`,
    );
  }
  if (bytes.length < start) throw damaged(path, "it ends in its header");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length);
  if (length > MOST_HEADER) throw damaged(path, `its header says that it has ${length} bytes`);
  return { start, length };
}

function decodeHead(bytes: Uint8Array, path: string): [head: Uint8Array, header: SavedHeader] {
  const { start, length } = headerLength(bytes, path);
  if (bytes.length < start + length) throw damaged(path, "it ends in its header");
  const head = bytes.subarray(0, start + length);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head.subarray(start));
    return [head, checkHeader(JSON.parse(text))];
  } catch (cause) {
    throw damaged(path, "its header cannot be read", cause);
  }
}

/** @throws {Error} something in it is not as we write it */
function checkHeader(header: SavedHeader): SavedHeader {
  const { party, scheme, store, tag, values } = header;
  const sound =
    (party === 0 || party === 1) &&
    (scheme === "additive" || scheme === "authenticated") &&
    [store, tag].every((hex) => typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex)) &&
    Array.isArray(values) &&
    values.length <= MAX_NAMES &&
    values.every(isSavedValue) &&
    new Set(values.map(({ name }) => name)).size === values.length &&
    elementsOf(values) <= MAX_SAVED;
  if (!sound) throw new TypeError("a header that iface.save does not write");
  return header;
}

function isSavedValue({ name, shape, fracBits, requiresGrad }: SavedValue): boolean {
  return (
    typeof name === "string" &&
    nameProblem(name) === undefined &&
    Array.isArray(shape) &&
    checkShape(shape).length <= 64 &&
    Number.isInteger(fracBits) &&
    fracBits >= 0 &&
    fracBits <= VALUE_BITS &&
    typeof requiresGrad === "boolean"
  );
}

function describeScheme(scheme: SchemeName): string {
  return scheme === "authenticated"
    ? "shares with MACs (malicious security)"
    : "shares without MACs (semi-honest)";
}

function damaged(path: string, how: string, cause?: unknown): SavedError {
  return new SavedError(
    "damaged",
    `load: ${path} was cut off or changed (${how}), and nothing of it is used; load a copy of the file, or compute the ` +
      "values again",
    { cause },
  );
}
