/**
 * The types of an operation on secrets, derived from its plain meaning: `(x: FloatTensor, other: FloatTensor) =>
 * FloatTensor` becomes the method `(other: Operand) => SharedVariable`. Names of parameters stay, so hovers show them.
 */
import type { Operand, PublicInput } from "../autograd/operand";
import type { SharedVariable } from "../autograd/shared-variable";
import type { SharedTensor } from "../primitives/shared-tensor";
import type { FloatTensor } from "../tensor/float-tensor";
import type { ArrayLikeMatrix } from "../tensor/input";
import type { Term } from "./term";

/** Any parameters, as `plain` declares them. */
export type Parameters = readonly never[];

/** A result where operands may be secret or public: secret if one of them is. */
export type Value = SharedVariable | FloatTensor;

/** T with To in place of each plain tensor in it: alone, in a list, or among options. */
export type Swap<T, To> = HasTensor<T> extends true ? SwapEach<T, To> : T;

/** Parameters with To in place of plain tensors. */
export type SwapAll<P extends readonly unknown[], To> = { [I in keyof P]: Swap<P[I], To> };

/** Parameters with a secret at one place; the other operands may be secret or public. */
type SecretAt<P extends readonly unknown[], Place extends string> = {
  [I in keyof P]: Swap<P[I], I extends Place ? SharedVariable : Operand>;
};

/** The parameters of `forward` and `gradient`: a lone operand is secret, of several at least one. */
export type Terms<P extends readonly unknown[]> = P extends readonly [FloatTensor, ...infer Rest]
  ? HasTensor<Rest[number]> extends true
    ? SwapAll<P, Term>
    : { [I in keyof P]: I extends "0" ? SharedTensor : P[I] }
  : SwapAll<P, Term>;

/** The gradients of the results; of several, undefined where none flows. */
export type Upstream<R> = R extends FloatTensor ? SharedTensor : { readonly [K in keyof R]?: SharedTensor };

/**
 * The method on SharedVariable; never, where an operation takes a list of tensors. The brackets keep together what may be
 * called in several ways, such as `reshape(2, 3)` and `reshape([2, 3])`.
 */
export type Method<P extends readonly unknown[], R> = [P] extends [readonly [FloatTensor, ...infer Rest]]
  ? (...args: Given<Rest, Operand>) => Swap<R, SharedVariable>
  : never;

/** SwapAll where there is something to swap; otherwise the parameters themselves, which hovers show better. */
type Given<P extends readonly unknown[], To> = HasTensor<P[number]> extends true ? SwapAll<P, To> : P;

/** The method on FloatTensor. */
export type PlainMethodOf<P extends readonly unknown[], R> = [P] extends [
  readonly [FloatTensor, ...infer Rest],
]
  ? (...args: Given<Rest, PublicInput>) => R
  : never;

/** The method on FloatTensor that an operation becomes. */
export type PlainMethod<Op> = Op extends { readonly types?: { readonly plain: infer M } } ? M : never;

/** The function in `ops`. */
export type OpFunction<P extends readonly unknown[], R> = [P] extends [
  readonly [FloatTensor, FloatTensor, FloatTensor, ...unknown[]],
]
  ? OfThree<P, R, "1", "2">
  : [P] extends [readonly [FloatTensor, unknown, FloatTensor, FloatTensor, ...unknown[]]]
    ? OfThree<P, R, "2", "3">
    : [P] extends [readonly [FloatTensor, FloatTensor, ...unknown[]]]
      ? OfTwo<P, R, "1">
      : [P] extends [readonly [FloatTensor, unknown, FloatTensor, ...unknown[]]]
        ? OfTwo<P, R, "2">
        : [P] extends [readonly [FloatTensor, unknown, unknown, FloatTensor, ...unknown[]]]
          ? OfTwo<P, R, "3">
          : [P] extends [readonly [readonly FloatTensor[], ...infer Rest]]
            ? OfList<P, Rest, R>
            : OfOne<P, R>;

interface OfOne<P extends readonly unknown[], R> {
  (...args: SecretAt<P, "0">): Swap<R, SharedVariable>;
  (...args: SwapAll<P, PublicInput>): R;
  (...args: SwapAll<P, Operand>): Swap<R, Value>;
}

/** A list is secret if one of its first two elements is seen to be. */
interface OfList<P extends readonly unknown[], Rest extends readonly unknown[], R> {
  (...args: SecretAt<P, "0">): Swap<R, SharedVariable>;
  (tensors: readonly [SharedVariable, ...Operand[]], ...rest: Rest): Swap<R, SharedVariable>;
  (tensors: readonly [Operand, SharedVariable, ...Operand[]], ...rest: Rest): Swap<R, SharedVariable>;
  (...args: SwapAll<P, PublicInput>): R;
  (...args: SwapAll<P, Operand>): Swap<R, Value>;
}

/** The second operand stands at a place of its own. */
interface OfTwo<P extends readonly unknown[], R, Second extends string> {
  (...args: SecretAt<P, "0">): Swap<R, SharedVariable>;
  (...args: SecretAt<P, Second>): Swap<R, SharedVariable>;
  (...args: SwapAll<P, PublicInput>): R;
  (...args: SwapAll<P, Operand>): Swap<R, Value>;
}

interface OfThree<P extends readonly unknown[], R, Second extends string, Third extends string> {
  (...args: SecretAt<P, "0">): Swap<R, SharedVariable>;
  (...args: SecretAt<P, Second>): Swap<R, SharedVariable>;
  (...args: SecretAt<P, Third>): Swap<R, SharedVariable>;
  (...args: SwapAll<P, PublicInput>): R;
  (...args: SwapAll<P, Operand>): Swap<R, Value>;
}

type HasTensor<T> = true extends (T extends unknown ? Holds<T> : never) ? true : false;

type Holds<T> = T extends FloatTensor | readonly FloatTensor[]
  ? true
  : T extends readonly unknown[] | ArrayBufferView | ArrayLikeMatrix
    ? false
    : T extends object
      ? [Extract<T[keyof T], FloatTensor>] extends [never]
        ? false
        : true
      : false;

type SwapEach<T, To> = T extends FloatTensor
  ? To
  : T extends readonly FloatTensor[]
    ? readonly To[]
    : T extends object
      ? { [K in keyof T]: SwapEach<T[K], To> }
      : T;
