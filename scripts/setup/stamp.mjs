// Store a hash of the inputs of each completed step in a small file. Write it when the step has ended, and remove it before
// the step starts, so that an interrupted step counts as not done.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root, state } from "./paths.mjs";

const file = (name) => `${state}${name}.stamp`;

/** Return whether a step's product exists and was made from the current inputs. */
export function isFresh({ name, product, key }) {
  return existsSync(product) && existsSync(file(name)) && readFileSync(file(name), "utf8") === key();
}

export function forget({ name }) {
  rmSync(file(name), { force: true });
}

/** @param {string} key - the key from before the step ran. If inputs have changed meanwhile, the step runs again. */
export function remember({ name }, key) {
  mkdirSync(state, { recursive: true });
  writeFileSync(file(name), key);
}

/** Hash words and the contents of files and folders. Paths are relative to the checkout. */
export function digest({ words = [], files = [] }) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`${word}\0`);
  for (const path of files.flatMap(filesUnder))
    hash
      .update(`${path}\0`)
      .update(readFileSync(root + path))
      .update("\0");
  return hash.digest("hex");
}

function filesUnder(path) {
  if (!existsSync(root + path)) return [];
  const entries = readdirSync(root + (path.endsWith("/") ? path : ""), { withFileTypes: true });
  if (!path.endsWith("/")) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(entry.isDirectory() ? `${path}${entry.name}/` : path + entry.name));
}
