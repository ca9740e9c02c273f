// npm run setup:browser: a Chromium for the tests in test/browser. It goes onto the machine, so nothing else runs this.
import { findChromium, installChromium, withoutChromium } from "./setup/chromium.mjs";
import { main } from "./setup/problem.mjs";

await main(async () => {
  const found = findChromium() ?? (await installChromium());
  process.stderr.write(found ? `The browser for the tests: ${found}\n` : withoutChromium());
  if (!found) process.exitCode = 1;
});
