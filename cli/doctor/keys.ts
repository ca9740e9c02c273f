/** Check that this party's keys exist and that only this user can read them. Never show them. */

import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { configFolder, explainOldPairing, readDealer, readKeys, readPeer } from "../../lib/channel/keys/keys";
import { type Check, failure, ok, warning } from "./finding";

export const keys: Check = {
  name: "Keys",
  run() {
    const folder = configFolder();
    const secret = join(folder, "key.json");
    const modes = [folder, secret].map((path) => statSync(path, { throwIfNoEntry: false })?.mode);
    const [folderMode = 0, secretMode] = modes;
    if (secretMode === undefined && process.env.SPDZ_CONFIG) {
      return failure(
        `SPDZ_CONFIG is ${folder}, which contains no keys.`,
        "Run spdzlab keygen, or unset SPDZ_CONFIG.",
      );
    }
    if (secretMode === undefined) {
      const others = otherUsers();
      if (others === 0) {
        return warning(
          "There are no keys. Two notebooks on one machine need none, but two machines do.",
          "spdzlab keygen",
        );
      }
      return warning(
        `There are no keys, and ${others === 1 ? "another user has an account" : `${others} other users have accounts`} ` +
          "here. At the default address, tcp://127.0.0.1:29500, any user of this machine can connect instead of the other " +
          "party.",
        "Run spdzlab keygen. Or, for two notebooks of your own, set SPDZ_BIND and SPDZ_PEER to ipc:// with a path in a " +
          "folder that only you may enter.",
      );
    }
    if ((secretMode & 0o077) !== 0) return failure(`Other users can read ${secret}.`, `chmod 600 ${secret}`);
    // Anyone who can write to the folder can replace the key.
    if ((folderMode & 0o022) !== 0)
      return failure(`Other users can change the files in ${folder}.`, `chmod 700 ${folder}`);
    const mine = attempt(() => readKeys(folder));
    if (mine === undefined) {
      return failure(
        `${secret} is not a key file of spdzlab.`,
        "Run spdzlab keygen --force, and send your new line to the other party.",
      );
    }
    const line = "Run spdzlab pair LINE, with the line that the other party sends you.";
    const peer = attempt(() => readPeer(folder) ?? "none");
    if (peer === undefined) return failure("The other party's key in peer.txt is damaged.", line);
    if (peer === "none") return warning("There are keys, but no other party is paired.", line);
    if (peer.key === mine.publicKey) return failure("The other party's key is this party's own.", line);
    if (peer.old) return warning(explainOldPairing("the other party", "spdzlab pair LINE"), "spdzlab pair");
    if (attempt(() => readDealer(folder))?.old) {
      const again = "spdzlab pair --dealer LINE";
      return warning(explainOldPairing("the dealer", again), again);
    }
    return ok(`Keys are in ${folder}, readable only by you, and paired with another party.`);
  },
};

/** Return how many other people can log in here, according to the list of accounts (on Linux). */
function otherUsers(): number {
  const { uid } = userInfo();
  const lines = (attempt(() => readFileSync("/etc/passwd", "utf8")) ?? "").split("\n");
  const people = lines.filter((line) => {
    const [, , id = "", , , , shell = ""] = line.split(":");
    return Number(id) >= 1000 && Number(id) < 60_000 && Number(id) !== uid && !/(nologin|false)$/.test(shell);
  });
  return people.length;
}

// Drop the parser's error: its message may quote the secret.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
