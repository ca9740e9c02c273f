/** Remove `export` from cells. Later cells see every name of a cell, so exports are not needed. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Problem } from "./diagnostics";
import { ts } from "./typescript";

/**
 * Replace the word `export` before a declaration, and lists such as `export { a, b }`, by spaces.
 *
 * @returns code of the same length, or the problems: a cell cannot use `export default` or `import.meta`
 */
export function withoutExports(code: string): string | Problem[] {
  if (!/\bexport\b|\bmeta\b/.test(code)) return code;
  const file = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const problems: Problem[] = [];
  const refuse = (node: TypeScript.Node, code: number, message: string) => {
    const start = node.getStart(file);
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const place = { start, end: node.end, line: line + 1, column: character + 1 };
    problems.push({ code, message, ...place, file: undefined, promise: false });
  };
  let result = code;
  const blank = (start: number, end: number) => {
    result = result.slice(0, start) + result.slice(start, end).replace(/[^\n]/g, " ") + result.slice(end);
  };
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement) && statement.isExportEquals !== true) {
      refuse(statement, NO_DEFAULT_EXPORT, defaultExport);
    } else if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined) {
      blank(statement.getStart(file), statement.end);
    } else if (ts.canHaveModifiers(statement)) {
      for (const modifier of ts.getModifiers(statement) ?? []) {
        if (modifier.kind === ts.SyntaxKind.ExportKeyword) blank(modifier.getStart(file), modifier.end);
        if (modifier.kind === ts.SyntaxKind.DefaultKeyword)
          refuse(modifier, NO_DEFAULT_EXPORT, defaultExport);
      }
    }
  }
  const visit = (node: TypeScript.Node) => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      refuse(node, NO_IMPORT_META, importMeta);
    ts.forEachChild(node, visit);
  };
  if (/\bmeta\b/.test(code)) visit(file);
  return problems.length > 0 ? problems : result;
}

/** TypeScript's own numbers of the two errors, so that users can look them up. */
const NO_DEFAULT_EXPORT = 1319;
const NO_IMPORT_META = 1343;

const defaultExport =
  "`export default` is not available in a notebook cell. Declare a name instead, as in `const answer = 42`: later cells see every name.";
const importMeta =
  "`import.meta` is not available in a notebook cell. Use `__dirname` for the folder of the notebook.";
