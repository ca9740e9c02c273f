// npm run bench -- SUITE [--json FILE] [--against DIR]: set up, then run bench/SUITE.ts on dist/, the code that we ship.
// With --against, the same run also measures the build in another checkout, and shows both figures side by side. A missed
// floor is reported, but is not a failure.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root, state } from "./setup/paths.mjs";
import { main, Problem } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

/** How often each of two builds runs that are compared; what else the machine does changes within minutes. */
const TURNS = Number(process.env.SPDZLAB_BENCH_TURNS ?? 5);

await main(async () => {
  const suites = readdirSync(`${root}bench`)
    .filter((file) => file.endsWith(".ts") && file !== "harness.ts")
    .map((file) => file.slice(0, -".ts".length));
  const { name, json, against } = readArguments(suites);
  if (!name) {
    process.stdout.write(
      `npm run bench -- SUITE [--json FILE] [--against DIR]\nSuites: ${suites.join(" ") || "none yet"}\n`,
    );
    return;
  }
  await setUp();
  const require = createRequire(import.meta.url);
  // Both builds run in turns, and a suite of two processes runs once in each turn.
  if (against) process.env.SPDZLAB_BENCH_RUNS ??= "1";
  const { default: suite, beside = {} } = require(await compile(name));
  const { passes, compare, medians } = require(await compile("harness"));
  let rows;
  if (against) {
    const other = resolve(against);
    if (!existsSync(`${other}/dist/lib/index.js`))
      throw new Problem(`${other} has no dist/.`, "Build it first: npm run build");
    // Use the other checkout's suite, which may import other folders of lib/. Compare figures by name.
    const { default: theirs } = require(await compile(name, `${other}/`, `${state}bench-against`));
    const [runs, others] = [[], []];
    for (let turn = 0; turn < TURNS; turn++) {
      const first = turn % 2 === 0;
      if (first) runs.push(await suite());
      others.push(await theirs());
      if (!first) runs.push(await suite());
    }
    rows = [...medians(runs), ...compare(runs, others, beside)];
  } else rows = await suite();
  const verdicts = rows.map(passes);
  process.stdout.write(table(rows, verdicts));
  if (json) {
    mkdirSync(dirname(resolve(json)), { recursive: true });
    writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
  }
});

function readArguments(suites) {
  let parsed;
  try {
    const options = { json: { type: "string" }, against: { type: "string" } };
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Problem(error.message);
  }
  const [name] = parsed.positionals;
  if (name && !suites.includes(name)) {
    throw new Problem(`There is no bench/${name}.ts.`, `Suites: ${suites.join(" ") || "none yet"}`);
  }
  return { name, ...parsed.values };
}

// Compile only the suite itself. Take its imports from lib/, kernel/ and cli/ from that checkout's dist/.
async function compile(name, from = root, outDir = `${state}bench`) {
  const { build } = await import("vite");
  const isShipped = (id) => ["lib/", "kernel/", "cli/"].some((folder) => id.startsWith(from + folder));
  await build({
    configFile: false,
    root: from,
    logLevel: "warn",
    build: {
      ssr: `bench/${name}.ts`,
      outDir,
      emptyOutDir: false,
      rollupOptions: {
        makeAbsoluteExternalsRelative: false,
        external: (id) => isShipped(id),
        output: {
          format: "cjs",
          exports: "named",
          entryFileNames: "[name].cjs",
          paths: (id) => (isShipped(id) ? id.replace(from, `${from}dist/`).replace(/\.ts$/, "") : id),
        },
      },
    },
  });
  return `${outDir}/${name}.cjs`;
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
