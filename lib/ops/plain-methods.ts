/** Gives FloatTensor every operation of the registry too, by its plain meaning; so code runs in the clear unchanged. */
import { SharedVariable } from "../autograd/shared-variable";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import { Tensor } from "../tensor/tensor";
import * as ops from "./all";
import { isOperand, readCall } from "./call";
import { type AnyOp, parametersOf } from "./define";

/** The operations that FloatTensor has as methods of its own, and those on lists, which are static. */
type Own =
  | "abs"
  | "add"
  | "argmax"
  | "at"
  | "broadcastTo"
  | "chunk"
  | "concat"
  | "diag"
  | "div"
  | "eq"
  | "expand"
  | "flatten"
  | "flip"
  | "gather"
  | "ge"
  | "gt"
  | "indexSelect"
  | "le"
  | "lt"
  | "matmul"
  | "mean"
  | "mul"
  | "ne"
  | "neg"
  | "pad"
  | "permute"
  | "repeat"
  | "reshape"
  | "roll"
  | "scatterAdd"
  | "slice"
  | "split"
  | "squeeze"
  | "stack"
  | "sub"
  | "sum"
  | "t"
  | "transpose"
  | "tril"
  | "triu"
  | "unbind"
  | "unsqueeze"
  | "where";

type PlainMethods<Ops extends { readonly [K in keyof Ops]: HasPlain }> = {
  [K in keyof Ops as Exclude<K, Own>]: NonNullable<Ops[K]["types"]>["plain"];
};

interface HasPlain {
  readonly types?: { readonly plain: unknown };
}

declare module "../tensor/float-tensor" {
  interface FloatTensor extends PlainMethods<typeof ops> {}
}

/** Operations that only move elements: plain tensors have them themselves, with the same parameters. */
const LAYOUT = new Set([...Object.getOwnPropertyNames(Tensor.prototype), "where", "scatterAdd"]);

type PlainTensor = FloatTensor | LongTensor;
type Run = (self: PlainTensor, args: readonly unknown[]) => unknown;

/**
 * Give FloatTensor the operations that it lacks. Let its own methods, and those of LongTensor, refuse secrets, and where
 * the parameters are those of the operation, surplus arguments too.
 */
function addPlainMethods(operations: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(operations)) {
    const op = value as AnyOp;
    const [first] = Object.values(parametersOf(op.definition));
    if (!first || !isOperand(first)) continue;
    if (!(name in FloatTensor.prototype)) {
      define(FloatTensor.prototype, name, (self, args) => {
        refuseSecrets(
          op,
          self,
          readCall(name, parametersOf(op.definition), [self, ...args], op.definition.hint).operands,
        );
        return op(self, ...args);
      });
      continue;
    }
    for (const prototype of [Tensor.prototype, FloatTensor.prototype, LongTensor.prototype]) {
      if (!Object.hasOwn(prototype, name)) continue;
      const own = (prototype as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
      define(prototype, name, (self, args) => {
        const passed = LAYOUT.has(name)
          ? readCall(name, parametersOf(op.definition), [self, ...args], op.definition.hint).operands
          : args.map((value) => ({ value }));
        refuseSecrets(op, self, passed);
        return own.apply(self, [...args]);
      });
    }
  }
}

function define(prototype: object, name: string, run: Run): void {
  const method = {
    [name](this: PlainTensor, ...args: unknown[]) {
      return run(this, args);
    },
  }[name];
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

/** @throws {TypeError} an operand is a secret */
function refuseSecrets(op: AnyOp, self: PlainTensor, operands: readonly { readonly value: unknown }[]): void {
  if (!operands.some(({ value }) => value instanceof SharedVariable)) return;
  const type = self instanceof FloatTensor ? "FloatTensor" : "LongTensor";
  throw new TypeError(`a ${type} cannot take a secret on its right; write ops.${op.name}(w, x)`);
}

addPlainMethods(ops);
