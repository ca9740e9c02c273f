/** Check Python, Jupyter and the kernelspec. The kernel itself needs neither Python nor Jupyter. */

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { packageRoot } from "../../kernel/package";
import { userDataFolder } from "../install";
import { type Check, failure, ok, warning } from "./finding";

export const python: Check = {
  name: "Python",
  run() {
    const found = ["python3", "python"]
      .map((name) => ({ name, version: versionOf(name) }))
      .find((it) => it.version);
    if (found) return ok(`${found.version}, ${which(found.name)}`);
    return warning(
      "There is no python3 in PATH. The kernel does not need it, but Jupyter does.",
      "Debian, Ubuntu: sudo apt install python3 python3-venv\nmacOS: brew install python",
    );
  },
};

export const jupyter: Check = {
  name: "Jupyter",
  run() {
    const command = which("jupyter") ?? which("jupyter-lab");
    const advice =
      "In a virtual environment: pip install jupyterlab\nThen make this kernel known to it: spdzlab install";
    if (command === undefined) return warning("There is no jupyter in PATH.", advice);
    const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8", timeout: 60_000 });
    if (status !== 0) return warning(`${command} does not run.`, advice);
    const parts = [...stdout.matchAll(/^(jupyterlab|notebook|jupyter_client)\s*: *(\d\S*)/gm)];
    const versions =
      parts.map(([, name, version]) => `${name} ${version}`).join(", ") || stdout.trim().split("\n")[0];
    return ok(`${versions}, ${command}`);
  },
};

/** @param name - the kernel's name in Jupyter */
export function kernelspec(name: string): Check {
  return {
    name: "Kernelspec",
    run() {
      const folders = dataFolders().map((folder) => join(folder, "kernels", name.toLowerCase()));
      const folder = folders.find((it) => existsSync(join(it, "kernel.json")));
      const install = `spdzlab install${name === "spdzlab" ? "" : ` --name ${name}`}`;
      if (folder === undefined) {
        return failure(
          `Jupyter does not know a kernel "${name}".`,
          `${install}\nTo install into an environment, activate it, then: ${install} --sys-prefix`,
        );
      }
      const again = `Install it again: ${install} (with the same --sys-prefix or --prefix as before)`;
      const argv = argvOf(join(folder, "kernel.json"));
      if (argv === undefined)
        return failure(`${folder} contains no kernelspec that spdzlab can read.`, again);
      const [node, cli] = argv.filter((part) => !part.startsWith("--")) as [string, string];
      const missing = [node, cli].find((path) => !existsSync(path));
      if (missing !== undefined) return failure(`${folder} starts ${missing}, which does not exist.`, again);
      const flags = argv.slice(1, argv.indexOf(cli));
      if (spawnSync(node, [...flags, "--version"]).status !== 0) {
        return failure(`${folder} starts ${node} with ${flags.join(" ")}, which this Node refuses.`, again);
      }
      const own = join(packageRoot, "dist/cli/main.js");
      if (!existsSync(own) || realpathSync(cli) !== realpathSync(own)) {
        return warning(`${folder} starts a different spdzlab: ${cli}`, again);
      }
      return ok(folder);
    },
  };
}

/** Return the folders where Jupyter looks for kernels, as far as we know without running it. */
function dataFolders(): string[] {
  const { JUPYTER_PATH, VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const command = which("jupyter") ?? which("jupyter-lab");
  // The command in PATH may be a link into an environment.
  const bins = command === undefined ? [] : [dirname(command), dirname(realpathSync(command))];
  const prefixes = [
    VIRTUAL_ENV,
    CONDA_PREFIX,
    ...bins.map(dirname),
    join(homedir(), ".local"),
    "/usr/local",
    "/usr",
  ];
  return [
    ...(JUPYTER_PATH ?? "").split(delimiter).filter(Boolean),
    userDataFolder(),
    ...prefixes.filter((prefix) => prefix).map((prefix) => join(prefix!, "share/jupyter")),
  ];
}

function argvOf(file: string): string[] | undefined {
  try {
    const { argv } = JSON.parse(readFileSync(file, "utf8"));
    const strings = Array.isArray(argv) && argv.every((part) => typeof part === "string");
    // The first two that are not options are Node and the script that it starts.
    return strings && argv.filter((part) => !part.startsWith("--")).length >= 2 ? argv : undefined;
  } catch {
    return undefined;
  }
}

/** Return the path of a command. Undefined if it is not in PATH. */
function which(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function versionOf(name: string): string | undefined {
  const { status, stdout } = spawnSync(name, ["--version"], { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? stdout.trim() : undefined;
}
