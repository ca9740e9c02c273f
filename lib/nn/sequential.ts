import { inspect } from "node:util";
import type { Operand } from "../autograd/operand";
import type { Value } from "../ops/signature";
import { Layer } from "./layer";
import { Module } from "./module";

/**
 * Modules one after another, each on the result of the one before.
 *
 * @example
 * const model = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
 */
export class Sequential extends Layer {
  readonly [position: number]: Module;

  /**
   * @param modules - each takes one value and gives one
   * @throws {TypeError} one is not a module
   */
  constructor(...modules: Module[]) {
    super();
    const wrong = modules.findIndex((each) => !(each instanceof Module));
    if (wrong >= 0)
      throw new TypeError(
        `Sequential: argument ${wrong} is not a module: ${inspect(modules[wrong], { depth: 0 })}`,
      );
    Object.assign(this, modules);
  }

  /** The modules in order. */
  layers(): Module[] {
    return Object.values(this).filter((each) => each instanceof Module);
  }

  protected compute(x: Operand): Value {
    return this.layers().reduce((value, layer) => run(layer, value), x) as Value;
  }
}

function run(layer: Module, x: Operand): Operand {
  return (layer as unknown as { forward(x: Operand): Operand }).forward(x);
}
