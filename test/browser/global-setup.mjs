// Tells the tests in a browser where the browser is, and tells the person when there is none.
import { findChromium, withoutChromium } from "../../scripts/setup/chromium.mjs";

export default function setup({ provide }) {
  const chromium = findChromium();
  if (!chromium) process.stderr.write(`\n${withoutChromium()}\n`);
  provide("chromium", chromium);
}
