/**
 * Find secrets that a cell uses as plain values. JavaScript gives an operation no way to refuse: `if (x)` always takes
 * the first branch and `x === y` compares two handles, whatever the secrets are. So the cell does not run.
 */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

/** One such use. */
export interface SecretUse {
  /** The expression: UTF-16 indices into the file. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint: string;
}

const SECRET = "SharedVariable";
/** Types that may stand beside a secret in a union, and are always true as a condition too. */
const TENSORS = new Set([SECRET, "FloatTensor", "LongTensor", "Variable"]);

const REVEAL = "To learn a secret on both sides, write `await x.reveal()`.";
const TRUE = "is a secret. Its value is not known here, and as a condition it always counts as true.";

/** Return the uses of secrets in conditions, and in comparisons that compare handles. */
export function secretUses(file: TypeScript.SourceFile, checker: TypeScript.TypeChecker): SecretUse[] {
  const found: SecretUse[] = [];
  const { SyntaxKind } = ts;

  const add = (node: TypeScript.Node, message: string, hint: string) => {
    found.push({ start: node.getStart(file), end: node.end, message, hint });
  };
  const asCondition = (node: TypeScript.Expression, remedy: string) => {
    const inner = withoutParentheses(node);
    // The parts of a condition are visited by themselves.
    if (isLogical(inner)) return;
    if (isAlwaysTensor(checker.getTypeAtLocation(inner)) && !mayBeMissing(inner, checker))
      add(inner, `\`${shortened(inner, file)}\` ${TRUE}`, `${remedy} ${REVEAL}`);
  };

  const visit = (node: TypeScript.Node): void => {
    if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node))
      asCondition(node.expression, "`ops.where(condition, a, b)` chooses by a secret.");
    else if (ts.isForStatement(node) && node.condition)
      asCondition(node.condition, "`ops.where(condition, a, b)` chooses by a secret.");
    else if (ts.isConditionalExpression(node))
      asCondition(node.condition, "`ops.where(condition, a, b)` chooses by a secret.");
    else if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
      asCondition(node.operand, "`x.logicalNot()` is 1 where a secret is 0.");
    else if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const logical = LOGICAL.get(kind);
      if (logical !== undefined) {
        const remedy = `\`x.${logical}(y)\` combines secrets.`;
        asCondition(node.left, remedy);
        if (isCondition(node)) asCondition(node.right, remedy);
      }
      const compared = COMPARED.get(kind);
      if (compared !== undefined) {
        const types = [node.left, node.right].map((side) => checker.getTypeAtLocation(side));
        const [left, right] = types as [TypeScript.Type, TypeScript.Type];
        if ((hasSecret(left) && !isNothing(right)) || (hasSecret(right) && !isNothing(left)))
          add(
            node,
            `\`${shortened(node, file)}\` compares handles, not the secrets behind them.`,
            `\`x.${compared}(y)\` compares secrets and gives a secret 0 or 1. ${REVEAL}`,
          );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const LOGICAL = new Map<TypeScript.SyntaxKind, string>([
  [ts.SyntaxKind.AmpersandAmpersandToken, "logicalAnd"],
  [ts.SyntaxKind.BarBarToken, "logicalOr"],
]);

const COMPARED = new Map<TypeScript.SyntaxKind, string>([
  [ts.SyntaxKind.EqualsEqualsToken, "eq"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "eq"],
  [ts.SyntaxKind.ExclamationEqualsToken, "ne"],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "ne"],
]);

function isLogical(node: TypeScript.Node): boolean {
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.ExclamationToken;
  return ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind);
}

/** Whether the value of `node` decides a branch: `if (a && b)`, but not `a && b` alone. */
function isCondition(node: TypeScript.Node): boolean {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent) || isLogical(parent))
    return isCondition(parent) || !isPlain(parent);
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent))
    return parent.expression === node;
  if (ts.isForStatement(parent) || ts.isConditionalExpression(parent)) return parent.condition === node;
  return false;
}

/** Whether an expression hands on its value, as `a && b` and `(a)` do; `!a` does not. */
function isPlain(node: TypeScript.Node): boolean {
  return !ts.isPrefixUnaryExpression(node);
}

function withoutParentheses(node: TypeScript.Expression): TypeScript.Expression {
  return ts.isParenthesizedExpression(node) ? withoutParentheses(node.expression) : node;
}

function partsOf(type: TypeScript.Type): readonly TypeScript.Type[] {
  return type.isUnion() ? type.types : [type];
}

const nameOf = (type: TypeScript.Type) => type.symbol?.name;

function hasSecret(type: TypeScript.Type): boolean {
  return partsOf(type).some((part) => nameOf(part) === SECRET);
}

/** Whether a type is a secret, or a tensor that may be one, and cannot be undefined, null or anything else. */
function isAlwaysTensor(type: TypeScript.Type): boolean {
  return hasSecret(type) && partsOf(type).every((part) => TENSORS.has(nameOf(part) ?? ""));
}

/**
 * Whether an expression may be undefined by its declaration, as `x.grad` is: then a condition asks whether there is one.
 * Without `strict`, types do not say so.
 */
function mayBeMissing(node: TypeScript.Expression, checker: TypeScript.TypeChecker): boolean {
  const declarations = ts.isCallExpression(node)
    ? [checker.getResolvedSignature(node)?.declaration]
    : (checker.getSymbolAtLocation(node)?.declarations ?? []);
  return declarations.some((declaration) => {
    const { type, questionToken, initializer } = (declaration ?? {}) as {
      type?: TypeScript.TypeNode;
      questionToken?: TypeScript.Node;
      initializer?: TypeScript.Expression;
    };
    if (questionToken !== undefined) return true;
    if (type !== undefined) return ts.isUnionTypeNode(type) && type.types.some(isNothingNode);
    // Of a variable that starts as another one's value, the other says more.
    return initializer !== undefined && mayBeMissing(initializer, checker);
  });
}

function isNothingNode(node: TypeScript.TypeNode): boolean {
  if (node.kind === ts.SyntaxKind.UndefinedKeyword) return true;
  return ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword;
}

/** Whether a type is only undefined or null: `x === undefined` asks whether there is a secret. */
function isNothing(type: TypeScript.Type): boolean {
  return partsOf(type).every((part) => (part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) !== 0);
}

const LONGEST = 40;

function shortened(node: TypeScript.Node, file: TypeScript.SourceFile): string {
  const text = node.getText(file).replace(/\s+/g, " ");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
