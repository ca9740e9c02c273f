/**
 * Rewrite a cell from an ES module to the body of an async function.
 *
 * All cells share one scope object. A cell's own variables stay local, where V8 keeps them in registers. After each
 * statement that changes them, copy them to the scope. If a function of the cell captures a `let` or `var`, keep that
 * variable only in the scope, so that later cells and the function always see the same value. Read the names of earlier
 * cells from the scope.
 */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

/** The parameters of a cell's function, besides `require`, `__dirname` and `__filename`. */
export const SCOPE = "__scope";
export const CELL = "__cell";

const { factory } = ts;

/**
 * Rewrite the cell.
 *
 * @param file - the cell after TypeScript has removed its types
 * @param program - the program in which the cell was checked
 * @param context - the context of the transformation, for nested scopes
 * @param earlier - the path of the virtual file that declares the names of earlier cells
 */
export function rewriteCell(
  file: TypeScript.SourceFile,
  program: TypeScript.Program,
  context: TypeScript.TransformationContext,
  earlier: string,
): TypeScript.SourceFile {
  const checker = program.getTypeChecker();
  const captured = capturedVariables(ts.getOriginalNode(file) as TypeScript.SourceFile, checker);
  const capturedNames = new Set([...captured].map((symbol) => symbol.name));

  /** Return whether an identifier's value is in the scope. */
  const inScope = (symbol: TypeScript.Symbol | undefined) =>
    symbol !== undefined &&
    (captured.has(symbol) ||
      symbol.declarations?.some((of) => of.getSourceFile().fileName === earlier) === true);

  const visit = (node: TypeScript.Node): TypeScript.Node => {
    if (ts.isIdentifier(node)) {
      if (isNameOfDeclaration(node) || !inScope(checker.getSymbolAtLocation(node))) return node;
      return located(scopeMember(node.text), node);
    }
    if (ts.isShorthandPropertyAssignment(node)) {
      const original = ts.getOriginalNode(node);
      const value = inScope(checker.getShorthandAssignmentValueSymbol(original))
        ? scopeMember(node.name.text)
        : node.name;
      const initial = node.objectAssignmentInitializer;
      if (value === node.name && initial === undefined) return node;
      const assigned =
        initial && factory.createAssignment(value, ts.visitNode(initial, visit) as TypeScript.Expression);
      return located(factory.createPropertyAssignment(node.name.text, assigned ?? value), node);
    }
    if (ts.isPropertyAccessExpression(node)) {
      const object = ts.visitNode(node.expression, visit) as TypeScript.Expression;
      if (object === node.expression) return node;
      return ts.isPropertyAccessChain(node)
        ? factory.updatePropertyAccessChain(
            node,
            object,
            node.questionDotToken,
            node.name as TypeScript.Identifier,
          )
        : factory.updatePropertyAccessExpression(node, object, node.name);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const args = ts.visitNodes(node.arguments, visit) as TypeScript.NodeArray<TypeScript.Expression>;
      return located(factory.createCallExpression(cellMember("import"), undefined, args), node);
    }
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isCallExpression(visited) && ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      return factory.updateCallExpression(
        visited,
        asFunction(visited.expression),
        undefined,
        visited.arguments,
      );
    }
    if (
      ts.isTaggedTemplateExpression(visited) &&
      ts.isTaggedTemplateExpression(node) &&
      ts.isIdentifier(node.tag)
    ) {
      return factory.updateTaggedTemplateExpression(
        visited,
        asFunction(visited.tag),
        undefined,
        visited.template,
      );
    }
    return visited;
  };

  const imports: TypeScript.Statement[] = [];
  const functions: TypeScript.Statement[] = [];
  const body: TypeScript.Statement[] = [];
  const declared = new Set<string>();
  const statements = file.statements.filter((statement) => !ts.isExportDeclaration(statement));

  const copy = (names: Iterable<string>): TypeScript.Statement[] =>
    [...names]
      .filter((name) => !capturedNames.has(name))
      .map((name) =>
        factory.createExpressionStatement(factory.createAssignment(scopeMember(name), identifier(name))),
      );

  statements.forEach((statement, index) => {
    if (ts.isImportDeclaration(statement)) {
      const names = importStatements(statement, imports);
      imports.push(...copy(names));
      return;
    }
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
      declared.add(statement.name.text);
      functions.push(...copy([statement.name.text]));
      body.push(ts.visitNode(statement, visit) as TypeScript.Statement);
      return;
    }
    if (ts.isVariableStatement(statement)) {
      const names = statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
      for (const name of names) declared.add(name);
      body.push(...declareVariables(ts.visitEachChild(statement, visit, context), capturedNames));
      body.push(...copy(new Set([...names, ...assignedNames(statement, declared)])));
      return;
    }
    if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
      declared.add(statement.name.text);
      body.push(ts.visitNode(statement, visit) as TypeScript.Statement, ...copy([statement.name.text]));
      return;
    }
    const changed = copy(assignedNames(statement, declared));
    if (ts.isExpressionStatement(statement) && index === statements.length - 1) {
      const value = ts.visitNode(statement.expression, visit) as TypeScript.Expression;
      body.push(...returnValue(value, statement, changed));
      return;
    }
    const visited = ts.visitNode(statement, visit) as TypeScript.Statement;
    if (changed.length === 0 || ts.isExpressionStatement(statement)) body.push(visited, ...changed);
    else
      body.push(
        factory.createTryStatement(factory.createBlock([visited]), undefined, factory.createBlock(changed)),
      );
  });

  return factory.updateSourceFile(file, [...imports, ...functions, ...body]);
}

