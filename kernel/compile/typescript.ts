/**
 * The TypeScript compiler that tslab brings, adjusted before tslab loads it.
 *
 * tslab's converter reads `@tslab/typescript-for-tslab` and offers no options, so the module cache is given a copy
 * of the compiler in which three functions differ. tslab must not be imported before this file.
 */

import { dirname } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter, ConverterOptions } from "tslab/dist/converter";
import { packageRoot } from "../package";
import type { DeferredTypes } from "./deferred-types";

/** The compiler's public API and the parts that tslab's build of it opens. */
export type Compiler = typeof TypeScript;

/** What a compilation may change, all by the kernel. */
export interface CompilerHooks {
  readonly options: TypeScript.CompilerOptions;
  /** Transforms the cell after its types are gone; other files pass unchanged. */
  readonly transform: (
    file: TypeScript.SourceFile,
    program: TypeScript.Program,
    context: TypeScript.TransformationContext,
  ) => TypeScript.SourceFile;
  /** Files to read before the first cell, besides those that it refers to. */
  readonly roots: readonly string[];
  /** Says which type files are read. */
  readonly types: DeferredTypes;
  /** Receives the JavaScript of the cell. */
  readonly output: (javascript: string) => void;
}

const CELL = /(^|\/)__tslab__\.(ts|js)$/;

const compilerPath = require.resolve("@tslab/typescript-for-tslab");

/** The folder that npm put this package's packages in. */
const packages = dirname(dirname(dirname(dirname(compilerPath))));

/** The compiler, as it is. */
export const ts: Compiler = require(compilerPath);

let hooks: CompilerHooks | undefined;

const patched = {
  ...ts,
  sys: {
    ...ts.sys,
    readFile: (path: string, encoding?: string) =>
      hooks!.types.read(path, (of) => ts.sys.readFile(of, encoding)),
    watchFile,
    watchDirectory,
  },
  createWatchCompilerHost(
    rootNames: string[],
    options: TypeScript.CompilerOptions,
    system: TypeScript.System,
    _createProgram: unknown,
    ...reporters: [TypeScript.DiagnosticReporter, TypeScript.WatchStatusReporter]
  ) {
    return ts.createWatchCompilerHost(
      [...rootNames, ...hooks!.roots],
      { ...options, ...hooks!.options },
      withOwnTimers(system),
      createBuilder as unknown as TypeScript.CreateProgram<TypeScript.EmitAndSemanticDiagnosticsBuilderProgram>,
      ...reporters,
    );
  },
  // The cell's code is run as it was emitted, so tslab's own step to CommonJS has nothing to do for it.
  transpileModule(input: string, options: TypeScript.TranspileOptions): TypeScript.TranspileOutput {
    return input === emitted ? { outputText: input } : ts.transpileModule(input, options);
  },
};
(require.cache[compilerPath] as NodeJS.Module).exports = patched;
ts.sys.useCaseSensitiveFileNames = true;

let emitted: string | undefined;

/** tslab's converter with this kernel's options and transformation. */
export function createConverter(using: CompilerHooks, options?: ConverterOptions): Converter {
  hooks = using;
  const tslab = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  return tslab.createConverter(options);
}

/** What the compiler calls to make its program anew. tslab keeps the timer of that call, and room for no other. */
const PROGRAM_UPDATE = "updateProgramWithWatchStatus";

/** Gives the compiler's other timers, which a change in a watched folder starts, to the event loop. */
function withOwnTimers(system: TypeScript.System): TypeScript.System {
  const own = new Set<unknown>();
  return Object.assign(Object.create(system) as TypeScript.System, {
    setTimeout(callback: () => void, delay: number) {
      if (callback.name === PROGRAM_UPDATE) return system.setTimeout!(callback, delay);
      const timer = setTimeout(() => {
        own.delete(timer);
        callback();
      }, delay).unref();
      own.add(timer);
      return timer;
    },
    clearTimeout(timer: unknown) {
      if (own.delete(timer)) clearTimeout(timer as NodeJS.Timeout);
      else system.clearTimeout!(timer);
    },
  });
}

const unwatched: TypeScript.FileWatcher = { close() {} };

