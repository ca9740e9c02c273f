/** Declarations that TypeScript's own declaration files leave out, but a notebook keeps. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

/** Declares the variables that a cell introduces by `var` inside a loop or a branch: they outlive it. */
export function nestedDeclarations(file: TypeScript.SourceFile, checker: TypeScript.TypeChecker): string {
  const { locals } = file as unknown as { locals?: ReadonlyMap<string, TypeScript.Symbol> };
  const lines: string[] = [];
  locals?.forEach((symbol, name) => {
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return;
    if (ts.isVariableStatement(declaration.parent.parent) && declaration.parent.parent.parent === file)
      return;
    const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const text = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
    lines.push(`declare var ${name}: ${text};\n`);
  });
  return lines.join("");
}
