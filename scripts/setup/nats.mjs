// Find or bring the NATS server for the tests: NATS_SERVER if it is set, else .setup/nats, else the one in PATH.
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { state } from "./paths.mjs";
import { howToGet } from "./problem.mjs";
import { progress } from "./progress.mjs";
import { run } from "./run.mjs";

const folder = `${state}nats`;
const own = `${folder}/usr/sbin/nats-server`;

/** @returns {string | undefined} the path of a server */
export function findNats(env = process.env) {
  if (env.NATS_SERVER) return runs(env.NATS_SERVER) ? env.NATS_SERVER : undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  return [own, ...folders.map((path) => join(path, "nats-server"))].find(runs);
}

/** Unpack Debian's package, without installing it. @returns {Promise<string | undefined>} the server, if there is one now */
export async function bringNats() {
  if (!existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-deb")) return undefined;
  const fresh = `${folder}.new`;
  try {
    await progress("NATS for the tests of the factory, from Debian's packages", async () => {
      rmSync(fresh, { recursive: true, force: true });
      mkdirSync(fresh, { recursive: true });
      await run("sh", ["-c", 'cd "$1" && apt-get download nats-server', "sh", fresh]);
      const file = readdirSync(fresh).find((name) => name.endsWith(".deb"));
      await run("dpkg-deb", ["-x", join(fresh, file), fresh]);
      rmSync(join(fresh, file));
      rmSync(folder, { recursive: true, force: true });
      renameSync(fresh, folder);
    });
  } catch (problem) {
    process.stderr.write(`${problem.message}\n${problem.remedy ?? ""}\n`);
  }
  return findNats();
}

/** Return the message for a machine without a server. */
export function withoutNats() {
  return `Skipped: the tests of the factory (test/factory), because there is no nats-server.
To run them: npm run setup:nats
It unpacks Debian's package into .setup/. Or install a server yourself, or set NATS_SERVER to its path:
${howToGet({
  debian: "sudo apt install nats-server",
  fedora: "https://nats.io/download",
  macos: "brew install nats-server",
})}\n`;
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
