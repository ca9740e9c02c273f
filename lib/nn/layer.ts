import type { Operand } from "../autograd/operand";
import type { SharedVariable } from "../autograd/shared-variable";
import type { Value } from "../ops/signature";
import { Module } from "./module";

/** A setting of a layer, as its constructor takes it. */
export type Setting = number | boolean | readonly number[] | { readonly [name: string]: Setting | undefined };

/** A module from one value to one value: a secret in gives a secret out. */
export abstract class Layer extends Module {
  /** Compute the result of secret or public values, along all but the layer's own axes. */
  override forward(x: SharedVariable): SharedVariable;
  override forward(x: Operand): Value;
  override forward(x: Operand): Value {
    return this.compute(x);
  }

  /** What `forward` computes. */
  protected abstract compute(x: Operand): Value;
}
