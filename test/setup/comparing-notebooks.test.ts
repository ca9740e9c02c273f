// The pairs of notebooks that compare secrets, in every mode: both of a pair run at the same time, each in its
// own kernel.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

const MODES = ["malicious", "semi-honest", "dealer", "dealer-semi-honest", "insecure-first-party"];

function replay(pair: string, mode: string) {
  const folder = scratch();
  const ran = spawnSync(
    `${root}.venv/bin/python`,
    [`${root}scripts/replay`, `--${pair}`, "--mode", mode, "--out", folder],
    { encoding: "utf8", env: { ...process.env, CI: "true" } },
  );
  const outputs = (name: string) => {
    const { cells } = JSON.parse(readFileSync(`${folder}/${name}.ipynb`, "utf8")) as {
      cells: { outputs?: unknown[] }[];
    };
    return JSON.stringify(cells.map((cell) => cell.outputs ?? []));
  };
  return { ...ran, outputs };
}

test.each(MODES)(
  "two millionaires learn who is richer, and not by how much: %s",
  (mode) => {
    const { status, stdout, stderr, outputs } = replay("millionaires", mode);
    expect(status, stdout + stderr).toBe(0);
    expect(outputs("millionaires-alice")).not.toContain("7310000");
    expect(outputs("millionaires-bob")).not.toContain("7250000");
  },
  300_000,
);

test.each(MODES)(
  "two auction houses learn the winner and the price, and no other bid: %s",
  (mode) => {
    const { status, stdout, stderr, outputs } = replay("auction", mode);
    expect(status, stdout + stderr).toBe(0);
    expect(outputs("auction-south")).toContain("Fay pays 1850");
    expect(outputs("auction-north")).toContain("a client of the other house pays 1850");
    for (const bid of ["2100", "1750", "1500"]) expect(outputs("auction-north")).not.toContain(bid);
    for (const bid of ["1200", "1600"]) expect(outputs("auction-south")).not.toContain(bid);
  },
  300_000,
);

test.each(MODES)(
  "two clinics learn a correlation and a ranking, and no patient of the other: %s",
  (mode) => {
    const { status, stdout, stderr, outputs } = replay("treatments", mode);
    expect(status, stdout + stderr).toBe(0);
    // The notebooks state what to expect, as computed in the clear; neither shows a patient of the other clinic.
    expect(outputs("treatments-north")).not.toContain("34.2");
    expect(outputs("treatments-south")).not.toContain("26.7");
  },
  300_000,
);
