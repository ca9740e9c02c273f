/** Declarations that a notebook needs, but TypeScript's declaration files leave out. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

/** Declare the variables of `var` statements inside a loop or a branch. They stay in scope after it. */
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
