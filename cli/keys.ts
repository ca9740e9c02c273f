/** `spdzlab keygen` and `spdzlab pair`: keys for encrypted connections, and the parties to accept. */

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
  saveWorkersKey,
  workersFolder,
} from "../lib/channel/keys/keys";

/**
 * Create this party's long-term keys, and return a message for the user.
 *
 * @param force - replace existing keys
 * @throws {RangeError} keys exist already
 */
export function keygen(force: boolean): string {
  const folder = configFolder();
  const { publicKey } = createKeys(folder, force);
  return [
    `Created keys in ${folder}. Keep the secret key there.`,
    "Send this line to the other party. When you get the other party's line, run `spdzlab pair LINE` with it:",
    "",
    publicLine(publicKey),
  ].join("\n");
}

/**
 * Create the dealer's long-term keys, and return a message for the user.
 *
 * @param force - replace existing keys
 * @throws {RangeError} keys exist already
 */
export function keygenDealer(force: boolean, folder = dealerFolder()): string {
  const { publicKey } = createKeys(folder, force);
  return [
    `Created the dealer's keys in ${folder}. Keep the secret key there.`,
    "Send this line to both parties. Each of them runs `spdzlab pair --dealer LINE` with it. When you get their lines, run",
    "`spdzlab pair --party dealer LINE` with each of them:",
    "",
    publicLine(publicKey),
  ].join("\n");
}

/**
 * Save the dealer's public key at a party, and return a message for the user.
 *
 * @param line - the dealer's line, or a file that contains it
 * @throws {RangeError} there are no keys yet, or `line` is not a public key
 */
export function pairDealer(line: string): string {
  const keys = requireKeys("spdzlab keygen");
  const dealerKey = parsePublicLine(textOf(line));
  if (dealerKey === keys.publicKey)
    throw new RangeError("this is your own public key: give the dealer's line instead");
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
    `Compare this code by voice with the person who runs the dealer: ${pairingCode(keys.publicKey, dealerKey)}`,
    ...HOW_TO_COMPARE,
  ].join("\n");
}

/**
 * Create the keys that all workers of an organisation share, and return a message for the user.
 *
 * @param force - replace existing keys
 * @throws {RangeError} keys exist already
 */
export function keygenWorkers(force: boolean, folder = workersFolder()): string {
  const { publicKey } = createKeys(folder, force);
  return [
    `Created the workers' keys in ${folder}. Give this folder to every worker of your organisation, and to nobody else.`,
    "At your notebook, run `spdzlab pair --workers LINE` with this line. Then run `spdzlab pair --party workers LINE` here,",
    "with your notebook's line:",
    "",
    publicLine(publicKey),
  ].join("\n");
}

/**
 * Save the public key of this organisation's workers at its notebook, and return a message for the user.
 *
 * @param line - the workers' line, or a file that contains it
 * @throws {RangeError} there are no keys yet, or `line` is not a public key
 */
export function pairWorkers(line: string): string {
  const keys = requireKeys("spdzlab keygen");
  const workersKey = parsePublicLine(textOf(line));
  if (workersKey === keys.publicKey)
    throw new RangeError("this is your own public key: give the workers' line instead");
  saveWorkersKey(workersKey);
  return [
    "Your organisation's workers are:",
    "",
    publicLine(workersKey),
    "",
    "Your notebook's line, for `spdzlab pair --party workers LINE` at the workers:",
    "",
    publicLine(keys.publicKey),
    "",
    `If either line passed through other hands, compare this code on both sides: ${pairingCode(keys.publicKey, workersKey)}`,
  ].join("\n");
}

/**
 * Save the notebook's public key at its workers, or show it. Return a message for the user.
 *
 * @param line - the notebook's line, or a file that contains it
 * @throws {RangeError} the workers have no keys yet, or `line` is not a public key
 */
export function pairAtWorkers(line: string | undefined, folder = workersFolder()): string {
  const keys = requireKeys("spdzlab keygen --party workers", folder);
  if (line !== undefined) {
    const notebookKey = parsePublicLine(textOf(line));
    if (notebookKey === keys.publicKey)
      throw new RangeError("this is the workers' own public key: give the notebook's line instead");
    savePeerKey(notebookKey, folder);
  }
  const notebook = readPeer(folder);
  return [
    "The workers' line, for `spdzlab pair --workers LINE` at the notebook:",
    "",
    publicLine(keys.publicKey),
    "",
    ...(notebook
      ? ["They take tickets from this notebook only:", "", publicLine(notebook.key), ""]
      : ["They know no notebook yet: run `spdzlab pair --party workers LINE` with its line.", ""]),
    ...(notebook ? [`The code of both keys: ${pairingCode(keys.publicKey, notebook.key)}`] : []),
  ].join("\n");
}

/**
 * Add a party to those that the dealer serves, or show them. Return a message for the user.
 *
 * @param line - a party's line, or a file that contains it
 * @throws {RangeError} the dealer has no keys yet, or `line` is not a public key
 */
export function pairAtDealer(line: string | undefined, folder = dealerFolder()): string {
  const keys = requireKeys("spdzlab keygen --party dealer", folder);
  let known = readParties(folder);
  if (line !== undefined) {
    const key = parsePublicLine(textOf(line));
    if (key === keys.publicKey)
      throw new RangeError("this is the dealer's own public key: give a party's line instead");
    known = [...known.filter((party) => party.key !== key), { key, old: false }];
    savePartyKeys(known, folder);
  }
  return [
    "The dealer's line, to send to the parties:",
    "",
    publicLine(keys.publicKey),
    "",
    known.length === 0
      ? "It serves no party yet. Run `spdzlab pair --party dealer LINE` with the line of each party."
      : "It serves these parties. Compare each code by voice:",
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
 * Save the other party's public key, or show the current pairing. Return a message for the user.
 *
 * @param line - the other party's line, or a file that contains it
 * @throws {RangeError} there are no keys yet, or `line` is not a public key
 */
export function pair(line: string | undefined): string {
  const keys = requireKeys("spdzlab keygen");
  const own = ["Your line, to send to the other party:", "", publicLine(keys.publicKey), ""];
  if (line !== undefined) {
    const peerKey = parsePublicLine(textOf(line));
    if (peerKey === keys.publicKey)
      throw new RangeError("this is your own public key: give the other party's line instead");
    savePeerKey(peerKey);
  }
  const peer = readPeer();
  if (peer === undefined) {
    return [
      ...own,
      "No other party is paired yet. Run `spdzlab pair LINE` with the line that it sends you.",
    ].join("\n");
  }
  return [
    ...own,
    "Paired with:",
    "",
    publicLine(peer.key),
    "",
    `Compare this code with the other party by voice: ${pairingCode(keys.publicKey, peer.key)}`,
    ...HOW_TO_COMPARE,
    ...(peer.old ? ["", explainOldPairing("the other party", "spdzlab pair LINE")] : []),
  ].join("\n");
}

const HOW_TO_COMPARE = [
  "Compare all ten groups: one of you reads five of them aloud, the other one the rest. If any digit differs, somebody",
  "changed a line in transit: send the lines again in a different way. If the other side's code has letters, an earlier",
  "version of spdzlab made it: install this version there, and run `spdzlab pair` again on both sides.",
];

function requireKeys(command: string, folder = configFolder()): Keys {
  const keys = readKeys(folder);
  if (!keys) throw new RangeError(`there are no keys in ${folder}: run \`${command}\` first`);
  return keys;
}

/** Return the content of the file if `text` is the name of one, otherwise `text`. */
function textOf(text: string): string {
  return isFile(text) ? readFileSync(text, "utf8") : text;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
