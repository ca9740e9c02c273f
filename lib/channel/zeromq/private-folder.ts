import { mkdirSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { TransportError } from "../../errors";
import type { Address } from "../address";

/**
 * Check that the folder of an `ipc://` address is private. Create it if it is missing.
 *
 * A connection without keys is only as private as the address at which the parties meet. At 127.0.0.1 every user of the
 * machine can connect instead of the other party, or listen before party 0 does. They cannot reach a Unix socket in a
 * folder that only its owner may enter, whatever the mode of the socket itself.
 *
 * @throws {TransportError} `refused`: others may enter the folder; the message says what to do
 */
export function requirePrivateFolder({ path, text }: Address): void {
  if (path === undefined) return;
  const refuse = (why: string) => {
    throw new TransportError(
      "refused",
      `${text} ${why}, so other users of this machine could connect instead of the other party, or listen instead of ` +
        `party 0. Use a path in a folder of your own, such as ipc://${example()}, and chmod 700 that folder; or make ` +
        "keys with `spdzlab keygen` and set encrypted: true. (To allow this anyway, set insecurePlaintext: true.)",
    );
  };
  // An abstract socket has a name but no folder.
  if (path.startsWith("@")) refuse("is open to everybody on this machine");
  const folder = dirname(resolve(path));
  const found = look(folder) ?? make(folder);
  if (found.uid !== process.getuid?.()) refuse(`is in ${folder}, which belongs to another user`);
  if ((found.mode & 0o077) !== 0)
    refuse(`is in ${folder}, which others may enter (its mode is ${(found.mode & 0o777).toString(8)})`);
}

const example = () => resolve(process.env["HOME"] ?? "/home/me", ".spdzlab", "line");
const look = (folder: string): Stats | undefined => statSync(folder, { throwIfNoEntry: false });

function make(folder: string): Stats {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return statSync(folder);
}
