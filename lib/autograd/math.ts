import { createRequire } from "node:module";
import type { MathArray, MathJsInstance, Matrix } from "mathjs";
import { sizeOf } from "../tensor/shape";
import type { PublicInput } from "./operand";
import { SharedVariable } from "./shared-variable";

/** What may stand beside a secret in a formula: mathjs's own values, which both parties know. */
type MathValue = number | MathArray | Matrix;

interface SharedBinary {
  (x: SharedVariable, y: SharedVariable | MathValue): SharedVariable;
  (x: MathValue, y: SharedVariable): SharedVariable;
}

type SharedQuotient = (x: SharedVariable, y: number) => SharedVariable;

type SharedUnary = (x: SharedVariable) => SharedVariable;

/** mathjs, whose arithmetic takes SharedVariables as well. */
export type SharedMath = MathJsInstance & {
  readonly add: SharedBinary;
  readonly subtract: SharedBinary;
  /** As for matrices: a matrix product, or a product with a single number. */
  readonly multiply: SharedBinary;
  readonly dotMultiply: SharedBinary;
  /** By a public number. */
  readonly divide: SharedQuotient;
  readonly dotDivide: SharedQuotient;
  readonly sum: SharedUnary;
  readonly mean: SharedUnary;
  readonly unaryMinus: SharedUnary;
  readonly transpose: SharedUnary;
};

/**
 * mathjs with secrets: `math.multiply(data, weights)`, `math.evaluate("data * weights + 1", { data, weights })`.
 * SharedVariable is a type like any other in its functions and formulas; `*` is the matrix product, `.*` goes
 * element by element, `'` transposes. It is loaded when it is first used.
 */
export const math: SharedMath = whenUsed(createSharedMath);

/** mathjs takes half a second to load, which a program that does without should not pay. */
function whenUsed<T extends object>(make: () => T): T {
  let made: T | undefined;
  const target = () => {
    made ??= make();
    return made;
  };
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(target(), key),
    set: (_, key, value) => Reflect.set(target(), key, value),
    has: (_, key) => Reflect.has(target(), key),
    ownKeys: () => Reflect.ownKeys(target()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(target(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

function createSharedMath(): SharedMath {
  const { all, create } = createRequire(__filename)("mathjs") as typeof import("mathjs");
  const math = create(all!, {}) as SharedMath;
  const { typed } = math as unknown as { typed: TypedFunction };
  typed.addType({ name: "SharedVariable", test: (x: unknown) => x instanceof SharedVariable });
  math.import({
    add: typed(
      "add",
      binary(
        (x, y) => x.add(y),
        (c, x) => x.add(c),
      ),
    ),
    subtract: typed(
      "subtract",
      binary(
        (x, y) => x.sub(y),
        (c, x) => x.neg().add(c),
      ),
    ),
    multiply: typed("multiply", binary(multiply, multiplyLeft)),
    dotMultiply: typed(
      "dotMultiply",
      binary(
        (x, y) => x.mul(y),
        (c, x) => x.mul(c),
      ),
    ),
    divide: typed("divide", { "SharedVariable, number": divide }),
    dotDivide: typed("dotDivide", { "SharedVariable, number": divide }),
    sum: typed("sum", { SharedVariable: (x: SharedVariable) => x.sum() }),
    mean: typed("mean", { SharedVariable: (x: SharedVariable) => divide(x.sum(), sizeOf(x.shape)) }),
    // mathjs takes a lone argument for a number and would hand the secret back, or fail half-way.
    ...unavailable(typed, "prod", "variance", "std", "mad", "median", "mode"),
    unaryMinus: typed("unaryMinus", { SharedVariable: (x: SharedVariable) => x.neg() }),
    transpose: typed("transpose", { SharedVariable: (x: SharedVariable) => x.t() }),
    ctranspose: typed("ctranspose", { SharedVariable: (x: SharedVariable) => x.t() }),
  });
  return math;
}

interface TypedFunction {
  // biome-ignore lint/suspicious/noExplicitAny: signatures of typed-function take any parameters
  (name: string, signatures: Record<string, (...args: any[]) => SharedVariable>): unknown;
  addType(type: { name: string; test(x: unknown): boolean }): void;
}

/** The signatures of an operation in which one side at least is a secret. */
function binary(
  right: (x: SharedVariable, y: SharedVariable | PublicInput) => SharedVariable,
  left: (c: PublicInput, x: SharedVariable) => SharedVariable,
) {
  return {
    "SharedVariable, SharedVariable": right,
    "SharedVariable, number | Array | Matrix": right,
    "number | Array | Matrix, SharedVariable": left,
  };
}

/** mathjs's rule: a single number scales, matrices multiply as matrices. */
function multiply(x: SharedVariable, y: SharedVariable | PublicInput): SharedVariable {
  if (
    typeof y === "number" ||
    (y instanceof SharedVariable && y.shape.length === 0) ||
    x.shape.length === 0
  ) {
    return x.mul(y);
  }
  return x.matmul(y);
}

/** Functions that say so on a shared value. */
function unavailable(typed: TypedFunction, ...names: readonly string[]): Record<string, unknown> {
  const refuse = (name: string) => () => {
    throw new TypeError(`${name} is not available on a shared value`);
  };
  return Object.fromEntries(names.map((name) => [name, typed(name, { SharedVariable: refuse(name) })]));
}

/** @throws {RangeError} division by zero */
function divide(x: SharedVariable, y: number): SharedVariable {
  if (y === 0) throw new RangeError("a shared value cannot be divided by zero");
  return x.mul(1 / y);
}

function multiplyLeft(c: PublicInput, x: SharedVariable): SharedVariable {
  return typeof c === "number" || x.shape.length === 0 ? x.mul(c) : x.matmulLeft(c);
}
