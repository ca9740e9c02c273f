/**
 * The functions of mathjs whose calling conventions are its own: dimensions that count from 0 in calls and from 1 in
 * formulas, a matrix power, joins along the last axis, and subsets by an index.
 */
import { inspect } from "node:util";
import { SharedVariable } from "../autograd/shared-variable";
import { FloatTensor } from "../tensor/float-tensor";
import { bracketShape, type Shape } from "../tensor/shape";
import * as ops from "./all";

// biome-ignore lint/suspicious/noExplicitAny: mathjs's functions take anything
export type AnyFunction = ((...args: any[]) => unknown) & { transform?: AnyFunction };

/** Functions of a secret and a dimension. */
const ALONG = {
  sum: (x: SharedVariable, dim?: number) => x.sum(dim),
  mean: (x: SharedVariable, dim?: number) => x.mean(dim),
  max: (x: SharedVariable, dim?: number) => x.max(dim),
  min: (x: SharedVariable, dim?: number) => x.min(dim),
  cumsum: (x: SharedVariable, dim?: number) => x.cumsum(dim ?? 0),
} as const;

/** Functions of one secret and public arguments. */
const SHAPES = {
  reshape: (x: SharedVariable, sizes: unknown) => x.reshape(listOf("reshape", sizes)),
  squeeze: (x: SharedVariable) => x.squeeze(),
  flatten: (x: SharedVariable) => x.flatten(),
  size: (x: SharedVariable) => [...x.shape],
  sort: sortBy,
  subset,
  norm,
  pow: power,
} as const;

/**
 * Functions that are not available: mathjs takes a lone argument for a number and would return the secret itself, or fail
 * half-way.
 */
const REFUSED: Readonly<Record<string, string>> = {
  prod: "",
  mad: "",
  mode: "",
  quantileSeq: "",
  and: "; write x.logicalAnd(y)",
  or: "; write x.logicalOr(y)",
  not: "; write x.logicalNot()",
  xor: "; write x.logicalXor(y)",
  // mathjs's median of an even number of elements is the mean of both in the middle.
  median: "; write x.median(), which takes the lower of both in the middle",
};

/**
 * Extend mathjs's own functions by secrets.
 *
 * @param own - mathjs's functions by name
 * @param transforms - what formulas use in their place
 * @returns functions to put in the place of mathjs's, each with its transform
 */
export function ownConventions(
  own: Readonly<Record<string, AnyFunction>>,
  transforms: Readonly<Record<string, AnyFunction | undefined>>,
): Record<string, AnyFunction> {
  const extend = (name: string, run: AnyFunction, inFormulas: AnyFunction = run): [string, AnyFunction] => {
    const original = own[name]!;
    const formula = transforms[name] ?? original;
    const choose =
      (secret: AnyFunction, plain: AnyFunction): AnyFunction =>
      (...args) =>
        (args.some(isSecret) ? secret : plain)(...args);
    return [name, Object.assign(choose(run, original), { transform: choose(inFormulas, formula) })];
  };
  return Object.fromEntries([
    ...Object.entries(ALONG).map(([name, run]) =>
      extend(name, along(name, run as AnyFunction, 0), along(name, run as AnyFunction, 1)),
    ),
    ...Object.entries(SHAPES).map(([name, run]) => extend(name, secretFirst(name, run as AnyFunction))),
    ...(["variance", "std"] as const).map((name) => {
      const run = ((...args) => spread(name, ...(args as [SharedVariable]))) as AnyFunction;
      return extend(name, along(name, run, 0), along(name, run, 1));
    }),
    extend("concat", concatFrom(0), concatFrom(1)),
    ...Object.entries(REFUSED).map(([name, advice]) => extend(name, refuse(name, advice))),
  ]);
}

/** @throws {TypeError} always */
function refuse(name: string, advice: string): AnyFunction {
  return () => {
    throw new TypeError(`${name} is not available on a shared value${advice}`);
  };
}

function isSecret(x: unknown): x is SharedVariable {
  return x instanceof SharedVariable;
}

/** Read the dimension, which counts from `first`. */
function along(name: string, run: AnyFunction, first: 0 | 1): AnyFunction {
  return secretFirst(name, (x: SharedVariable, ...rest: unknown[]) => {
    const [dim, ...more] = rest;
    if (typeof dim !== "number") return run(x, ...rest);
    return run(x, dimension(name, dim, first), ...more);
  });
}

function dimension(name: string, dim: number, first: 0 | 1): number {
  if (Number.isInteger(dim) && dim >= first) return dim - first;
  throw new RangeError(
    `${name}: a dimension counts from ${first}${first === 1 ? " in a formula" : ""}, got ${inspect(dim)}`,
  );
}

/** @throws {TypeError} the secret is not the first argument */
function secretFirst(name: string, run: AnyFunction): AnyFunction {
  return (...args) => {
    if (isSecret(args[0])) return run(...args);
    throw new TypeError(`${name} takes a shared value as its first argument only`);
  };
}

