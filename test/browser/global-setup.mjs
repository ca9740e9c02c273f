// Gives the browser tests the path of the browser, and tells the user if there is none.
import { findChromium, withoutChromium } from "../../scripts/setup/chromium.mjs";

export default function setup({ provide }) {
  const chromium = findChromium();
  if (!chromium) process.stderr.write(`\n${withoutChromium()}\n`);
  provide("chromium", chromium);
}
