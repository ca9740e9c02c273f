import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NODE_FLAGS } from "../kernel/node-flags";
import { packageRoot } from "../kernel/package";
import { installKernel, uninstallKernel } from "./install";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-install-"));
  for (const name of ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"])
    vi.stubEnv(name, "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("the kernelspec starts this package by absolute paths and has logos", () => {
  const written = installKernel({ prefix: folder }, "spdzlab", "Shown", ["A=1", "B=x=y"]);
  expect(written).toBe(join(folder, "share/jupyter/kernels/spdzlab"));
  const spec = JSON.parse(readFileSync(join(written, "kernel.json"), "utf8"));
  expect(spec).toMatchObject({
    display_name: "Shown",
    language: "typescript",
    interrupt_mode: "message",
    env: { A: "1", B: "x=y" },
  });
  const [node, ...rest] = spec.argv;
  expect(rest.slice(0, NODE_FLAGS.length)).toEqual(NODE_FLAGS);
  const [cli, ...command] = rest.slice(NODE_FLAGS.length);
  expect(command).toEqual(["kernel", "--connection-file", "{connection_file}"]);
  expect([node, cli].every(isAbsolute)).toBe(true);
  expect(readdirSync(written).sort()).toEqual([
    "kernel.json",
    "logo-32x32.png",
    "logo-64x64.png",
    "logo-svg.svg",
  ]);
});

test("the folder depends on the options and the environment", () => {
  vi.stubEnv("JUPYTER_DATA_DIR", join(folder, "data"));
  expect(installKernel({}, "a", "A", [])).toBe(join(folder, "data/kernels/a"));
  expect(installKernel({ user: true }, "b", "B", [])).toBe(join(folder, "data/kernels/b"));
  vi.stubEnv("VIRTUAL_ENV", join(folder, "venv"));
  expect(installKernel({ sysPrefix: true }, "c", "C", [])).toBe(join(folder, "venv/share/jupyter/kernels/c"));
  vi.stubEnv("VIRTUAL_ENV", "");
  vi.stubEnv("CONDA_PREFIX", join(folder, "conda"));
  expect(installKernel({ sysPrefix: true }, "c", "C", [])).toBe(
    join(folder, "conda/share/jupyter/kernels/c"),
  );
});

test("invalid options throw an error, and nothing is written", () => {
  expect(() => installKernel({ sysPrefix: true }, "a", "A", [])).toThrow("no environment is active");
  expect(() => installKernel({ user: true, prefix: folder }, "a", "A", [])).toThrow("at most one of");
  expect(() => installKernel({ prefix: folder }, "../a", "A", [])).toThrow("a kernel name may contain");
  expect(() => installKernel({ prefix: folder }, "..", "A", [])).toThrow("a kernel name may contain");
  expect(() => installKernel({ prefix: folder }, "a", "A", ["novalue"])).toThrow("KEY=value");
  expect(readdirSync(folder)).toEqual([]);
});

test("uninstalling removes what was installed, and only that", () => {
  const kept = installKernel({ prefix: folder }, "kept", "Kept", []);
  const gone = installKernel({ prefix: folder }, "gone", "Gone", []);
  expect(uninstallKernel({ prefix: folder }, "gone")).toBe(gone);
  expect(existsSync(gone)).toBe(false);
  expect(existsSync(kept)).toBe(true);
  expect(() => uninstallKernel({ prefix: folder }, "gone")).toThrow('No kernel "gone"');
});

test("the command accepts every option, and uninstalls the kernel again", () => {
  const cli = join(packageRoot, "dist/cli/main.js");
  const spdzlab = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  vi.stubEnv("VIRTUAL_ENV", join(folder, "venv"));
  vi.stubEnv("JUPYTER_DATA_DIR", join(folder, "data"));
  const places: [string[], string][] = [
    [["--user"], "data"],
    [["--sys-prefix"], "venv/share/jupyter"],
    [["--prefix", join(folder, "other")], "other/share/jupyter"],
  ];
  for (const [place, where] of places) {
    const written = join(folder, where, "kernels/mine/kernel.json");
    const named = ["--name", "mine", "--display-name", "My kernel", "--env", "A=1", "--env", "B=2"];
    expect(spdzlab("install", ...place, ...named)).toContain(join(folder, where));
    const spec = JSON.parse(readFileSync(written, "utf8"));
    expect(spec).toMatchObject({ display_name: "My kernel", env: { A: "1", B: "2" } });
    spdzlab("uninstall", ...place, "--name", "mine");
    expect(existsSync(written)).toBe(false);
  }
});
