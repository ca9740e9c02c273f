/** Makes every operation of the registry a method of SharedVariable, and gives it its name. */
import { SharedVariable } from "../autograd/shared-variable";
import * as ops from "./all";
import { isOperand } from "./call";
import { type AnyOp, parametersOf } from "./define";

/** The methods that operations become; those on lists of tensors become none. */
export type Methods<Ops> = {
  [K in keyof Ops as Ops[K] extends { readonly types?: { readonly method: never } }
    ? never
    : K]: Ops[K] extends {
    readonly types?: { readonly method: infer M };
  }
    ? M
    : never;
};

declare module "../autograd/shared-variable" {
  interface SharedVariable extends Methods<typeof ops> {}
}

/** Fields of a SharedVariable would hide a method of their name, and `then` would make every secret a promise. */
const RESERVED = ["tensor", "iface", "node", "output", "then"];

/**
 * Give operations their names, and a prototype their methods.
 *
 * @throws {Error} the prototype has a member of that name
 */
export function addMethods(prototype: object, operations: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(operations)) {
    const op = value as AnyOp;
    if (name in prototype) throw new Error(`${name} is defined twice on SharedVariable`);
    if (RESERVED.includes(name))
      throw new Error(`${name} cannot be an operation: a SharedVariable has a field of it`);
    Object.defineProperty(op, "name", { value: name });
    const [first] = Object.values(parametersOf(op.definition));
    if (!first || !isOperand(first)) continue;
    const method = {
      [name](this: SharedVariable, ...args: unknown[]) {
        return op(this, ...args);
      },
    }[name];
    Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
  }
}

addMethods(SharedVariable.prototype, ops);
