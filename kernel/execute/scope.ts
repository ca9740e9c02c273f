/** What the code of a cell sees besides its own names: earlier cells' names, and modules. */

import Module, { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

/** A module that a cell may import by a bare name, and which copy it gets. */
export type FixedModules = Readonly<Record<string, string>>;

/** The names and the modules of one notebook. */
export class Scope {
  /** The values of all names that cells have declared; preloaded names lie behind them on the prototype. */
  readonly values: Record<string, unknown>;
  /** `require` as cells see it. */
  readonly require: NodeJS.Require;
  private readonly sources = new Map<string, string>();
  private readonly loaded = new Map<string, Module>();

  /**
   * @param cwd - the folder that relative imports start from
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

  /** Makes the notebook's own modules importable, compiled to CommonJS; a changed one is loaded anew. */
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

/** The default export of a module, which for a CommonJS module is all of it. */
export function defaultOf(module: unknown): unknown {
  return isEsModule(module) ? (module as { default: unknown }).default : module;
}

/** A module as a namespace, which for a CommonJS module means adding `default`. */
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
