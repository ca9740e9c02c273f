/** Compile cells from TypeScript to JavaScript, and check them against the declarations of earlier cells. */

import { join } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { CompletionInfo, Converter, ConvertResult, SideOutput } from "tslab/dist/converter";
import type { CodeMetadata } from "tslab/dist/metadata";
import { nestedDeclarations } from "./declarations";
import { DeferredTypes } from "./deferred-types";
import { type Problem, problemsOf, problemsOfUses } from "./diagnostics";
import { withoutExports } from "./exports";
import { rewriteCell } from "./rewrite";
import { type SecretUse, secretUses } from "./secret-uses";
import { Sources } from "./sources";
import { createConverter, ts } from "./typescript";

/** A cell that passed the type checker. */
export interface CompiledCell {
  /** The source of the cell. */
  readonly code: string;
  /** The body of an async function. Ends with a source map to the cell. */
  readonly javascript: string;
  /** The declarations of the notebook after this cell has run. */
  readonly declarations: string;
  /** The notebook's own TypeScript files that the cell imports, compiled. */
  readonly modules: readonly SideOutput[];
}

/** The sources of types. */
export interface TypeSources {
  /** Declarations in scope before the first cell. */
  readonly prelude: string;
  /** The folder of the preloaded library. */
  readonly library: string;
  /** Paths of modules, by name. */
  readonly paths: Readonly<Record<string, string>>;
}

/** Compiles the cells of one notebook. */
export class CellCompiler {
  private readonly converter: Converter;
  private readonly types: DeferredTypes;
  /** The sources of the cells in scope. */
  readonly sources = new Sources();
  private declarations: string;
  private javascript = "";
  private nested = "";
  private uses: readonly SecretUse[] = [];

  constructor(cwd: string, { prelude, library, paths }: TypeSources) {
    this.types = new DeferredTypes(library);
    this.declarations = prelude;
    const earlier = join(cwd, "__prev__.d.ts");
    this.converter = createConverter({
      options: {
        // The folder of Node's types, wherever npm installed it. tslab looks for it only in its own folder.
        typeRoots: [join(require.resolve("@types/node/package.json"), "../..")],
        types: ["node"],
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        paths: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, [path]])),
        inlineSourceMap: true,
        // Every cell runs as an async function, so await is allowed wherever a module allows it.
        disableTopLevelAwait: false,
      } as TypeScript.CompilerOptions,
      transform: (file, program, context) => {
        const original = ts.getOriginalNode(file) as TypeScript.SourceFile;
        this.nested = nestedDeclarations(original, program.getTypeChecker());
        this.uses = secretUses(original, program.getTypeChecker());
        return rewriteCell(file, program, context, earlier);
      },
      types: this.types,
      roots: [join(library, "index.d.ts")],
      output: (javascript) => {
        this.javascript = javascript;
      },
    });
  }

  /**
   * Compile a cell. Its declarations are in scope only after {@link keep}.
   *
   * @returns the compiled cell, or its problems
   */
  compile(code: string): CompiledCell | Problem[] {
    const source = withoutExports(code);
    if (typeof source !== "string") return source;
    this.types.need(source);
    let converted = this.convert(source);
    const unread = converted.diagnostics.some(({ code: error, start, end }) =>
      this.types.needFor(error, source.slice(start.offset, end.offset)),
    );
    if (unread) converted = this.convert(source);
    const problems = problemsOf(converted.diagnostics, code);
    if (problems.length > 0) {
      for (const problem of problems) problem.promise = this.isPromise(source, problem.start);
      return problems;
    }
    if (this.uses.length > 0) return problemsOfUses(this.uses, code);
    return {
      code,
      javascript: this.javascript,
      declarations: this.nested + (converted.declOutput ?? ""),
      modules: converted.sideOutputs ?? [],
    };
  }

  private convert(source: string): ConvertResult {
    this.javascript = "";
    this.nested = "";
    this.uses = [];
    return this.converter.convert(this.declarations, source);
  }

  /** Bring the declarations of a cell into scope. */
  keep(cell: CompiledCell): void {
    this.declarations = cell.declarations;
    this.sources.add(cell.code);
  }

  /** Define the module `./name` by a cell marked `@module`. Return its problems. */
  addModule(name: string, code: string, metadata: CodeMetadata): Problem[] {
    this.types.needAll();
    return problemsOf(this.converter.addModule(name, code, metadata), code);
  }

  /** Return the completions at `position`, a UTF-16 index. */
  complete(code: string, position: number): CompletionInfo {
    this.types.need(code);
    this.types.needPrefix(/(?<![.\w])\w*$/.exec(code.slice(0, position))?.[0] ?? "");
    return this.converter.complete(this.declarations, code, position);
  }

  /** Return the type and comment of the name at `position`, a UTF-16 index. */
  inspect(code: string, position: number): TypeScript.QuickInfo | undefined {
    this.types.need(code);
    const info = this.quickInfo(code, position);
    const isOverloaded = info?.displayParts?.some(({ text }) => /^overloads?$/.test(text));
    if (!info || !isOverloaded || info.documentation?.length || info.tags?.length) return info;
    // In a call the compiler looks for a comment at each overload. To get the comment of the name, cut off the call.
    const { start, length } = info.textSpan;
    const { documentation, tags } = this.quickInfo(code.slice(0, start + length), position) ?? info;
    return { ...info, ...(documentation && { documentation }), ...(tags && { tags }) };
  }

  private quickInfo(code: string, position: number): TypeScript.QuickInfo | undefined {
    return this.converter.inspect(this.declarations, code, position) as TypeScript.QuickInfo | undefined;
  }

  close(): void {
    this.converter.close();
  }

  /** Return whether the expression at `position` is a promise: the error may come from a forgotten await. */
  private isPromise(source: string, position: number): boolean {
    const info = this.inspect(source, position);
    const type = info?.displayParts?.map((part) => part.text).join("") ?? "";
    return /[:>] Promise<.*>$/s.test(type);
  }
}
