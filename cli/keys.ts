/** `spdzlab keygen` and `spdzlab pair`: keys for encrypted connections, and whom to let in. */

import { readFileSync, statSync } from "node:fs";
import {
  configFolder,
  createKeys,
  dealerFolder,
  explainOldPairing,
  type Keys,
  pairingCode,
  parsePublicLine,
  publicLine,
  readKeys,
  readParties,
  readPeer,
  saveDealerKey,
  savePartyKeys,
  savePeerKey,
} from "../lib/channel/keys/keys";

/**
 * Makes this party's long-term keys; gives what to tell the person.
 *
 * @param force - replace keys that are there
 * @throws {RangeError} there are keys already
 */
export function keygen(force: boolean): string {
  const folder = configFolder();
  const { publicKey } = createKeys(folder, force);
  return [
    `Made keys in ${folder}; the secret one stays there.`,
    "Send the other party this line, and take in the line it sends you with `spdzlab pair LINE`:",
    "",
    publicLine(publicKey),
  ].join("\n");
}

/**
 * Makes the dealer's long-term keys; gives what to tell the person.
 *
 * @param force - replace keys that are there
 * @throws {RangeError} there are keys already
 */
export function keygenDealer(force: boolean, folder = dealerFolder()): string {
  const { publicKey } = createKeys(folder, force);
  return [
    `Made the dealer's keys in ${folder}; the secret one stays there.`,
    "Send both parties this line; each takes it in with `spdzlab pair --dealer LINE`. Take in the lines that they send",
    "with `spdzlab pair --party dealer LINE`, one after another:",
    "",
    publicLine(publicKey),
  ].join("\n");
}

/**
 * Takes in the dealer's public key at a party; gives what to tell the person.
 *
 * @param line - the dealer's line, or a file that holds it
 * @throws {RangeError} there are no keys yet, or it is no public key
 */
export function pairDealer(line: string): string {
  const keys = requireKeys("spdzlab keygen");
  const dealerKey = parsePublicLine(textOf(line));
  if (dealerKey === keys.publicKey) throw new RangeError("this is your own public key: add the dealer's");
  saveDealerKey(dealerKey);
  return [
    "The dealer, a helper trusted not to collude with either party, is:",
    "",
    publicLine(dealerKey),
    "",
    "Your line, to send to the dealer:",
    "",
    publicLine(keys.publicKey),
    "",
    `Compare this code with whoever runs the dealer, by voice: ${pairingCode(keys.publicKey, dealerKey)}`,
    ...HOW_TO_COMPARE,
  ].join("\n");
}

/**
 * Adds a party to those that the dealer serves, or shows them; gives what to tell the person.
 *
 * @param line - a party's line, or a file that holds it
 * @throws {RangeError} the dealer has no keys yet, or it is no public key
 */
export function pairAtDealer(line: string | undefined, folder = dealerFolder()): string {
  const keys = requireKeys("spdzlab keygen --party dealer", folder);
  let known = readParties(folder);
  if (line !== undefined) {
    const key = parsePublicLine(textOf(line));
    if (key === keys.publicKey) throw new RangeError("this is the dealer's own public key: add a party's");
    known = [...known.filter((party) => party.key !== key), { key, old: false }];
    savePartyKeys(known, folder);
  }
  return [
    "The dealer's line, to send to the parties:",
    "",
    publicLine(keys.publicKey),
    "",
    known.length === 0
      ? "It serves nobody yet: `spdzlab pair --party dealer LINE` with the line of each party."
      : "It serves, each with the code to compare by voice:",
    "",
    ...known.flatMap(({ key, old }) => [
      publicLine(key),
      `  ${pairingCode(keys.publicKey, key)}`,
      ...(old ? [`  ${explainOldPairing("this party", "spdzlab pair --party dealer LINE")}`] : []),
    ]),
    ...(known.length > 0 ? HOW_TO_COMPARE : []),
  ].join("\n");
}

/**
 * Takes in the other party's public key, or shows where pairing stands; gives what to tell the person.
 *
 * @param line - the other party's line, or a file that holds it
 * @throws {RangeError} there are no keys yet, or it is no public key
 */
export function pair(line: string | undefined): string {
  const keys = requireKeys("spdzlab keygen");
  const own = ["Your line, to send to the other party:", "", publicLine(keys.publicKey), ""];
  if (line !== undefined) {
    const peerKey = parsePublicLine(textOf(line));
    if (peerKey === keys.publicKey)
      throw new RangeError("this is your own public key: add the other party's");
    savePeerKey(peerKey);
  }
  const peer = readPeer();
  if (peer === undefined) {
    return [...own, "No other party is paired yet: `spdzlab pair LINE` with the line it sends you."].join(
      "\n",
    );
  }
  return [
    ...own,
    "Paired with:",
    "",
    publicLine(peer.key),
    "",
    `Compare this code with the other party, by voice: ${pairingCode(keys.publicKey, peer.key)}`,
    ...HOW_TO_COMPARE,
    ...(peer.old ? ["", explainOldPairing("the other party", "spdzlab pair LINE")] : []),
  ].join("\n");
}

const HOW_TO_COMPARE = [
  "Compare all ten groups: one of you reads five of them aloud, the other one the rest. If any digit differs, somebody",
  "changed a line on its way: send the lines again in another manner. If the other side's code has letters, an earlier",
  "version of spdzlab made it: install this version there, and let both sides run `spdzlab pair` again.",
];

function requireKeys(command: string, folder = configFolder()): Keys {
  const keys = readKeys(folder);
  if (!keys) throw new RangeError(`there are no keys yet: run \`${command}\` first`);
  return keys;
}

/** What a file holds, where the text is a file's name. */
function textOf(text: string): string {
  return isFile(text) ? readFileSync(text, "utf8") : text;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
