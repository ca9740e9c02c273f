// Set up everything that the demo, the tests and the lab need, only inside the checkout. Do nothing if nothing has
// changed. Use plain Node without packages, because this installs the packages.
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { locked } from "./setup/lock.mjs";
import { state } from "./setup/paths.mjs";
import { checkNode, checkPython } from "./setup/prerequisites.mjs";
import { main, Problem } from "./setup/problem.mjs";
import { progress } from "./setup/progress.mjs";
import { forget, isFresh, remember } from "./setup/stamp.mjs";
import { steps } from "./setup/steps.mjs";

export async function setUp() {
  checkNode();
  mkdirSync(`${state}jupyter/ipython`, { recursive: true });
  if (steps.every(isFresh)) return;
  checkPython();
  const waiting = (pid, taken) => progress(`waiting for another set-up here, process ${pid}`, taken);
  await locked(waiting, async (hold) => {
    for (const step of steps) {
      if (isFresh(step)) continue;
      forget(step);
      const key = step.key();
      await progress(step.title, async () => {
        await step.run(hold);
        if (!existsSync(step.product))
          throw new Problem(`The step "${step.title}" did not create ${step.product}.`);
      });
      remember(step, key);
    }
  });
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp();
    process.stderr.write("spdzlab is set up: npm run demo, npm test, npm run lab\n");
  });
}
