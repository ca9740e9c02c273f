// docs/operations.md is written by a script from lib/ops, so it cannot be out of date.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root } from "./root";

test("docs/operations.md is what `npm run docs:operations` writes", () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [`${root}scripts/operations.mjs`, "--print"],
    {
      encoding: "utf8",
    },
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toContain("## matmul\n");
  expect(stdout, "run `npm run docs:operations`").toBe(readFileSync(`${root}docs/operations.md`, "utf8"));
});
