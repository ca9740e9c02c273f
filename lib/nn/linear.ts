import type { Operand } from "../autograd/operand";
import * as ops from "../ops/all";
import type { Value } from "../ops/signature";
import { checkOptions } from "../text/options";
import { Layer } from "./layer";
import { requireSize, uniformParameter } from "./parameter";
import { transposed } from "./transposed";

/**
 * A linear layer: x · weightᵀ + bias, along the last axis. As in PyTorch, the weight has shape [outFeatures, inFeatures],
 * and initial values are uniform up to 1 / √inFeatures.
 *
 * The result is within one unit in the last place of the sum of products. Keep it below 2^(62 − 2·precision) in magnitude,
 * 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @example
 * const model = new nn.Linear(30, 1).lift(iface);
 * const scores = model.forward(rows); // [n, 30] gives [n, 1]
 */
export class Linear extends Layer {
  weight: Value;
  bias: Value | undefined;

  /**
   * @param options.bias - add a number for each output. Default: true
   * @throws {RangeError} a size is not a whole number from 1
   */
  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    requireSize("Linear", "inFeatures", inFeatures);
    requireSize("Linear", "outFeatures", outFeatures);
    checkOptions("Linear", options, ["bias"]);
    const limit = 1 / Math.sqrt(inFeatures);
    this.weight = uniformParameter([outFeatures, inFeatures], limit);
    this.bias = (options.bias ?? true) ? uniformParameter([outFeatures], limit) : undefined;
  }

  protected compute(x: Operand): Value {
    const product = ops.matmul(x, transposed(this.weight));
    return this.bias ? ops.add(product, this.bias) : product;
  }
}
