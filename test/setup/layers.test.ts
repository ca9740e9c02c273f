import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { misplacedImports } from "./layers";
import { root } from "./root";

test("no folder of lib/ imports one below it", () => {
  const files = readdirSync(`${root}lib`, { recursive: true, encoding: "utf8" })
    .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.startsWith("ring/wasm/assembly/"))
    .map((file) => `lib/${file}`);
  expect(files).toContain("lib/errors.ts");
  expect(files.flatMap((file) => misplacedImports(file, readFileSync(root + file, "utf8")))).toEqual([]);
});

test.each([
  ["lib/ring/a.ts", 'import { x } from "../session/b";'],
  ["lib/ring/a.ts", 'import type { X } from "../session/b.js";'],
  ["lib/ring/a.ts", 'export * from "../tensor";'],
  ["lib/ring/wasm/a.ts", 'const late = await import("../../index");'],
  ["lib/ring/a.ts", 'const { x } = require("../../kernel/cli");'],
  ["lib/ring/a.ts", 'let x: import("../protocol/b").X;'],
  ["lib/errors.ts", 'import "./ring";'],
  ["lib/autograd/a.ts", 'import { host } from "../session/host";'],
  ["lib/index.ts", 'export { setHost } from "./session/host";'],
  ["lib/unlisted/a.ts", 'import "../errors";'],
])("finds the misplaced import of %s: %s", (path, text) => {
  expect(misplacedImports(path, text)).toHaveLength(1);
});

test.each([
  ["lib/session/a.ts", 'import { host } from "./host"; import "../channel/b"; import "../errors";'],
  ["lib/autograd/a.ts", 'import "../session/b"; import "node:fs"; import "mathjs";'],
  ["lib/ring/a.ts", '// import "../session/b"\nconst text = \'import "../session/b"\';'],
])("accepts those of %s", (path, text) => {
  expect(misplacedImports(path, text)).toEqual([]);
});
