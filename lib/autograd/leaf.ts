import { lift, raise } from "../primitives/add";
import type { SharedTensor } from "../primitives/shared-tensor";
import { bracketShape, sameShape } from "../tensor/shape";
import { retain } from "./backward";
import { type Operand, publicTensor } from "./operand";
import { gradients, replaceTensor, SharedVariable } from "./shared-variable";

declare module "./shared-variable" {
  interface SharedVariable {
    /**
     * Forget the gradient, so that the next `backward` starts from nothing. Without it, gradients of several calls add up.
     *
     * @example
     * weights.zeroGrad();
     */
    zeroGrad(): void;
    /**
     * Keep the gradient of a value that an operation computed: `backward` then sets its `grad` too. Call it before
     * `backward`. Leaves keep theirs anyway.
     *
     * @returns this value
     * @throws {TypeError} it requires no gradient
     *
     * @example
     * const hidden = data.matmul(weights).retainGrad();
     */
    retainGrad(): this;
    /**
     * Replace the secret of a leaf, as an optimiser does with a parameter. This is outside the graph: no gradient flows
     * through it, and the gradient stays until `zeroGrad`. Everything computed before keeps the old value. Both parties
     * make the same call.
     *
     * @param value - a secret or a public value of the same shape and scale
     * @returns this value
     * @throws {TypeError} an operation computed this value, or `value` belongs to another interface
     * @throws {RangeError} `value` has another shape or scale
     *
     * @example
     * weights.assign(weights.sub(weights.grad.mul(0.1))).zeroGrad();
     */
    assign(value: Operand): this;
  }
}

const { prototype } = SharedVariable;

prototype.zeroGrad = function zeroGrad(this: SharedVariable): void {
  this.iface.executor.notes(gradients).set(this, undefined);
};

prototype.retainGrad = function retainGrad<T extends SharedVariable>(this: T): T {
  if (!this.requiresGrad)
    throw new TypeError(
      "retainGrad: this value requires no gradient: compute it from one that does, outside noGrad",
    );
  retain(this);
  return this;
};

prototype.assign = function assign<T extends SharedVariable>(this: T, value: Operand): T {
  if (this.node) {
    throw new TypeError(
      "assign: an operation computed this value; only a leaf can be assigned, such as an input or the result of detach()",
    );
  }
  const { tensor, iface, shape, fracBits, requiresGrad } = this;
  const next = value instanceof SharedVariable ? value.tensor : shared(tensor, value);
  if (next.iface !== iface) {
    throw new TypeError(
      "assign: the value belongs to another interface than this leaf: share it through the same one",
    );
  }
  if (!sameShape(next.shape, shape)) {
    throw new RangeError(
      `assign: this leaf has shape ${bracketShape(shape)} and the value ${bracketShape(next.shape)}; both must be equal`,
    );
  }
  if (next.fracBits !== fracBits) {
    throw new RangeError(
      `assign: this leaf has ${fracBits} fractional bits and the value ${next.fracBits}; both must be equal`,
    );
  }
  replaceTensor(this, { ...next, requiresGrad });
  return this;
};

/** A public value as a secret, at a leaf's scale if it has at most as many fractional bits. */
function shared(leaf: SharedTensor, value: Exclude<Operand, SharedVariable>): SharedTensor {
  const c = publicTensor(value, leaf.iface.precision, "assign");
  if (!sameShape(c.shape, leaf.shape)) {
    throw new RangeError(
      `assign: this leaf has shape ${bracketShape(leaf.shape)} and the value ${bracketShape(c.shape)}; both must be equal`,
    );
  }
  return raise(lift(leaf.iface, c), leaf.fracBits);
}
