// npm run demo: set up, then run both notebooks at the same time (scripts/replay).
import { pass } from "./setup/pass.mjs";
import { root, venvPython } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

const help = `npm run demo [-- OPTIONS]

Executes notebooks/model-owner.ipynb and notebooks/data-owner.ipynb at the same time, each in its own kernel, shows them
side by side, and checks the results of both.

  --cheating         run the notebooks in which one party cheats and is caught instead
  --hospitals        run the notebooks in which two hospitals join their patients instead
  --millionaires     run the notebooks in which two millionaires find out who is richer instead
  --auction          run the notebooks in which two auction houses sell to the highest bidder instead
  --treatments       run the notebooks in which two clinics rank treatments instead
  --mode MODE        malicious (the default), semi-honest, lattice, dealer, dealer-semi-honest, insecure-first-party
  --out DIR          write the executed notebooks and their HTML pages to DIR (out/)
  --timeout SECONDS  time limit for each cell (90)
  --total SECONDS    time limit for the whole run (300)
  --save             also write the outputs back to the notebooks, except outputs that show words of shares
  --notebooks DIR    read the two notebooks from DIR (notebooks/)
  --kernel NAME      use this kernel instead of the one in the notebooks
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
