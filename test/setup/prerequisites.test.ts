// The errors of the set-up if something is missing. It runs in a copy without packages, with its own PATH.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

/** Runs the set-up where PATH holds only these commands, shell scripts each. */
function setUp(commands: Record<string, string>, env: Record<string, string> = {}, nodeArgs: string[] = []) {
  const checkout = scratch();
  for (const path of ["scripts", "package.json", "package-lock.json", "requirements.txt"]) {
    cpSync(root + path, `${checkout}/${path}`, { recursive: true });
  }
  mkdirSync(`${checkout}/bin`);
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(`${checkout}/bin/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const { status, stderr } = spawnSync(process.execPath, [...nodeArgs, `${checkout}/scripts/setup.mjs`], {
    encoding: "utf8",
    env: { PATH: `${checkout}/bin`, HOME: checkout, ...env },
  });
  return { status, stderr };
}

const python = (version: string, rest = "") =>
  `case "$*" in *version_info*) echo ${version};; *) ${rest || ":"};; esac`;
const failsHelpfully = (result: { status: number | null; stderr: string }, ...words: string[]) => {
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.status).toBe(1);
};

test("set-up reports that Node is too old", () => {
  const checkout = scratch();
  const preload = `${checkout}/old.cjs`;
  writeFileSync(preload, "Object.defineProperty(process.versions, 'node', { value: '18.19.0' });");
  const result = setUp({ python3: python("3.11.2") }, {}, ["--require", preload]);
  failsHelpfully(result, "Node 18.19.0 is too old", "Node 20", "Debian", "Fedora", "macOS");
});

test("set-up reports that there is no Python", () => {
  failsHelpfully(
    setUp({}),
    "Python is missing",
    "apt install python3 python3-venv",
    "dnf",
    "brew install python",
  );
});

test("set-up reports that Python is too old", () => {
  failsHelpfully(
    setUp({ python3: python("3.8.10") }),
    "python3 is Python 3.8.10",
    "Python 3.10 or newer",
    "apt install",
  );
});

test("set-up uses a newer Python by another name", () => {
  const commands = { python3: python("3.8.10"), "python3.12": python("3.12.1", "exit 1") };
  failsHelpfully(setUp(commands), "Python 3.12.1 (python3.12) has no venv module");
});

test("set-up does not accept a command that only says where to get Python", () => {
  failsHelpfully(setUp({ python3: "echo pyenv: command not found >&2; exit 127" }), "Python is missing");
});

test("set-up reports that SPDZLAB_PYTHON names nothing that runs", () => {
  const result = setUp({ python3: python("3.11.2") }, { SPDZLAB_PYTHON: "/nowhere/python3" });
  failsHelpfully(result, "SPDZLAB_PYTHON is /nowhere/python3, which is not a working Python");
});

test("set-up reports that Python has no venv module", () => {
  const result = setUp({ python3: python("3.11.2", "exit 1") });
  failsHelpfully(result, "no venv module", "sudo apt install python3.11-venv");
});

test("set-up reports that there is no npm", () => {
  failsHelpfully(setUp({ python3: python("3.11.2") }), "There is no npm in PATH", "sudo apt install npm");
});

test("set-up reports that there is no network", () => {
  const npm = 'test "$1" = --version && exit; echo npm error code ENOTFOUND >&2; exit 1';
  const result = setUp({ python3: python("3.11.2"), npm });
  failsHelpfully(result, "npm ci", "npm error code ENOTFOUND", "registry cannot be reached", "proxy");
});
