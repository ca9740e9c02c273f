import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { circles, importsOf, misplacedImports } from "./layers";
import { root } from "./root";

const files = ["lib", "kernel", "cli"].flatMap((folder) =>
  readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.includes("/assembly/"))
    .map((file) => `${folder}/${file}`),
);
const textOf = (file: string) => readFileSync(root + file, "utf8");

test("files import only from folders that come before theirs", () => {
  expect(files).toContain("lib/errors.ts");
  expect(files.flatMap((file) => misplacedImports(file, textOf(file)))).toEqual([]);
});

test("files do not import one another in a circle, types included", () => {
  const pathOf = (target: string) =>
    existsSync(`${root}${target}.ts`) ? `${target}.ts` : `${target}/index.ts`;
  expect(circles(new Map(files.map((file) => [file, importsOf(file, textOf(file)).map(pathOf)])))).toEqual(
    [],
  );
});

test("the test finds a circle", () => {
  const imports = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["b"]],
  ]);
  expect(circles(imports)).toEqual([["b", "d", "b"]]);
});

test.each([
  ["lib/ring/a.ts", 'import { x } from "../session/b";'],
  ["lib/ring/a.ts", 'import type { X } from "../session/b.js";'],
  ["lib/ring/a.ts", 'export * from "../tensor";'],
  ["lib/ring/wasm/a.ts", 'const late = await import("../../index");'],
  ["lib/ring/a.ts", 'const { x } = require("../../cli/main");'],
  ["lib/ring/a.ts", 'let x: import("../protocol/b").X;'],
  ["lib/errors.ts", 'import "./ring";'],
  ["lib/autograd/a.ts", 'import { host } from "../session/host/host";'],
  ["lib/index.ts", 'export { setHost } from "./session/host/host";'],
  ["lib/unlisted/a.ts", 'import "../errors";'],
])("the test finds the misplaced import of %s: %s", (path, text) => {
  expect(misplacedImports(path, text)).toHaveLength(1);
});

test.each([
  [
    "lib/session/session.ts",
    'import { host } from "./host/host"; import "../channel/b"; import "../errors";',
  ],
  ["lib/autograd/a.ts", 'import "../session/b"; import "node:fs"; import "mathjs";'],
  ["lib/ring/a.ts", '// import "../session/b"\nconst text = \'import "../session/b"\';'],
])("the test accepts the imports of %s", (path, text) => {
  expect(misplacedImports(path, text)).toEqual([]);
});
