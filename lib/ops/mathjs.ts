import { createRequire } from "node:module";
import type { BigNumber, Fraction, MathArray, MathJsInstance, Matrix } from "mathjs";
import type { Operand } from "../autograd/operand";
import { SharedVariable } from "../autograd/shared-variable";
import * as ops from "./all";
import { isOperand } from "./call";
import { type AnyOp, parametersOf } from "./define";
import { type AnyFunction, type Conditional, ownConventions, refuseSecretConditions } from "./mathjs-own";

/** A public operand beside a secret in a formula: mathjs's own values, which both parties know. */
type MathValue = number | bigint | BigNumber | Fraction | MathArray | Matrix;

interface SharedBinary {
  (x: SharedVariable, y: SharedVariable | MathValue): SharedVariable;
  (x: MathValue, y: SharedVariable): SharedVariable;
}

/** The overload that an operation adds to mathjs: that of two operands takes a secret on either side. */
type Overload<Method> = Method extends (...args: infer Rest) => infer R
  ? [Operand] extends Rest
    ? SharedBinary
    : (x: SharedVariable, ...args: Rest) => R
  : never;

type NamesOf<T> = T extends { readonly types?: { readonly mathjs: infer M extends string } } ? M : never;

type OverloadsOf<Ops> = {
  readonly [K in keyof Ops as NamesOf<Ops[K]>]: Ops[K] extends {
    readonly types?: { readonly method: infer M };
  }
    ? Overload<M>
    : never;
};

/** mathjs, whose functions take SharedVariables as well. */
export type SharedMath = MathJsInstance &
  OverloadsOf<typeof ops> & {
    readonly sum: (x: SharedVariable, dim?: number) => SharedVariable;
    readonly mean: (x: SharedVariable, dim?: number) => SharedVariable;
    readonly variance: (
      x: SharedVariable,
      dim?: number,
      normalization?: "unbiased" | "uncorrected",
    ) => SharedVariable;
    readonly max: (x: SharedVariable, dim?: number) => SharedVariable;
    readonly min: (x: SharedVariable, dim?: number) => SharedVariable;
    readonly cumsum: (x: SharedVariable, dim?: number) => SharedVariable;
    readonly pow: (x: SharedVariable, exponent: number) => SharedVariable;
    readonly reshape: (x: SharedVariable, sizes: readonly number[]) => SharedVariable;
    readonly squeeze: (x: SharedVariable) => SharedVariable;
    readonly flatten: (x: SharedVariable) => SharedVariable;
    readonly concat: (x: SharedVariable, ...rest: readonly unknown[]) => SharedVariable;
    readonly sort: (x: SharedVariable, order?: "asc" | "desc") => SharedVariable;
    readonly subset: (x: SharedVariable, index: ReturnType<MathJsInstance["index"]>) => SharedVariable;
    readonly size: (x: SharedVariable) => number[];
  };

/**
 * mathjs with secrets: `math.multiply(data, weights)`, `math.evaluate("data * weights + 1", { data, weights })`. Its
 * functions and formulas take SharedVariables like any other type; `*` is the matrix product, `.*` goes element by
 * element, `'` transposes. mathjs is loaded on first use.
 */
export const math: SharedMath = whenUsed(createSharedMath);

/** Load on first use: mathjs takes half a second, which a program that does without should not pay. */
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

// biome-ignore lint/suspicious/noExplicitAny: signatures of typed-function take any parameters
type Signatures = Record<string, (...args: any[]) => unknown>;

interface TypedFunction {
  (name: string, signatures: Signatures): unknown;
  addType(type: { name: string; test(x: unknown): boolean }): void;
}

function createSharedMath(): SharedMath {
  const { all, create } = createRequire(__filename)("mathjs") as typeof import("mathjs");
  const math = create(all!, {}) as SharedMath;
  const { typed } = math as unknown as { typed: TypedFunction };
  typed.addType({ name: "SharedVariable", test: (x: unknown) => x instanceof SharedVariable });
  const overloads: Record<string, Signatures> = {
    ...overloadsOf(ops as unknown as Record<string, AnyOp>),
  };
  const own = math as unknown as Record<string, AnyFunction>;
  const { transform } = (math as unknown as { expression: { transform: Record<string, AnyFunction> } })
    .expression;
  const conventions = ownConventions({ ...own }, { ...transform });
  math.import(
    Object.fromEntries(
      Object.entries(overloads).map(([name, signatures]) => [name, typed(name, signatures)]),
    ),
  );
  math.import(conventions, { override: true });
  // A class of this instance of mathjs, so that others stay as they are.
  const { ConditionalNode } = own as unknown as Record<string, { prototype: Conditional }>;
  refuseSecretConditions(ConditionalNode!.prototype);
  return math;
}

/** The functions of mathjs that the operations extend, with the signatures they add. */
export function overloadsOf(operations: Readonly<Record<string, AnyOp>>): Record<string, Signatures> {
  return Object.fromEntries(
    Object.values(operations).flatMap((op) =>
      Object.entries(op.definition.mathjs ?? {}).map(([name, overload]) => [
        name,
        signaturesOf(op, overload === true ? op : (overload as (...args: unknown[]) => unknown)),
      ]),
    ),
  );
}

/** The signatures in which at least one operand is a secret; public arguments may be anything that the operation takes. */
function signaturesOf({ definition }: AnyOp, run: (...args: unknown[]) => unknown): Signatures {
  const kinds = Object.values(parametersOf(definition));
  const operands = kinds.filter(isOperand).length;
  const lengths = kinds.map((_, i) => i + 1).filter((length) => length >= operands);
  const all = lengths.flatMap((length) =>
    kinds
      .slice(0, length)
      .reduce<string[][]>(
        (heads, kind) =>
          heads.flatMap((head) => (isOperand(kind) ? SIDES : ["any"]).map((type) => [...head, type])),
        [[]],
      ),
  );
  const secret = all.filter((types) => types.includes("SharedVariable"));
  return Object.fromEntries(secret.map((types) => [types.join(", "), run]));
}

const SIDES = ["SharedVariable", "number | bigint | BigNumber | Fraction | Array | Matrix"];