/** `scope.name` */
function scopeMember(name: string): TypeScript.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(identifier(SCOPE), name);
}

function cellMember(name: string): TypeScript.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(identifier(CELL), name);
}

function identifier(name: string): TypeScript.Identifier {
  return factory.createIdentifier(name);
}

/** Give a new node the place of the one that it replaces, for the source map. */
function located<T extends TypeScript.Node>(node: T, place: TypeScript.Node): T {
  return ts.setSourceMapRange(ts.setTextRange(node, place), place);
}

/** Return `(0, scope.f)`, so that a call to a function of an earlier cell does not pass the scope as `this`. */
function asFunction(callee: TypeScript.Expression): TypeScript.Expression {
  if (ts.isIdentifier(callee)) return callee;
  return factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), callee));
}

function isNameOfDeclaration(node: TypeScript.Identifier): boolean {
  const original = ts.getOriginalNode(node);
  const { parent } = original;
  if (parent === undefined) return false;
  if (ts.isBindingElement(parent)) return parent.name === original || parent.propertyName === original;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return (parent as unknown as { name?: TypeScript.Node }).name === original;
}

/** Return the names that a declaration binds: one for an identifier, several for a pattern. */
function boundNames(name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : boundNames(element.name),
  );
}

/** Return the top-level variables, declared by `let` or `var`, that a function of the cell uses. */
function capturedVariables(
  file: TypeScript.SourceFile,
  checker: TypeScript.TypeChecker,
): Set<TypeScript.Symbol> {
  const variables = new Set<TypeScript.Symbol>();
  const collect = (name: TypeScript.BindingName): void => {
    if (!ts.isIdentifier(name)) {
      for (const element of name.elements) if (!ts.isOmittedExpression(element)) collect(element.name);
      return;
    }
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol?.declarations?.length === 1) variables.add(symbol);
  };
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const { declarationList } = statement;
    if ((declarationList.flags & ts.NodeFlags.Const) === 0)
      for (const { name } of declarationList.declarations) collect(name);
  }
  const captured = new Set<TypeScript.Symbol>();
  if (variables.size === 0) return captured;
  const search = (node: TypeScript.Node, inside: boolean): void => {
    if (inside && ts.isIdentifier(node)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      if (symbol !== undefined && variables.has(symbol)) captured.add(symbol);
    }
    const deeper = inside || ts.isFunctionLike(node) || ts.isClassLike(node);
    ts.forEachChild(node, (child) => search(child, deeper));
  };
  search(file, false);
  return captured;
}

/** Return the names in `declared` that a statement assigns to, outside its functions. May return too many names. */
function assignedNames(statement: TypeScript.Node, declared: Set<string>): Set<string> {
  const names = new Set<string>();
  const targets = (node: TypeScript.Node): void => {
    if (ts.isIdentifier(node) && declared.has(node.text)) names.add(node.text);
    else if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node))
      ts.forEachChild(node, targets);
  };
  const search = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment) targets(node.left);
    } else if (ts.isPostfixUnaryExpression(node)) {
      targets(node.operand);
    } else if (ts.isPrefixUnaryExpression(node)) {
      const { operator } = node;
      if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken)
        targets(node.operand);
    } else if (ts.isForInStatement(node) || ts.isForOfStatement(node)) {
      if (!ts.isVariableDeclarationList(node.initializer)) targets(node.initializer);
    }
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0) {
      for (const name of node.declarations.flatMap((of) => boundNames(of.name))) {
        declared.add(name);
        names.add(name);
      }
    }
    ts.forEachChild(node, search);
  };
  search(statement);
  return names;
}

