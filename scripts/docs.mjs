// npm run docs: write the API reference to out/api with typedoc. typedoc uses its own TypeScript, which is pinned and
// installed in scripts/docs. A warning is a failure.
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
