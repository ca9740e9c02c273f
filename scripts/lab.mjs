// npm run lab: set up, then start JupyterLab in notebooks/. Arguments go to JupyterLab: npm run lab -- --no-browser
import { pass } from "./setup/pass.mjs";
import { root, venv } from "./setup/paths.mjs";
import { main } from "./setup/problem.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  const args = [`--ServerApp.root_dir=${root}notebooks`, ...process.argv.slice(2)];
  process.exitCode = await pass(`${venv}bin/jupyter-lab`, args);
});
