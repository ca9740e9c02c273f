// The demo's two notebooks in the modes that are not the default: no cell changed but for the options of the interface.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

const python = `${root}.venv/bin/python`;

function demo(...options: string[]) {
  const folder = scratch();
  const ran = spawnSync(python, [`${root}scripts/replay`, "--out", folder, ...options], {
    encoding: "utf8",
    env: { ...process.env, CI: "true" },
  });
  return { folder, ...ran };
}

test.each([
  ["semi-honest", "semi-honest: this session keeps secrets from a party that follows the protocol"],
  ["lattice", "semi-honest: this session keeps secrets from a party that follows the protocol"],
  ["dealer", "a helper trusted not to collude with either party"],
  ["dealer-semi-honest", "a helper trusted not to collude with either party"],
  ["insecure-first-party", "party 0 makes all correlated randomness"],
])(
  "the demo in the mode %s computes 6, 6 and 12, and states its security",
  (mode, said) => {
    const { status, stdout, stderr, folder } = demo("--mode", mode);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain("Both parties agree with what was expected.");
    for (const name of ["model-owner", "data-owner"])
      expect(readFileSync(`${folder}/${name}.ipynb`, "utf8")).toContain(said);
  },
  300_000,
);

test("outputs of modes other than the default are not saved", () => {
  const { status, stderr } = demo("--mode", "dealer", "--save");
  expect(status).toBe(2);
  expect(stderr).toContain("--save and --cheating need --mode malicious");
});
