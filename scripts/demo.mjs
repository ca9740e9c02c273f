// npm run demo: set-up, then both notebooks at the same time (scripts/replay).
import { pass } from "./setup/pass.mjs";
import { root, venvPython } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

const help = `npm run demo [-- OPTIONS]

Executes notebooks/model-owner.ipynb and notebooks/data-owner.ipynb at the same time, each in a kernel of its own,
shows them side by side, and checks the values that both arrive at.

  --cheating         the pair in which one party cheats and is caught, instead
  --mode MODE        malicious (the default), semi-honest, dealer, dealer-semi-honest, insecure-first-party
  --out DIR          where the executed notebooks and their HTML pages go (out/)
  --timeout SECONDS  for each cell (90)
  --total SECONDS    for everything (300)
  --save             also write the outputs back to the notebooks, those that show share words excepted
  --notebooks DIR    where the two notebooks are (notebooks/)
  --kernel NAME      another kernel than the one the notebooks name
`;

await main(async () => {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(help);
    return;
  }
  await setUp();
  process.exitCode = await pass(venvPython, [`${root}scripts/replay`, ...args]);
});
