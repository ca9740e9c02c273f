import type { Gradients, GradNode } from "../autograd/backward";
import type { Operand } from "../autograd/operand";
import {
  type PublicInput,
  plainTensor,
  publicDivisor,
  publicFactor,
  publicTensor,
} from "../autograd/operand";
import { SharedVariable } from "../autograd/shared-variable";
import { gradEnabled } from "../primitives/no-grad";
import { detach, type SharedTensor } from "../primitives/shared-tensor";
import type { FloatTensor } from "../tensor/float-tensor";
import { indexText } from "../tensor/input";
import type { Shape } from "../tensor/shape";
import { type Call, type ParameterKinds, readCall } from "./call";
import { compareWithPlain } from "./shadow";
import type { Method, OpFunction, PlainMethodOf, Swap, SwapAll, Terms, Upstream } from "./signature";
import { isSecret, type Term } from "./term";

/** The largest error of an operation whose operands are exact at the session's precision. */
export type ErrorBound<P extends readonly unknown[]> =
  /** In units of the last place. */
  | number
  | {
      /** For people, as it stands in docs/operations.md. */
      readonly text: string;
      /** The bound for given operands, for tests: one for all elements, or one for each. `ulp` is 2^−precision. */
      of(ulp: number, ...args: P): number | FloatTensor;
    };

/** Compute the gradient of one operand; called only where that operand is a secret that requires one. */
export type OperandGradient = () => SharedTensor | undefined;

/** A call that the test suite makes: operands as nested arrays, and public arguments, in order. */
export type Example = readonly unknown[];

/** An operation on shared tensors: everything that the library, its tests and its documentation know about it. */
export interface OpDefinition<P extends readonly unknown[], R, S, M extends string> {
  /** The parameters, the operand of the method first. Default: one operand, `x`. */
  readonly parameters?: ParameterKinds;
  /** Advice for a call with too many arguments, such as "for two axes write sum([0, 1])". */
  readonly hint?: string;
  /**
   * Check the public arguments and shapes, before anything is computed on secret or on public operands.
   *
   * @throws {TypeError | RangeError} with the operation, the value, what is allowed, and what to do
   */
  check?(...args: SwapAll<P, { readonly shape: Shape }>): void;
  /** Compute the result, and values to save for the gradient. Runs only where an operand is secret. */
  forward(...args: Terms<P>): Swap<R, SharedTensor> | Saving<Swap<R, SharedTensor>, S>;
  /**
   * Return one function for each operand, in order. Absent where no gradient flows through the operation. Operands,
   * results and saved values are outside the graph.
   */
  gradient?(
    upstream: Upstream<R>,
    made: Saving<Swap<R, SharedTensor>, S>,
    ...args: Terms<P>
  ): readonly (OperandGradient | undefined)[];
  /** Of several results, the names of those that no gradient flows through, such as indices. Default: none */
  readonly detached?: readonly string[];
  /** The same on plain numbers: the meaning that tests hold the operation to, and the source of its signature. */
  plain(...args: P): R;
  readonly bound: ErrorBound<P>;
  /** The range of the operands, and that of the numbers that tests draw. Default: ±2^12. */
  readonly domain?: readonly [from: number, to: number];
  /** The range of operands that must be integers. Default: the domain. */
  readonly integers?: readonly [from: number, to: number];
  /** Shapes of the operands for any sizes m, k and n. Default: those that broadcast to m×k. */
  shapes?(m: number, k: number, n: number): readonly Shape[];
  /** Calls that the test suite makes; those for random operands take their public arguments. */
  readonly examples: readonly Example[];
  /**
   * The functions of mathjs that take secrets by this operation. `true` where operands and arguments are the same as
   * here.
   */
  readonly mathjs?: Readonly<Record<M, true | ((...operands: Operand[]) => SharedVariable)>>;
}

