/** Remove installation paths from the compiler's messages. */

import { join } from "node:path";

/** The folder of this package's declarations. */
const dist = join(__dirname, "../..").replaceAll("\\", "/");

/**
 * Replace paths in a message of the compiler by short names: `import("/…/dist/lib/index").FloatTensor` becomes
 * `FloatTensor`, the library becomes `import("spdz")`, and a package gets its own name.
 */
export function withoutPaths(text: string): string {
  return text
    .replace(/import\("([^"]+)"\)\.(?=[\w$])/g, (whole, path) => (isHere(path) ? "" : whole))
    .replace(/"([^"\n]*\/[^"\n]*)"/g, (whole, path) => {
      const name = moduleName(path);
      return name === undefined ? whole : `"${name}"`;
    });
}

/** Return whether the names of a module are in the notebook's scope: ours, and those of its earlier cells. */
function isHere(path: string): boolean {
  return path.startsWith(`${dist}/`) || /(^|\/)__prev__$/.test(path);
}

function moduleName(path: string): string | undefined {
  if (path.startsWith(`${dist}/`)) return path === `${dist}/lib/index` ? "spdz" : "spdzlab";
  return /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]?.replace(/^@types\//, "");
}
