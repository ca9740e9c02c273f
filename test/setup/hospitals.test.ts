// The pair of notebooks in which two hospitals join their patients: both run at the same time, each in its own kernel.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

interface Output {
  output_type: string;
  data?: Record<string, string | string[]>;
}

test("the northern hospital gets tables like those in the clear, and the southern one nothing", () => {
  const folder = scratch();
  const { status, stdout, stderr } = spawnSync(
    `${root}.venv/bin/python`,
    [`${root}scripts/replay`, "--hospitals", "--out", folder],
    { encoding: "utf8", env: { ...process.env, CI: "true" } },
  );
  // The replay compares every table with the values expected, among them whether each error is within its bound.
  expect(status, stdout + stderr).toBe(0);
  const outputs = (name: string, id: string) =>
    (
      JSON.parse(readFileSync(`${folder}/two-hospitals-${name}.ipynb`, "utf8")).cells as {
        id: string;
        outputs: Output[];
      }[]
    )
      .find((cell) => cell.id === id)!
      .outputs.map(({ data }) => [data?.["text/plain"]].flat().join(""));
  expect(outputs("south", "undefined")).toEqual(["'undefined'"]);
  expect(outputs("north", "show-groups").join("")).toContain("women");
}, 300_000);
