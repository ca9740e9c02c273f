import { inspect } from "node:util";
import type { TensorInput } from "../tensor/input";
import { LongTensor } from "../tensor/long-tensor";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { checkOptions } from "../text/options";

/**
 * A tensor of this party, and whether it requires a gradient. Wrap one in a SharedVariable to compute on it with the
 * other party.
 *
 * @example
 * new Variable(weightsSelf, { requiresGrad: true })
 */
export class Variable {
  /** The tensor: plain integers, or this party's share. */
  readonly data: LongTensor;
  /** Whether `backward` computes a gradient for it. */
  readonly requiresGrad: boolean;

  /**
   * @param data - a LongTensor, or the data for one
   * @param options - `requiresGrad`: compute a gradient for it. Default: false
   * @throws {TypeError} an option is unknown
   */
  constructor(data: LongTensor | TensorInput, options: { requiresGrad?: boolean } = {}) {
    checkOptions("Variable", options, ["requiresGrad"]);
    const { requiresGrad = false } = options;
    this.data = data instanceof LongTensor ? data : new LongTensor(data);
    this.requiresGrad = requiresGrad;
  }

  /** The sizes of all axes. */
  size(): number[] {
    return this.data.size();
  }

  toString(): string {
    return `Variable containing:\n${this.data}`;
  }

  [inspect.custom](): string {
    return `Variable containing:\n${inspect(this.data)}`;
  }

  [jupyterDisplay](): MimeBundle {
    const inner = this.data[jupyterDisplay]();
    return {
      "text/plain": `Variable containing:\n${inner["text/plain"]}`,
      "text/html": `<div>Variable${this.requiresGrad ? ", gradient wanted" : ""}, containing:</div>${inner["text/html"]}`,
    };
  }
}
