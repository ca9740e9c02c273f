import { createHash, randomBytes } from "node:crypto";
import { TransportError } from "../../errors";
import type { Party, Settings } from "../channel";
import { malformed, PROTOCOL_VERSION, SESSION_BYTES } from "./frame";

/**
 * The handshake. Each side sends a hello with a fresh nonce, the peer's nonce if it knows it, and the settings on which
 * both must agree. The session id is derived from both nonces, so neither one side alone nor a replayed frame can
 * determine it.
 */

export const NONCE_BYTES = 16;
const MAX_SETTINGS_BYTES = 16 * 1024;
const MAX_SETTINGS = 64;

export interface Hello {
  /** Fresh for each channel, so a peer that shows a different one was restarted. */
  readonly nonce: Uint8Array;
  /** The other side's nonce; all zero if the sender has not received it yet. */
  readonly echo: Uint8Array;
  readonly settings: Settings;
}

export function drawNonce(): Uint8Array {
  return randomBytes(NONCE_BYTES);
}

/**
 * Check and copy a caller's settings.
 *
 * @throws {TypeError | RangeError} they are not a small record of strings
 */
export function checkSettings(settings: Settings): Settings {
  const entries = Object.entries(settings);
  for (const [name, value] of entries) {
    if (typeof value !== "string") throw new TypeError(`settings.${name} must be a string`);
  }
  const copy = Object.fromEntries(entries);
  if (entries.length > MAX_SETTINGS || Buffer.byteLength(JSON.stringify(copy)) > MAX_SETTINGS_BYTES) {
    throw new RangeError(`settings may have at most ${MAX_SETTINGS} entries and ${MAX_SETTINGS_BYTES} bytes`);
  }
  return copy;
}

export function encodeHello({ nonce, echo, settings }: Hello): Uint8Array {
  return Buffer.concat([nonce, echo, Buffer.from(JSON.stringify(settings))]);
}

/** @throws {TransportError} `malformed` */
export function decodeHello(body: Uint8Array): Hello {
  const text = 2 * NONCE_BYTES;
  if (body.length < text || body.length > text + MAX_SETTINGS_BYTES)
    throw malformed("a hello of the wrong length");
  let settings: unknown;
  try {
    settings = JSON.parse(Buffer.from(body.subarray(text)).toString("utf8"));
  } catch {
    throw malformed("a hello without settings");
  }
  if (settings === null || typeof settings !== "object" || Array.isArray(settings)) {
    throw malformed("a hello without settings");
  }
  const entries = Object.entries(settings);
  if (entries.length > MAX_SETTINGS || entries.some(([, value]) => typeof value !== "string")) {
    throw malformed("a hello with invalid settings");
  }
  return {
    nonce: body.slice(0, NONCE_BYTES),
    echo: body.slice(NONCE_BYTES, text),
    settings: Object.fromEntries(entries) as Settings,
  };
}

/** Derive the session id from both nonces; the same on both sides. */
export function sessionId(party: Party, own: Uint8Array, peer: Uint8Array): Uint8Array {
  const [first, second] = party === 0 ? [own, peer] : [peer, own];
  const hash = createHash("sha256").update("spdzlab session").update(first).update(second).digest();
  return new Uint8Array(hash.subarray(0, SESSION_BYTES));
}

/** Return the first difference between two sides, in the order of our own settings, or undefined if there is none. */
export function disagreement(
  own: { party: Party; settings: Settings },
  peer: { party: Party; settings: Settings },
): TransportError | undefined {
  if (own.party === peer.party) {
    return new TransportError(
      "mismatch",
      `both notebooks are party ${own.party}. One must use DistributedInterface(0), the other DistributedInterface(1).`,
    );
  }
  const names = [...Object.keys(own.settings), ...Object.keys(peer.settings)];
  for (const name of names) {
    const mine = Object.hasOwn(own.settings, name) ? own.settings[name] : undefined;
    const theirs = Object.hasOwn(peer.settings, name) ? peer.settings[name] : undefined;
    if (mine !== theirs) return mismatch(name, mine, theirs);
  }
  return undefined;
}

export function versionMismatch(theirs: number): TransportError {
  return mismatch("protocol version", String(PROTOCOL_VERSION), String(theirs));
}

function mismatch(name: string, mine: string | undefined, theirs: string | undefined): TransportError {
  return new TransportError(
    "mismatch",
    `the two notebooks disagree on "${printable(name)}": it is ${quoted(mine)} here and ${quoted(theirs)} at the ` +
      "other party. Set the same value on both sides, then create the interface again.",
  );
}

function quoted(value: string | undefined): string {
  return value === undefined ? "not set" : `"${printable(value)}"`;
}

/** Reduce the peer's text to a few plain characters before it is shown to a person. */
function printable(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?").replace(/[<>&"]/g, "?");
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}
