/** Install the kernel: write a kernelspec into a folder where Jupyter looks for one. */

import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { NODE_FLAGS } from "../kernel/node-flags";
import { packageRoot } from "../kernel/package";

/** Where to keep the kernelspec. Give at most one of the three. */
export interface Place {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

const logos = join(packageRoot, "kernel/logos");
const cli = join(packageRoot, "dist/cli/main.js");

/**
 * Write the kernelspec.
 *
 * @param env - `KEY=value` each
 * @returns the folder written
 * @throws {Error} the place is unknown, the name or a variable is malformed
 */
export function installKernel(
  place: Place,
  name: string,
  displayName: string,
  env: readonly string[],
): string {
  const folder = kernelFolder(place, name);
  const spec = {
    argv: [process.execPath, ...NODE_FLAGS, cli, "kernel", "--connection-file", "{connection_file}"],
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    env: Object.fromEntries(env.map(variable)),
    metadata: { debugger: false },
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  for (const file of readdirSync(logos)) copyFileSync(join(logos, file), join(folder, file));
  return folder;
}

/**
 * Remove the kernelspec.
 *
 * @throws {Error} no kernelspec has that name
 */
export function uninstallKernel(place: Place, name: string): string {
  const folder = kernelFolder(place, name);
  if (!existsSync(join(folder, "kernel.json"))) throw new Error(`No kernel "${name}" in ${folder}`);
  rmSync(folder, { recursive: true });
  return folder;
}

function kernelFolder({ user, sysPrefix, prefix }: Place, name: string): string {
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
    throw new Error(`a kernel name may contain only letters, digits, ".", "_" and "-", got "${name}"`);
  }
  if ([user, sysPrefix, prefix !== undefined].filter(Boolean).length > 1) {
    throw new Error("give at most one of --user, --sys-prefix and --prefix");
  }
  const share = (of: string) => join(resolve(of), "share", "jupyter");
  const data =
    prefix !== undefined ? share(prefix) : sysPrefix ? share(activeEnvironment()) : userDataFolder();
  return join(data, "kernels", name.toLowerCase());
}

function activeEnvironment(): string {
  const folder = process.env.VIRTUAL_ENV || process.env.CONDA_PREFIX;
  if (folder) return folder;
  throw new Error(
    "--sys-prefix: no environment is active. Activate a virtual or conda environment first, or give its folder with --prefix.",
  );
}

/** Where Jupyter keeps a user's data on this platform. */
export function userDataFolder(): string {
  const chosen = process.env.JUPYTER_DATA_DIR;
  if (chosen) return chosen;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

function variable(assignment: string): [string, string] {
  const at = assignment.indexOf("=");
  if (at < 1) throw new Error(`--env must be KEY=value, got ${assignment}`);
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}
