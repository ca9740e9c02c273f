// npm run docs: the API reference by typedoc, into out/api. typedoc reads with a TypeScript of its own, pinned in
// scripts/docs and installed there; a warning is a failure.
import { existsSync } from "node:fs";
import { root } from "./setup/paths.mjs";
import { npmCommand } from "./setup/prerequisites.mjs";
import { main } from "./setup/problem.mjs";
import { progress } from "./setup/progress.mjs";
import { run } from "./setup/run.mjs";
import { setUp } from "./setup.mjs";

const folder = `${root}scripts/docs`;

await main(async () => {
  await setUp();
  const [command, ...cli] = npmCommand();
  const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
  if (!existsSync(`${folder}/node_modules/typedoc`)) {
    await progress("typedoc, in scripts/docs", () => run(command, [...cli, ...install]));
  }
  const typedoc = [`${folder}/node_modules/typedoc/bin/typedoc`, "--options", `${folder}/typedoc.json`];
  await progress("API reference, into out/api", () => run(process.execPath, typedoc));
});
