/** The built kernel, which is what the tests start. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** The program. */
export const cli = join(root, "dist/cli/main.js");

/** Throws unless dist/ is at least as new as what it is built from. */
export function assertBuilt(): void {
  const newest = (folder: string): number =>
    Math.max(
      ...readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
        .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    );
  const built = existsSync(cli) ? statSync(cli).mtimeMs : 0;
  if (built < Math.max(...["cli", "kernel", "lib"].map((folder) => newest(join(root, folder))))) {
    throw new Error("dist/ is missing or older than the sources: run `npm run build` first");
  }
}
