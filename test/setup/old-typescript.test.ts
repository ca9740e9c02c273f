// Cells are checked by tslab's TypeScript 5.0.4. What it cannot read of our declarations becomes `any` without a word
// in a notebook, so here it must say the word.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

function complaints(declarations: string): string[] {
  const options =
    "--noEmit --skipLibCheck false --target es2022 --lib es2022 --module commonjs --moduleResolution node --types node";
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      `${root}node_modules/@tslab/typescript-for-tslab/bin/tsc`,
      ...options.split(" "),
      "--typeRoots",
      `${root}node_modules/@types`,
      declarations,
    ],
    { cwd: root, encoding: "utf8" },
  );
  const errors = stdout.split("\n").filter((line) => /error TS\d+/.test(line));
  expect(status === 0 || errors.length > 0, stdout).toBe(true);
  return errors.filter((line) => !line.startsWith("node_modules/"));
}

test("TypeScript 5.0.4 reads our declarations", () => {
  expect(complaints("dist/lib/index.d.ts")).toEqual([]);
});

test("TypeScript 5.0.4 reports a declaration that it cannot read", () => {
  const file = `${scratch()}/index.d.ts`;
  writeFileSync(file, "export declare const bytes: Uint8Array<ArrayBufferLike>;\n");
  expect(complaints(file)).toEqual([expect.stringContaining("TS2315")]);
});

test("TypeScript 5.0.4 knows what operations return, on secret and on plain tensors", () => {
  const file = `${scratch()}/calls.ts`;
  const calls = ["new FloatTensor([1]).sigmoid()", "x.reshape(2, 3)", "x.split(2)", "concat([x, [1]], 1)"];
  writeFileSync(
    file,
    [
      `import { concat, FloatTensor, type SharedVariable } from "${root}dist/lib";`,
      "declare const x: SharedVariable;",
      ...calls.map((call, i) => `export const n${i}: number = ${call};`),
    ].join("\n"),
  );
  const found = complaints(file).map((line) => line.replace(/^.*error /, ""));
  expect(found).toEqual([
    "TS2322: Type 'FloatTensor' is not assignable to type 'number'.",
    "TS2322: Type 'SharedVariable' is not assignable to type 'number'.",
    "TS2322: Type 'readonly SharedVariable[]' is not assignable to type 'number'.",
    "TS2322: Type 'SharedVariable' is not assignable to type 'number'.",
  ]);
});
