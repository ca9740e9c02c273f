// Check the prerequisites of the set-up: Node, npm, and Python with venv.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { environment, root, venvPython } from "./paths.mjs";
import { howToGet, Problem } from "./problem.mjs";

const oldestPython = [3, 10];

export function checkNode(version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const wanted = Number(/\d+/.exec(engines.node)[0]);
  if (Number.parseInt(version, 10) >= wanted) return;
  throw new Problem(
    `Node ${version} is too old: spdzlab needs Node ${wanted} or newer.`,
    howToGet({
      debian: `the nodejs package of nodesource.com, or: nvm install ${wanted}`,
      fedora: "sudo dnf install nodejs",
      macos: "brew install node",
      other: "https://nodejs.org/en/download",
    }),
  );
}

/** Return the command for npm: the npm that runs us, otherwise the one in PATH. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith(".js")) return [process.execPath, cli];
  if (spawnSync("npm", ["--version"], { env: environment() }).status === 0) return ["npm"];
  throw new Problem(
    "There is no npm in PATH, which spdzlab needs to install its packages.",
    howToGet({ debian: "sudo apt install npm", fedora: "sudo dnf install npm", macos: "brew install node" }),
  );
}

/** Fail early if there is no suitable Python, before the slow steps. */
export function checkPython() {
  if (pythonVersion(venvPython) === undefined) findPython();
}

/** Return the Python for the environment: SPDZLAB_PYTHON, otherwise the first in PATH that is new enough. */
export function findPython() {
  const chosen = process.env.SPDZLAB_PYTHON;
  const names = chosen
    ? [chosen]
    : ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
  const tooOld = [];
  for (const name of names) {
    const version = pythonVersion(name);
    if (!version) continue;
    if (isNewEnough(version)) return requireVenv(name, version);
    tooOld.push(`${name} is Python ${version}`);
  }
  const found = chosen
    ? `SPDZLAB_PYTHON is ${chosen}, which is ${tooOld.length ? `too old (${tooOld[0]})` : "not a working Python"}.`
    : tooOld.length
      ? `Python is too old: ${tooOld.join(", ")}.`
      : "Python is missing: there is no python3 in PATH.";
  throw new Problem(
    `${found} spdzlab needs Python ${oldestPython.join(".")} or newer for JupyterLab.`,
    `${howToGet({
      debian: "sudo apt install python3 python3-venv",
      fedora: "sudo dnf install python3",
      macos: "brew install python",
    })}\nIf you have one that is not in PATH, set its path: SPDZLAB_PYTHON=/path/to/python3 npm run setup`,
  );
}

function ask(python, code) {
  const { status, stdout } = spawnSync(python, ["-c", code], { encoding: "utf8", env: environment() });
  return status === 0 ? stdout.trim() : undefined;
}

function pythonVersion(python) {
  return ask(python, "import sys; print('.'.join(map(str, sys.version_info[:3])))");
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1]);
}

// On Debian and Ubuntu, ensurepip, which venv needs, is in a separate package.
function requireVenv(python, version) {
  if (ask(python, "import venv, ensurepip") !== undefined) return python;
  const minor = version.split(".").slice(0, 2).join(".");
  throw new Problem(
    `Python ${version} (${python}) has no venv module, which spdzlab needs to create its environment.`,
    howToGet({
      debian: `sudo apt install python${minor}-venv`,
      fedora: "sudo dnf install python3-libs",
      macos: "brew install python",
    }),
  );
}