/** Join tensors along an axis: the last, unless the last argument is a number. */
function concatFrom(first: 0 | 1): AnyFunction {
  return (...args) => {
    const last = args.at(-1);
    const tensors = typeof last === "number" ? args.slice(0, -1) : args;
    const axis = typeof last === "number" ? dimension("concat", last, first) : -1;
    return ops.concat(tensors as never, axis);
  };
}

/** mathjs's variance, and its square root: over n − 1, or as a normalization says. */
function spread(
  name: "variance" | "std",
  x: SharedVariable,
  dim?: number | string,
  normalization?: string,
): unknown {
  const given = typeof dim === "string" ? dim : normalization;
  const corrections: Record<string, number> = { unbiased: 1, uncorrected: 0, biased: -1 };
  const correction = given === undefined ? 1 : corrections[given];
  if (correction === undefined || correction < 0) {
    throw new RangeError(
      `${name}: the normalization must be "unbiased" or "uncorrected" on a shared value, got ${inspect(given)}`,
    );
  }
  return x[name](typeof dim === "number" ? dim : undefined, { correction });
}

/** The 2-norm of a vector; that of a matrix would be its largest singular value. */
function norm(x: SharedVariable, order: unknown = 2): unknown {
  if (x.shape.length === 1 && order === 2) return x.norm();
  throw new TypeError(
    `norm takes a vector and its 2-norm on a shared value, got shape ${bracketShape(x.shape)} and ${inspect(order)}; the ` +
      "square root of the sum of all squares is x.norm()",
  );
}

/** mathjs's sort of a vector: from the least, "asc", or from the greatest, "desc". */
function sortBy(x: SharedVariable, order: unknown = "asc"): SharedVariable {
  if (order !== "asc" && order !== "desc")
    throw new TypeError(`sort takes "asc" or "desc" on a shared value, got ${inspect(order)}`);
  return x.sort(-1, { descending: order === "desc" }).values;
}

/** x ^ n: the power of a square matrix, or of a number. */
function power(x: SharedVariable, exponent: unknown): SharedVariable {
  if (x.shape.length === 0) return x.pow(exponent as number);
  const [rows, columns] = x.shape;
  if (x.shape.length !== 2 || rows !== columns) {
    throw new RangeError(
      `^ is the power of a square matrix, got shape ${bracketShape(x.shape)}; element by element write .^`,
    );
  }
  if (typeof exponent !== "number" || !Number.isInteger(exponent) || exponent < 0)
    throw new RangeError(`^ takes a whole number from 0, got ${inspect(exponent)}`);
  if (exponent === 0) return x.mul(0).add(FloatTensor.eye(rows!));
  const half = exponent === 1 ? x : power(x, Math.floor(exponent / 2));
  if (exponent === 1) return half;
  const squared = half.matmul(half);
  return exponent % 2 === 0 ? squared : squared.matmul(x);
}

/** The part of mathjs's Index that is used here. */
interface MathIndex {
  isIndex?: boolean;
  isScalar(): boolean;
  toArray(): (number | number[])[];
}

function subset(x: SharedVariable, index: unknown, ...rest: unknown[]): SharedVariable {
  const given = index as MathIndex;
  if (!given?.isIndex || rest.length > 0) {
    throw new TypeError(
      "subset takes a shared value and an index, such as subset(x, index(1, 2)); a shared value cannot be changed in place",
    );
  }
  const axes = given.toArray();
  if (axes.length !== x.shape.length) {
    throw new RangeError(
      `subset: the index has ${axes.length} dimensions, and the shared value has shape ${bracketShape(x.shape)}`,
    );
  }
  const part = axes.reduce<SharedVariable>(
    (taken, axis, i) => taken.indexSelect(i, [axis].flat()) as SharedVariable,
    x,
  );
  return given.isScalar() ? part.reshape([] as unknown as Shape) : part;
}

function listOf(name: string, sizes: unknown): number[] {
  const list = (sizes as { toArray?(): unknown })?.toArray?.() ?? sizes;
  if (Array.isArray(list)) return list as number[];
  throw new TypeError(`${name} takes a list of sizes, got ${inspect(sizes, { depth: 0 })}`);
}

/** The parts of mathjs's node of `a ? b : c` that are used here. */
export interface Conditional {
  condition: { _compile(...args: unknown[]): (...args: unknown[]) => unknown };
  _compile(...args: unknown[]): unknown;
}

/**
 * Let `a ? b : c` refuse a secret condition by name: which of both it takes would tell the secret.
 *
 * @param prototype - that of mathjs's ConditionalNode
 */
export function refuseSecretConditions(prototype: Conditional): void {
  const compile = prototype._compile;
  prototype._compile = function (this: Conditional, ...args) {
    const { condition } = this;
    const checked: Conditional = Object.create(this);
    checked.condition = {
      _compile: (...inner) => {
        const evaluate = condition._compile(...inner);
        return (...scope) => requirePublic(evaluate(...scope));
      },
    };
    return compile.apply(checked, args);
  };
}

/** @throws {TypeError} the condition is a secret */
function requirePublic(condition: unknown): unknown {
  if (!isSecret(condition)) return condition;
  throw new TypeError("a ? b : c is not available on a shared condition; write spdz.where(a, b, c)");
}
