// npm run setup:browser: install a Chromium for the tests in test/browser. This changes the machine, so only CI
// runs it by itself.
import { findChromium, installChromium, withoutChromium } from "./setup/chromium.mjs";
import { main } from "./setup/problem.mjs";

await main(async () => {
  const found = findChromium() ?? (await installChromium());
  process.stderr.write(found ? `The browser for the tests: ${found}\n` : withoutChromium());
  if (!found) process.exitCode = 1;
});
