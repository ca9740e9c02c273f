import type { StateDict } from "../autograd/saving";
import type { SharedVariable } from "../autograd/shared-variable";
import * as ops from "../ops/all";
import type { Value } from "../ops/signature";
import { checkOptions } from "../text/options";
import { Optimizer, requireNumber } from "./optimizer";

/** Options of stochastic gradient descent. */
export interface SGDOptions {
  readonly lr: number;
  /** How much of the last step's direction is kept. Default: 0 */
  readonly momentum?: number;
  /** How much of each parameter is added to its gradient. Default: 0 */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, as in PyTorch: v = momentum · v + gradient + weightDecay · w, beginning with
 * the first gradient, and w = w − lr · v.
 *
 * A step is within four units in the last place of that of the same numbers in the clear. Steps below half a unit may be
 * lost: at 16 fractional bits, those of lr · v below 2^-17.
 *
 * @example
 * const opt = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
 */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly #velocities = new WeakMap<SharedVariable, SharedVariable>();

  /**
   * @param parameters - secret leaves that require gradients
   * @throws {TypeError} a parameter is plain, or an option is unknown
   * @throws {RangeError} an option is out of range
   */
  constructor(parameters: Iterable<Value>, options: SGDOptions) {
    checkOptions("SGD", options, ["lr", "momentum", "weightDecay"]);
    super("SGD", parameters, options?.lr);
    this.momentum = requireNumber("SGD", "momentum", options.momentum ?? 0, 0, 1);
    this.weightDecay = requireNumber(
      "SGD",
      "weightDecay",
      options.weightDecay ?? 0,
      0,
      Number.POSITIVE_INFINITY,
    );
  }

  stateDict(): Record<string, Value> {
    return this.kept({ velocity: this.#velocities });
  }

  loadStateDict(values: StateDict): this {
    this.restore({ velocity: this.#velocities }, values);
    return this;
  }

  protected change(leaf: SharedVariable, gradient: SharedVariable): void {
    const { lr, momentum, weightDecay } = this;
    const decayed = weightDecay === 0 ? gradient : ops.add(gradient, ops.mul(leaf, weightDecay));
    const velocities = leaf.iface.executor.notes(this.#velocities);
    const velocity = velocities.get(leaf);
    if (momentum === 0 || !velocity) {
      if (momentum !== 0) velocities.set(leaf, decayed);
      leaf.assign(ops.sub(leaf, ops.mul(decayed, lr)));
      return;
    }
    // All products at once, so that they share their rounds.
    const step = ops.add(ops.mul(velocity, lr * momentum), ops.mul(decayed, lr));
    velocities.set(leaf, ops.add(ops.mul(velocity, momentum), decayed));
    leaf.assign(ops.sub(leaf, step));
  }
}
