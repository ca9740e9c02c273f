import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./root";

const documents = [
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
  ...["README.md", "SECURITY.md", "CONTRIBUTING.md"],
];

const FOLDERS = ["lib", "kernel", "cli", "test", "scripts", "bench", "notebooks", "examples", "deploy"];

/** The files that docs/add-an-operation.md tells its reader to write. */
const EXAMPLES = [
  "lib/ops/arithmetic/cube.ts",
  "lib/ops/squares-difference.ts",
  ...["additive", "authenticated", "steps"].map((folder) => `lib/protocol/${folder}/squares-difference.ts`),
];

/** The paths that a text names: in backticks from one of our folders, and any path of a source file, even without. */
function pathsIn(text: string): string[] {
  const quoted = new RegExp(`(?<=\`)(?:${FOLDERS.join("|")})/[^\`\\s]*(?=\`)`, "g");
  const sources = /(?<![\w./:@-])(?:[\w.-]+\/)+[\w.*-]+\.(?:ts|mjs|cjs|py|md)\b/g;
  return [...new Set([quoted, sources].flatMap((pattern) => text.match(pattern) ?? []))];
}

/** Return true if a path exists, or, for a pattern such as `lib/a/*.test.ts`, if a file fits it. */
function exists(path: string, document: string): boolean {
  // Only links of Markdown begin with a dot.
  const whole = path.startsWith("..") ? join(root, dirname(document), path) : root + path;
  const [start, end] = whole.split("*");
  if (end === undefined) return existsSync(whole);
  return existsSync(start!) && readdirSync(start!).some((file) => file.endsWith(end));
}

test.each(documents)("%s names only files and folders that exist", (document) => {
  const paths = pathsIn(readFileSync(root + document, "utf8"));
  const missing = paths.filter((path) => !exists(path, document));
  expect(missing.filter((path) => !EXAMPLES.includes(path))).toEqual([]);
});

test("the test finds a path that does not exist, or that lacks its first folder", () => {
  const text =
    "| ring/ring.ts |, `lib/ring`, `lib/gone/`, `npm run x`, https://a.example/b/c.md, ../README.md";
  const paths = pathsIn(text);
  expect(paths).toEqual(["lib/ring", "lib/gone/", "ring/ring.ts", "../README.md"]);
  expect(paths.filter((path) => !exists(path, "docs/channel.md"))).toEqual(["lib/gone/", "ring/ring.ts"]);
});