/** Declare the variables of a statement. Assign the captured ones to the scope instead. */
function declareVariables(
  statement: TypeScript.VariableStatement,
  captured: Set<string>,
): TypeScript.Statement[] {
  const { declarationList } = statement;
  const names = declarationList.declarations.flatMap(({ name }) => boundNames(name));
  if (!names.some((name) => captured.has(name))) return [statement];
  return declarationList.declarations.flatMap((declaration) => {
    if (ts.isIdentifier(declaration.name) && captured.has(declaration.name.text)) {
      const value = declaration.initializer ?? factory.createVoidZero();
      const assignment = factory.createAssignment(scopeMember(declaration.name.text), value);
      return [located(factory.createExpressionStatement(assignment), declaration)];
    }
    const moved: TypeScript.Statement[] = [];
    const rename = (name: TypeScript.BindingName): TypeScript.BindingName => {
      if (!ts.isIdentifier(name)) {
        const elements = name.elements.map((element) =>
          ts.isOmittedExpression(element) ? element : renameElement(element, ts.isObjectBindingPattern(name)),
        );
        return ts.isObjectBindingPattern(name)
          ? factory.updateObjectBindingPattern(name, elements as TypeScript.BindingElement[])
          : factory.updateArrayBindingPattern(name, elements);
      }
      if (!captured.has(name.text)) return name;
      const local = factory.createUniqueName(name.text);
      moved.push(factory.createExpressionStatement(factory.createAssignment(scopeMember(name.text), local)));
      return local;
    };
    const renameElement = (element: TypeScript.BindingElement, ofObject: boolean) => {
      const own = ofObject && element.dotDotDotToken === undefined && ts.isIdentifier(element.name);
      const property =
        element.propertyName ?? (own ? identifier((element.name as TypeScript.Identifier).text) : undefined);
      return factory.updateBindingElement(
        element,
        element.dotDotDotToken,
        property,
        rename(element.name),
        element.initializer,
      );
    };
    const renamed = factory.updateVariableDeclaration(
      declaration,
      rename(declaration.name),
      undefined,
      undefined,
      declaration.initializer,
    );
    const list = factory.createVariableDeclarationList([renamed], declarationList.flags);
    return [located(factory.createVariableStatement(undefined, list), statement), ...moved];
  });
}

/** Return `return { value: expression }`. The object prevents the async function from awaiting a promise. */
function returnValue(
  value: TypeScript.Expression,
  place: TypeScript.Statement,
  changed: TypeScript.Statement[],
): TypeScript.Statement[] {
  const give = (of: TypeScript.Expression) =>
    located(
      factory.createReturnStatement(
        factory.createObjectLiteralExpression([factory.createPropertyAssignment("value", nameless(of))]),
      ),
      place,
    );
  if (changed.length === 0) return [give(value)];
  const kept = factory.createUniqueName("value");
  return [declareConstant(kept, value, place), ...changed, give(kept)];
}

/** Add statements to `out` that load a module and bind the imported names as constants. Return those names. */
function importStatements(statement: TypeScript.ImportDeclaration, out: TypeScript.Statement[]): string[] {
  const { importClause: clause, moduleSpecifier } = statement;
  const load = factory.createCallExpression(identifier("require"), undefined, [moduleSpecifier]);
  if (clause === undefined) {
    out.push(located(factory.createExpressionStatement(load), statement));
    return [];
  }
  const loaded = factory.createUniqueName("module");
  const names: string[] = [];
  const bind = (name: TypeScript.Identifier, value: TypeScript.Expression) => {
    names.push(name.text);
    out.push(declareConstant(identifier(name.text), value, statement));
  };
  const call = (helper: string) => factory.createCallExpression(cellMember(helper), undefined, [loaded]);
  out.push(declareConstant(loaded, load, statement));
  if (clause.name !== undefined) bind(clause.name, call("defaultOf"));
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) bind(bindings.name, call("namespaceOf"));
  if (bindings !== undefined && ts.isNamedImports(bindings)) {
    for (const { name, propertyName } of bindings.elements) {
      const imported = (propertyName ?? name).text;
      const value = factory.createPropertyAccessExpression(loaded, imported);
      bind(name, imported === "default" ? call("defaultOf") : value);
    }
  }
  return names;
}

/** Keep JavaScript from naming a function or class after the property that holds it. */
function nameless(value: TypeScript.Expression): TypeScript.Expression {
  const anonymous =
    ts.isArrowFunction(value) ||
    ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && value.name === undefined);
  return anonymous
    ? factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), value))
    : value;
}

function declareConstant(
  name: TypeScript.Identifier,
  value: TypeScript.Expression,
  place: TypeScript.Node,
): TypeScript.Statement {
  const declaration = factory.createVariableDeclaration(name, undefined, undefined, value);
  const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
  return located(factory.createVariableStatement(undefined, list), place);
}