/** Results together with values that the gradient needs. */
export interface Saving<T, S> {
  readonly result: T;
  readonly saved: S;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an operation takes, gives and saves
export type AnyDefinition = OpDefinition<any, any, any, string>;

/** An operation, as `ops` has it: a function on secret and public operands, with its definition. */
export type Op<P extends readonly unknown[], R, M extends string = never> = OpFunction<P, R> & {
  readonly definition: AnyDefinition;
  /** Present in the types only. @internal */
  readonly types?: {
    readonly method: Method<P, R>;
    readonly plain: PlainMethodOf<P, R>;
    readonly mathjs: M;
  };
};

/** An operation of any kind. */
export type AnyOp = ((...args: unknown[]) => unknown) & { readonly definition: AnyDefinition };

const ONE_OPERAND: ParameterKinds = { x: "operand" };

/** The parameters of an operation by name. */
export function parametersOf({ parameters }: AnyDefinition): ParameterKinds {
  return parameters ?? ONE_OPERAND;
}

/** Make an operation from its definition. Its signature is that of `plain`, with secrets in place of plain tensors. */
export function defineOp<P extends readonly unknown[], R, S = undefined, M extends string = never>(
  definition: OpDefinition<P, R, S, M>,
): Op<P, R, M> {
  const any = definition as unknown as AnyDefinition;
  const op = (...given: unknown[]): unknown => {
    const call = readCall(op.name, parametersOf(any), given, any.hint);
    const secret = call.operands.map(({ value }) => value).find((value) => value instanceof SharedVariable);
    return secret ? onSecrets(op.name, any, call, secret) : onPlain(op.name, any, call);
  };
  return Object.assign(op, { definition: any }) as unknown as Op<P, R, M>;
}

function onPlain(name: string, definition: AnyDefinition, call: Call): unknown {
  const args = call.fill(
    call.operands.map(({ value, kind, parameter }) => {
      const tensor = plainTensor(value as PublicInput, name);
      if (kind === "integer") requireWhole(name, parameter, tensor);
      return tensor;
    }),
  );
  definition.check?.(...args);
  return definition.plain(...args);
}

/** How public operands are encoded. */
const ENCODE = {
  operand: publicTensor,
  factor: publicFactor,
  divisor: publicDivisor,
  exponent: publicFactor,
  integer: publicTensor,
} as const;

function onSecrets(name: string, definition: AnyDefinition, call: Call, secret: SharedVariable): unknown {
  const { precision } = secret.iface;
  const terms = call.operands.map(({ value, kind, parameter }): Term => {
    const isSecret = value instanceof SharedVariable;
    const term = isSecret ? value.tensor : ENCODE[kind](value as PublicInput, precision, name);
    if (kind === "integer") requireIntegers(name, parameter, term);
    return term;
  });
  const args = call.fill(terms);
  definition.check?.(...args);
  const { watch, party } = secret.iface;
  const forward = () => definition.forward(...args);
  const made = saving(watch ? watch.within(party, name, forward) : forward());
  if (watch?.on) compareWithPlain(watch, { name, definition, call, terms, result: made.result });
  const wanted = gradEnabled() && terms.some((term) => isSecret(term) && term.requiresGrad);
  // A graph that no gradient flows through would keep every value that went into it.
  const node = wanted && definition.gradient && gradNode(name, definition, call, terms, made);
  if (!wanted) return eachTensor(made.result, (tensor) => new SharedVariable(detach(tensor)));
  let output = 0;
  return eachTensor(made.result, (tensor, result) => {
    const own = output++;
    if (!node || definition.detached?.includes(result)) return new SharedVariable(detach(tensor));
    // A handle of its own, also where the operation returned one of its operands.
    return new SharedVariable({ ...tensor }, node, own);
  });
}

/** @throws {TypeError} an operand is fixed point where integers are needed */
function requireIntegers(name: string, parameter: string, { fracBits }: Term): void {
  if (fracBits > 0)
    throw new TypeError(`${name}: ${parameter} must be integers, got a fixed-point value; ${INTEGERS}`);
}

/** @throws {TypeError} an element is not a whole number */
function requireWhole(name: string, parameter: string, { values, shape }: FloatTensor): void {
  const wrong = values.findIndex((value) => !Number.isInteger(value));
  if (wrong >= 0)
    throw new TypeError(
      `${name}: ${parameter} must be integers, got ${values[wrong]}${indexText(wrong, shape)}; ${INTEGERS}`,
    );
}

/** Where integers come from, for errors. */
const INTEGERS = "comparisons such as x.gt(0) and argmax give integers, and input with { integers: true }";

function gradNode(
  name: string,
  definition: AnyDefinition,
  call: Call,
  terms: readonly Term[],
  made: Saving<unknown, unknown>,
): GradNode {
  const outside = call.fill(terms.map((term) => (isSecret(term) ? detach(term) : term)));
  const kept = { result: eachTensor(made.result, detach), saved: eachTensor(made.saved, detach) };
  const parents = call.operands.map(({ value }) => value);
  const secrets = parents.flatMap((value, i) => (value instanceof SharedVariable ? [{ value, i }] : []));
  return {
    parents: secrets.map(({ value }) => value),
    gradients: (upstream): Gradients => {
      let output = 0;
      const g = eachTensor(made.result, () => upstream[output++]);
      const { watch, party } = secrets[0]!.value.iface;
      const compute = () => {
        const each = definition.gradient!(g as never, kept as never, ...outside);
        return secrets.map(({ value, i }) => (value.requiresGrad ? each[i]?.() : undefined));
      };
      return watch ? watch.within(party, `gradient of ${name}`, compute) : compute();
    },
  };
}

function saving(outcome: unknown): Saving<unknown, unknown> {
  const isSaving =
    typeof outcome === "object" && outcome !== null && "result" in outcome && "saved" in outcome;
  return isSaving ? (outcome as Saving<unknown, unknown>) : { result: outcome, saved: undefined };
}

/** The same with something else in place of each shared tensor: alone, in a list, or by name. */
function eachTensor(
  value: unknown,
  map: (tensor: SharedTensor, name: string) => unknown,
  name = "",
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("held" in value) return map(value as SharedTensor, name);
  if (Array.isArray(value)) return value.map((each) => eachTensor(each, map, name));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, eachTensor(each, map, key)]));
}
