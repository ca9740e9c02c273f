/** The names in scope in every notebook from the start: the library's exports, and a few of the kernel's own. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { packageFolder } from "./compile/deferred-types";

/** The names in scope before the first cell, as values and as types. */
export interface Prelude {
  readonly values: Readonly<Record<string, unknown>>;
  readonly declarations: string;
  /** Modules that a bare import resolves to in any folder: absolute paths of code and of types. */
  readonly modules: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, string>>;
  /** The folder of the library's declarations. */
  readonly folder: string;
}

/** The folder of the compiled package. It holds only .js and .d.ts files: TypeScript would prefer a .ts file. */
const dist = join(__dirname, "..");
const library = join(dist, "lib", "index");
const helpers = join(dist, "kernel", "notebook");

/** Packages that come with spdzlab. Use the copy in the notebook's folder if there is one, otherwise ours. */
const companions = ["mathjs", "jsbi"];

/** Load the library, and return the names that a notebook starts with. */
export function loadPrelude(cwd: string): Prelude {
  const exported = require(`${library}.js`) as Record<string, unknown>;
  const own = require(`${helpers}.js`) as Record<string, unknown>;
  const libraryNames = Object.keys(exported).filter(isName);
  const ownNames = Object.keys(own).filter((name) => isName(name) && !(name in exported));
  const from = createRequire(join(cwd, "notebook.js"));
  const missing = companions.filter((name) => !resolves(from, name));
  return {
    folder: join(dist, "lib"),
    values: { ...own, ...exported, spdz: exported },
    declarations: [
      `import { ${libraryNames.join(", ")} } from ${JSON.stringify(library)};`,
      `import * as spdz from ${JSON.stringify(library)};`,
      `import { ${ownNames.join(", ")} } from ${JSON.stringify(helpers)};`,
      "",
    ].join("\n"),
    modules: {
      spdz: `${library}.js`,
      spdzlab: `${library}.js`,
      tslab: require.resolve("tslab"),
      ...Object.fromEntries(missing.map((name) => [name, require.resolve(name)])),
    },
    types: {
      spdz: `${library}.d.ts`,
      spdzlab: `${library}.d.ts`,
      ...Object.fromEntries(missing.map((name) => [name, packageFolder(name)])),
    },
  };
}

/** Return whether an export can be a name in a cell. `default` cannot. */
function isName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default" && !name.startsWith("__");
}

function resolves(from: NodeJS.Require, name: string): boolean {
  try {
    from.resolve(name);
    return true;
  } catch {
    return false;
  }
}
