/**
 * Adjust tslab's TypeScript compiler before tslab loads it.
 *
 * tslab's converter loads `@tslab/typescript-for-tslab` and has no options for it. So put a copy of the compiler with a
 * few changed functions into the module cache. Do not import tslab before this file.
 */

import { dirname } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter, ConverterOptions } from "tslab/dist/converter";
import { packageRoot } from "../package";
import type { DeferredTypes } from "./deferred-types";

/** The compiler's public API, and the internal parts that tslab's build exposes. */
export type Compiler = typeof TypeScript;

/** The kernel's changes to a compilation. */
export interface CompilerHooks {
  readonly options: TypeScript.CompilerOptions;
  /** Transform the cell after its types have been removed. Other files are not transformed. */
  readonly transform: (
    file: TypeScript.SourceFile,
    program: TypeScript.Program,
    context: TypeScript.TransformationContext,
  ) => TypeScript.SourceFile;
  /** Further files to read before the first cell. */
  readonly roots: readonly string[];
  /** Decides which type files the compiler reads. */
  readonly types: DeferredTypes;
  /** Take the JavaScript of the cell. */
  readonly output: (javascript: string) => void;
}

const CELL = /(^|\/)__tslab__\.(ts|js)$/;

const compilerPath = require.resolve("@tslab/typescript-for-tslab");

/** The folder in which npm installed this package's dependencies. */
const packages = dirname(dirname(dirname(dirname(compilerPath))));

/** The unchanged compiler. */
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
  // Run the cell's code as it was emitted: skip tslab's own conversion to CommonJS.
  transpileModule(input: string, options: TypeScript.TranspileOptions): TypeScript.TranspileOutput {
    return input === emitted ? { outputText: input } : ts.transpileModule(input, options);
  },
};
(require.cache[compilerPath] as NodeJS.Module).exports = patched;
ts.sys.useCaseSensitiveFileNames = true;

let emitted: string | undefined;

/** Create tslab's converter with this kernel's options and transformation. */
export function createConverter(using: CompilerHooks, options?: ConverterOptions): Converter {
  hooks = using;
  const tslab = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  return tslab.createConverter(options);
}

/** The compiler's function that updates its program. tslab keeps the timer of this call, and of no other. */
const PROGRAM_UPDATE = "updateProgramWithWatchStatus";

/** Run the compiler's other timers, which a change in a watched folder starts, on the event loop. */
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

/** Watch the notebook's own files. The files of a package do not change while a kernel is running. */
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

/** Return whether a path belongs to this package or its dependencies, and not to the notebook's folder. */
function isOwn(path: string): boolean {
  return [packageRoot, packages].some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** The compiler's emit with its last, undocumented parameter: it emits declarations despite errors. */
type EmitAll = (
  file: TypeScript.SourceFile,
  write: TypeScript.WriteFileCallback,
  token: undefined,
  declarationsOnly: undefined,
  transformers: TypeScript.CustomTransformers,
  force: true,
) => TypeScript.EmitResult;

/**
 * Create the program for tslab. Do not use the compiler's own builders: they track what each file affects, which is
 * slow at the start and useless here, where only the cell changes.
 */
function createBuilder(...args: Parameters<Compiler["createAbstractBuilder"]>): TypeScript.BuilderProgram {
  const builder = ts.createAbstractBuilder(...args);
  // tslab reads the names that a cell declares before it asks for a check. So bind the file now.
  const program = builder.getProgram();
  for (const file of program.getSourceFiles()) if (CELL.test(file.fileName)) bindSourceFile(file, program);
  const { transform, output } = hooks!;
  // If a declaration file cannot name a type, that is not an error of the cell. Declare the type as far as possible.
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

/** Return the paths of `file` and of all source files (not declarations) that it imports, directly or indirectly. */
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
