// npm run bench -- SUITE [--json FILE]: set-up, then bench/SUITE.ts against dist/, that is, against what is shipped.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root, state } from "./setup/paths.mjs";
import { main, Problem } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  const suites = readdirSync(`${root}bench`)
    .filter((file) => file.endsWith(".ts") && file !== "harness.ts")
    .map((file) => file.slice(0, -".ts".length));
  const { name, json } = readArguments(suites);
  if (!name) {
    process.stdout.write(`npm run bench -- SUITE [--json FILE]\nSuites: ${suites.join(" ") || "none yet"}\n`);
    return;
  }
  await setUp();
  const require = createRequire(import.meta.url);
  const { default: suite } = require(await compile(name));
  const { passes } = require(await compile("harness"));
  const rows = await suite();
  const verdicts = rows.map(passes);
  process.stdout.write(table(rows, verdicts));
  if (json) {
    mkdirSync(dirname(resolve(json)), { recursive: true });
    writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  process.exitCode = verdicts.includes(false) ? 1 : 0;
});

function readArguments(suites) {
  let parsed;
  try {
    parsed = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    throw new Problem(error.message);
  }
  const [name] = parsed.positionals;
  if (name && !suites.includes(name)) {
    throw new Problem(`There is no bench/${name}.ts.`, `Suites: ${suites.join(" ") || "none yet"}`);
  }
  return { name, json: parsed.values.json };
}

// Only the suite itself is compiled; what it imports from lib/ and kernel/ is taken from dist/.
async function compile(name) {
  const { build } = await import("vite");
  const isShipped = (id) => id.startsWith(`${root}lib/`) || id.startsWith(`${root}kernel/`);
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      ssr: `bench/${name}.ts`,
      outDir: `${state}bench`,
      emptyOutDir: false,
      rollupOptions: {
        makeAbsoluteExternalsRelative: false,
        external: (id) => isShipped(id),
        output: {
          format: "cjs",
          exports: "named",
          entryFileNames: "[name].cjs",
          paths: (id) => (isShipped(id) ? id.replace(root, `${root}dist/`).replace(/\.ts$/, "") : id),
        },
      },
    },
  });
  return `${state}bench/${name}.cjs`;
}

function table(rows, verdicts) {
  const figure = (value) => (value === null ? "" : Number(value.toPrecision(3)).toLocaleString("en"));
  const lines = [
    ["", "value", "unit", "reference", "", "ratio", "floor", ""],
    ...rows.map((row, index) => [
      row.name,
      figure(row.value),
      row.unit,
      row.reference,
      figure(row.referenceValue),
      figure(row.ratio),
      figure(row.floor),
      { true: "pass", false: "MISS" }[verdicts[index]] ?? "",
    ]),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const right = new Set([1, 4, 5, 6]);
  const pad = (text, column) =>
    right.has(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  return lines.map((line) => `${line.map(pad).join("  ").trimEnd()}\n`).join("");
}
