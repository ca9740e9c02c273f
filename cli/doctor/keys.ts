/** This party's keys: that they are there and that nobody else reads them. They are never shown. */

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
        `SPDZ_CONFIG names ${folder}, and there are no keys.`,
        "spdzlab keygen, or unset SPDZ_CONFIG",
      );
    }
    if (secretMode === undefined) {
      const others = otherUsers();
      if (others === 0) {
        return warning(
          "There are no keys: enough for two notebooks on one machine, not for two machines.",
          "spdzlab keygen",
        );
      }
      return warning(
        `There are no keys, and ${others === 1 ? "another user has an account" : `${others} other users have accounts`} ` +
          "here: at the default address, tcp://127.0.0.1:29500, each user of this machine could come in the other party's " +
          "place.",
        "spdzlab keygen; or, for two notebooks of your own, SPDZ_BIND and SPDZ_PEER with ipc:// and a path in a folder " +
          "that you alone may enter",
      );
    }
    if ((secretMode & 0o077) !== 0) return failure(`Others may read ${secret}.`, `chmod 600 ${secret}`);
    // Who may write in the folder may put another key there.
    if ((folderMode & 0o022) !== 0)
      return failure(`Others may change what is in ${folder}.`, `chmod 700 ${folder}`);
    const mine = attempt(() => readKeys(folder));
    if (mine === undefined) {
      return failure(
        `${secret} is no key file of spdzlab.`,
        "spdzlab keygen --force, and send the other party your new line",
      );
    }
    const line = "spdzlab pair LINE, with the line that the other party sends you";
    const peer = attempt(() => readPeer(folder) ?? "none");
    if (peer === undefined) return failure("The other party's key in peer.txt is damaged.", line);
    if (peer === "none") return warning("There are keys, but no other party is paired.", line);
    if (peer.key === mine.publicKey) return failure("The other party's key is this party's own.", line);
    if (peer.old) return warning(explainOldPairing("the other party", "spdzlab pair LINE"), "spdzlab pair");
    if (attempt(() => readDealer(folder))?.old) {
      const again = "spdzlab pair --dealer LINE";
      return warning(explainOldPairing("the dealer", again), again);
    }
    return ok(`In ${folder}, readable by you only; paired with another party.`);
  },
};

/** How many people besides this one can log in here, as far as the list of accounts tells (on Linux). */
function otherUsers(): number {
  const { uid } = userInfo();
  const lines = (attempt(() => readFileSync("/etc/passwd", "utf8")) ?? "").split("\n");
  const people = lines.filter((line) => {
    const [, , id = "", , , , shell = ""] = line.split(":");
    return Number(id) >= 1000 && Number(id) < 60_000 && Number(id) !== uid && !/(nologin|false)$/.test(shell);
  });
  return people.length;
}

// What a parser says might quote the secret.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
