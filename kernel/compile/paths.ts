/** Where things are installed, which nobody wants to read in a message of the compiler. */

import { join } from "node:path";

/** The folder of this package's declarations. */
const dist = join(__dirname, "../..").replaceAll("\\", "/");

/**
 * A text of the compiler with short names for what is named by a path: `import("/…/dist/lib/index").FloatTensor` is
 * `FloatTensor`, the library as a whole is `import("spdz")`, and a package goes by its own name.
 */
export function withoutPaths(text: string): string {
  return text
    .replace(/import\("([^"]+)"\)\.(?=[\w$])/g, (whole, path) => (isHere(path) ? "" : whole))
    .replace(/"([^"\n]*\/[^"\n]*)"/g, (whole, path) => {
      const name = moduleName(path);
      return name === undefined ? whole : `"${name}"`;
    });
}

/** Whether the names of a module stand in a notebook's scope: ours, and what its earlier cells declared. */
function isHere(path: string): boolean {
  return path.startsWith(`${dist}/`) || /(^|\/)__prev__$/.test(path);
}

function moduleName(path: string): string | undefined {
  if (path.startsWith(`${dist}/`)) return path === `${dist}/lib/index` ? "spdz" : "spdzlab";
  return /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]?.replace(/^@types\//, "");
}
