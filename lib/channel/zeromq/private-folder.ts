import { mkdirSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { TransportError } from "../../errors";
import type { Address } from "../address";

/**
 * A connection without keys is as private as the place where the parties meet. At 127.0.0.1 every user of the machine
 * can meet them: come in the other party's place, or listen first in party 0's. A Unix socket in a folder that its owner
 * alone may enter is out of their reach, whatever mode the socket itself has.
 *
 * A folder that is missing is made so, by whichever party comes first.
 *
 * @throws {TransportError} `refused`: others may enter the folder of an `ipc://` address; the message says what to do
 */
export function requirePrivateFolder({ path, text }: Address): void {
  if (path === undefined) return;
  const refuse = (why: string) => {
    throw new TransportError(
      "refused",
      `${text} ${why}, so other users of this machine could come in the other party's place, or listen in party 0's: ` +
        `name a path in a folder of your own, such as ipc://${example()}, and chmod 700 that folder; or make keys ` +
        "with `spdzlab keygen` and set encrypted: true. (insecurePlaintext: true goes without.)",
    );
  };
  // An abstract socket has a name and no folder.
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
