/** Find the declarations of a notebook's names. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

/** The code of the cells, the latest last. */
export class Sources {
  private readonly cells: string[] = [];

  add(code: string): void {
    this.cells.push(code);
  }

  /** Return the latest top-level declaration of `name`, with its comment. Undefined if no cell declares it. */
  find(name: string): string | undefined {
    for (const code of [...this.cells].reverse()) {
      if (!code.includes(name)) continue;
      const file = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
      const found = file.statements.filter((statement) => declares(statement, name)).at(-1);
      if (found !== undefined) return found.getFullText(file).trim();
    }
    return undefined;
  }
}

function declares(statement: TypeScript.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((declaration) => binds(declaration.name, name));
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name?.text === name;
}

/** Return whether a pattern such as `[a, { b }]` binds `name`. */
function binds(pattern: TypeScript.BindingName, name: string): boolean {
  if (ts.isIdentifier(pattern)) return pattern.text === name;
  return pattern.elements.some((element) => ts.isBindingElement(element) && binds(element.name, name));
}
