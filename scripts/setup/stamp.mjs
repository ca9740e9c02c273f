// Remembers with which inputs a step was last done: a hash of them in a small file, written when the step has ended
// and taken away before it starts, so that a step that was killed half-way counts as not done.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root, state } from "./paths.mjs";

const file = (name) => `${state}${name}.stamp`;

/** A step is fresh when its product is there and was made from these inputs. */
export function isFresh({ name, product, key }) {
  return existsSync(product) && existsSync(file(name)) && readFileSync(file(name), "utf8") === key();
}

export function forget({ name }) {
  rmSync(file(name), { force: true });
}

/** @param {string} key - as it was before the step ran: inputs that changed meanwhile make the step run again */
export function remember({ name }, key) {
  mkdirSync(state, { recursive: true });
  writeFileSync(file(name), key);
}

/** One hash over words and over the contents of files and folders, given relative to the checkout. */
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
