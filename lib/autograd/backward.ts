import { combine } from "../primitives/add";
import { sumTo } from "../primitives/reduce";
import type { SharedTensor } from "../primitives/shared-tensor";

/** How a result came about, as far as gradients need to know. */
export interface GradNode {
  /** What it was computed from. */
  readonly parents: readonly Differentiable[];
  /** The gradient of each parent, from that of the result; undefined where none is wanted. */
  gradients(upstream: SharedTensor): readonly (SharedTensor | undefined)[];
}

/** A shared value in the graph of a computation. */
export interface Differentiable {
  readonly tensor: SharedTensor;
  /** Undefined for a leaf. */
  readonly node: GradNode | undefined;
  /** Adds to the gradient of a leaf. */
  accumulate(gradient: SharedTensor): void;
}

/**
 * Carries a gradient from a result back to the leaves that want one, each node once, results before what they came
 * from. Both parties walk the same graph in the same order, so their operations stay in step.
 */
export function backpropagate(root: Differentiable, upstream: SharedTensor): void {
  const gradients = new Map<Differentiable, SharedTensor>([[root, upstream]]);
  for (const value of resultsFirst(root)) {
    const gradient = gradients.get(value)!;
    if (!value.node) {
      value.accumulate(gradient);
      continue;
    }
    const { parents } = value.node;
    value.node.gradients(gradient).forEach((contribution, i) => {
      const parent = parents[i]!;
      if (!contribution || !parent.tensor.requiresGrad) return;
      const own = sumTo(contribution, parent.tensor.shape);
      const sum = gradients.get(parent);
      gradients.set(parent, sum ? combine("add", sum, own) : own);
    });
  }
}

/** Everything that wants a gradient, ordered so that a value comes after all that were computed from it. */
function resultsFirst(root: Differentiable): Differentiable[] {
  const order: Differentiable[] = [];
  const seen = new Set<Differentiable>([root]);
  // A stack of our own: a training loop without detach makes graphs deeper than the call stack.
  const stack: { value: Differentiable; next: number }[] = [{ value: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const parent = top.value.node?.parents[top.next++];
    if (!parent) {
      order.push(top.value);
      stack.pop();
    } else if (parent.tensor.requiresGrad && !seen.has(parent)) {
      seen.add(parent);
      stack.push({ value: parent, next: 0 });
    }
  }
  return order.reverse();
}
