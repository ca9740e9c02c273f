/** The scope of a cell besides its own names: the names of earlier cells, and modules. */

import Module, { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

/** Modules that a cell may import by a bare name: the path of each. */
export type FixedModules = Readonly<Record<string, string>>;

/** The names and the modules of one notebook. */
export class Scope {
  /** The values of all names that cells have declared. Its prototype holds the preloaded names. */
  readonly values: Record<string, unknown>;
  /** The `require` of cells. */
  readonly require: NodeJS.Require;
  private readonly sources = new Map<string, string>();
  private readonly loaded = new Map<string, Module>();

  /**
   * @param cwd - resolve relative imports from this folder
   * @param preloaded - names in scope before the first cell
   * @param fixed - bare names with a fixed module, by absolute path
   */
  constructor(
    readonly cwd: string,
    preloaded: Readonly<Record<string, unknown>>,
    private readonly fixed: FixedModules,
  ) {
    this.values = Object.create(preloaded) as Record<string, unknown>;
    this.require = this.hook(createRequire(join(cwd, "notebook.js")), cwd);
  }

  /** Make the notebook's own modules, compiled to CommonJS, importable. Reload the changed ones. */
  define(modules: readonly { readonly path: string; readonly data: string }[]): void {
    for (const { path, data } of modules) {
      this.sources.set(path, data);
      this.loaded.delete(path);
    }
  }

  private hook(original: NodeJS.Require, folder: string): NodeJS.Require {
    return new Proxy(original, {
      apply: (_target, _this, [id]: [string]) => {
        const path = this.fixed[id];
        if (path !== undefined) return require(path);
        return this.ownModule(folder, id)?.exports ?? original(id);
      },
      get: (target, property, receiver) => {
        if (property !== "resolve") return Reflect.get(target, property, receiver);
        const resolve = (id: string, options?: { paths?: string[] }) =>
          this.fixed[id] ?? original.resolve(id, options);
        return Object.assign(resolve, { paths: original.resolve.paths });
      },
    });
  }

  private ownModule(folder: string, id: string): Module | undefined {
    const path = join(folder, id);
    const file = extname(path) === "" ? `${path}.js` : path.replace(/\.tsx?$/, ".js");
    const source = this.sources.get(file);
    if (source === undefined) return undefined;
    const known = this.loaded.get(file);
    if (known !== undefined) return known;
    const module = new Module(file, undefined) as Module & { _compile(source: string, file: string): void };
    module.filename = file;
    module.paths = (Module as unknown as { _nodeModulePaths(of: string): string[] })._nodeModulePaths(
      dirname(file),
    );
    module.require = this.hook(module.require.bind(module) as NodeJS.Require, dirname(file));
    this.loaded.set(file, module);
    module._compile(source, file);
    return module;
  }
}

/** Return the default export of a module. For a CommonJS module, this is the whole module. */
export function defaultOf(module: unknown): unknown {
  return isEsModule(module) ? (module as { default: unknown }).default : module;
}

/** Return a module as a namespace. For a CommonJS module, add `default`. */
export function namespaceOf(module: unknown): unknown {
  if (isEsModule(module) || module === null || (typeof module !== "object" && typeof module !== "function"))
    return module;
  return Object.assign(Object.create(null), module, { default: module });
}

function isEsModule(module: unknown): boolean {
  if (module === null || (typeof module !== "object" && typeof module !== "function")) return false;
  return (
    (module as { __esModule?: boolean }).__esModule === true ||
    Object.prototype.toString.call(module) === "[object Module]"
  );
}