/** Watches a notebook's own files; those of a package do not change under a running kernel. */
function watchFile(...args: Parameters<NonNullable<TypeScript.System["watchFile"]>>): TypeScript.FileWatcher {
  const [path, changed] = args;
  if (hooks!.types.watch(path, () => changed(path, ts.FileWatcherEventKind.Changed))) return unwatched;
  return isOwn(path) ? unwatched : ts.sys.watchFile!(...args);
}

function watchDirectory(
  ...args: Parameters<NonNullable<TypeScript.System["watchDirectory"]>>
): TypeScript.FileWatcher {
  return isOwn(args[0]) ? unwatched : ts.sys.watchDirectory!(...args);
}

/** Whether a path belongs to this package or one that it brought, rather than to the notebook's folder. */
function isOwn(path: string): boolean {
  return [packageRoot, packages].some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** The compiler's emit with its last, undocumented parameter: declarations are emitted whatever is wrong with them. */
type EmitAll = (
  file: TypeScript.SourceFile,
  write: TypeScript.WriteFileCallback,
  token: undefined,
  declarationsOnly: undefined,
  transformers: TypeScript.CustomTransformers,
  force: true,
) => TypeScript.EmitResult;

/**
 * The program as tslab drives it. The compiler's own builders keep track of what each file affects, which costs a
 * fifth of a second at the start and is of no use where every file but the cell stays as it is.
 */
function createBuilder(...args: Parameters<Compiler["createAbstractBuilder"]>): TypeScript.BuilderProgram {
  const builder = ts.createAbstractBuilder(...args);
  // tslab reads the names that a cell declares before it asks for a check, which is when files are bound otherwise.
  const program = builder.getProgram();
  for (const file of program.getSourceFiles()) if (CELL.test(file.fileName)) bindSourceFile(file, program);
  const { transform, output } = hooks!;
  // A type that a declaration file cannot name is no mistake of the cell's: it is declared as far as it can be.
  Object.assign(program, { getDeclarationDiagnostics: () => [] });
  const emitAll = program.emit as EmitAll;
  return Object.assign(builder, {
    getAllDependencies: (file: TypeScript.SourceFile) => sourcesReachedFrom(file, builder.getProgram()),
    emit(
      file: TypeScript.SourceFile,
      write: TypeScript.WriteFileCallback,
      _token: undefined,
      _declarationsOnly: undefined,
      transformers: TypeScript.CustomTransformers,
    ) {
      if (!CELL.test(file.fileName)) return program.emit(file, write);
      emitted = undefined;
      const writeCell: TypeScript.WriteFileCallback = (name, text, ...rest) => {
        if (CELL.test(name)) {
          emitted = text;
          output(text);
        }
        write(name, text, ...rest);
      };
      const own: TypeScript.CustomTransformers = {
        ...transformers,
        after: [(context) => (node) => transform(node, program, context)],
      };
      return emitAll(file, writeCell, undefined, undefined, own, true);
    },
  });
}

function bindSourceFile(file: TypeScript.SourceFile, program: TypeScript.Program): void {
  const { bindSourceFile: bind } = ts as unknown as {
    bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
  };
  bind(file, program.getCompilerOptions());
}

/** The paths of `file` and of all source files (not declarations) that it imports, directly or not. */
function sourcesReachedFrom(file: TypeScript.SourceFile, program: TypeScript.Program): string[] {
  const reached = new Set<string>();
  const visit = (next: TypeScript.SourceFile) => {
    if (reached.has(next.fileName)) return;
    reached.add(next.fileName);
    const { resolvedModules } = next as unknown as {
      resolvedModules?: {
        forEach(each: (of: { resolvedModule?: TypeScript.ResolvedModuleFull }) => void): void;
      };
    };
    resolvedModules?.forEach(({ resolvedModule }) => {
      if (resolvedModule === undefined || resolvedModule.isExternalLibraryImport) return;
      const source = program.getSourceFile(resolvedModule.resolvedFileName);
      if (source !== undefined && !source.isDeclarationFile) visit(source);
    });
  };
  visit(file);
  return [...reached];
}
