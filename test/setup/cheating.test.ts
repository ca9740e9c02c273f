// The pair of notebooks in which one party cheats: both run at the same time, each in its own kernel.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

interface Output {
  output_type: string;
  ename?: string;
  name?: string;
  evalue?: string;
  data?: Record<string, string | string[]>;
}

test("the honest party's notebook fails with a CheckError, shows no result, and its session is dead", () => {
  const folder = scratch();
  const { status, stdout, stderr } = spawnSync(
    `${root}.venv/bin/python`,
    [`${root}scripts/replay`, "--cheating", "--out", folder],
    { encoding: "utf8", env: { ...process.env, CI: "true" } },
  );
  expect(status, stdout + stderr).toBe(0);
  const { cells } = JSON.parse(readFileSync(`${folder}/cheating-honest.ipynb`, "utf8")) as {
    cells: { id: string; outputs: Output[] }[];
  };
  const outputs = (id: string) => cells.find((cell) => cell.id === id)!.outputs;
  for (const id of ["reveal", "again"]) {
    const [error] = outputs(id);
    expect(outputs(id).map(({ output_type, ename }) => ename ?? output_type)).toEqual(["CheckError"]);
    expect(error!.evalue).toContain("the other party");
  }
  expect(JSON.stringify(outputs("state"))).toContain("closed, check-mac");
}, 300_000);
