// The browser for the tests: CHROME if it is set, else a Chromium or Chrome that is installed. Where we may install
// one without asking anybody, as root on Debian or Ubuntu, `getChromium` does.
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { howToGet } from "./problem.mjs";
import { progress } from "./progress.mjs";
import { run } from "./run.mjs";

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const applications = ["Chromium", "Google Chrome"].flatMap((name) =>
  ["/Applications", `${process.env.HOME}/Applications`].map(
    (at) => `${at}/${name}.app/Contents/MacOS/${name}`,
  ),
);

/** @returns {string | undefined} the path of a browser */
export function findChromium(env = process.env) {
  if (env.CHROME) return runs(env.CHROME) ? env.CHROME : undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const installed = folders.flatMap((folder) => commands.map((command) => join(folder, command)));
  return [...installed, ...(process.platform === "darwin" ? applications : [])].find(runs);
}

/** Finds a browser, or installs one; without it, says how to get one. */
export async function getChromium() {
  const found = findChromium();
  if (found || process.env.CHROME || !mayInstall()) return found;
  try {
    await progress("Chromium for the browser tests, from Debian's packages", async () => {
      await run("apt-get", ["update"]);
      await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"]);
    });
  } catch (problem) {
    process.stderr.write(`${problem.message}\n${problem.remedy ?? ""}\n`);
  }
  return findChromium();
}

/** What to say when the tests in a browser are left out. */
export function withoutChromium() {
  const named = process.env.CHROME
    ? `CHROME names ${process.env.CHROME}, which does not run`
    : "there is no browser";
  return `Skipped: the tests in a browser, since ${named}. To run them too, get one or name one by CHROME=/path:
${howToGet({
  debian: "sudo apt install chromium",
  fedora: "sudo dnf install chromium",
  macos: "brew install --cask chromium",
})}\n`;
}

function mayInstall() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
