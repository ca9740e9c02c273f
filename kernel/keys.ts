/** `spdzlab keygen` and `spdzlab pair`: keys for an encrypted connection, and whom to let in. */

import { readFileSync, statSync } from "node:fs";
import {
  configFolder,
  createKeys,
  pairingCode,
  parsePublicLine,
  publicLine,
  readKeys,
  readPeerKey,
  savePeerKey,
} from "../lib/channel/keys";

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
 * Takes in the other party's public key, or shows where pairing stands; gives what to tell the person.
 *
 * @param line - the other party's line, or a file that holds it
 * @throws {RangeError} there are no keys yet, or it is no public key
 */
export function pair(line: string | undefined): string {
  const keys = readKeys();
  if (!keys) throw new RangeError("there are no keys yet: run `spdzlab keygen` first");
  const own = ["Your line, to send to the other party:", "", publicLine(keys.publicKey), ""];
  if (line !== undefined) {
    const peerKey = parsePublicLine(isFile(line) ? readFileSync(line, "utf8") : line);
    if (peerKey === keys.publicKey) throw new RangeError("this is your own line: take in the other party's");
    savePeerKey(peerKey);
  }
  const peerKey = readPeerKey();
  if (peerKey === undefined) {
    return [...own, "No other party is paired yet: `spdzlab pair LINE` with the line it sends you."].join(
      "\n",
    );
  }
  return [
    ...own,
    "Paired with:",
    "",
    publicLine(peerKey),
    "",
    `Compare this code with the other party, by voice: ${pairingCode(keys.publicKey, peerKey)}`,
    "If it differs, somebody changed a line on its way: send the lines again in another manner.",
  ].join("\n");
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
