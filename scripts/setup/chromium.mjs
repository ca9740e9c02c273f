// Find the browser for the tests: CHROME if it is set, otherwise an installed Chromium or Chrome.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./paths.mjs";
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

/** Install Debian's Chromium if we are root on Debian or Ubuntu. Otherwise do nothing.
 *  @returns {Promise<string | undefined>} the path of the browser, if there is one now */
export async function installChromium() {
  if (process.env.CHROME || !mayInstall()) return undefined;
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

/** Return the message for a machine without a browser: which tests are skipped, and how to run them. */
export function withoutChromium() {
  const named = process.env.CHROME
    ? `CHROME is ${process.env.CHROME}, which is not an executable file`
    : "there is no Chromium or Chrome";
  const files = readdirSync(`${root}test/browser`).filter((file) => file.endsWith(".test.ts"));
  const command =
    mayInstall() && !process.env.CHROME
      ? "To run them: npm run setup:browser\nIt installs Debian's chromium on this machine. Or install a browser yourself, or set CHROME to its path:"
      : "To run them, install a browser or set CHROME to its path:";
  return `Skipped: the tests in a browser (test/browser: ${files.join(", ")}), because ${named}.
${command}
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
