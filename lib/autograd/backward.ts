import { combine } from "../primitives/add";
import { sumTo } from "../primitives/reduce";
import type { SharedTensor } from "../primitives/shared-tensor";

/** Gradients in the order of what they belong to; undefined where none flows. */
export type Gradients = readonly (SharedTensor | undefined)[];

/** An operation in the graph of a computation: how its results were computed, as far as gradients need to know. */
export interface GradNode {
  /** The values it was computed from. */
  readonly parents: readonly Differentiable[];
  /** Return the gradient of each parent from those of the results. */
  gradients(upstream: Gradients): Gradients;
}

/** A shared value in the graph of a computation. */
export interface Differentiable {
  readonly tensor: SharedTensor;
  /** The operation that computed it; undefined for a leaf. */
  readonly node: GradNode | undefined;
  /** Its position among the results of that operation. */
  readonly output: number;
  /** Add to the gradient of a leaf, or of a value that keeps its own. */
  accumulate(gradient: SharedTensor): void;
}

/** The results of operations that keep their gradients; a plan keeps its own apart. */
const retained = new WeakMap<GradNode, readonly Differentiable[]>();

/** Keep the gradient of a value that an operation computed. */
export function retain(value: Differentiable): void {
  if (!value.node) return;
  const notes = value.tensor.iface.executor.notes(retained);
  const some = notes.get(value.node) ?? [];
  if (!some.includes(value)) notes.set(value.node, [...some, value]);
}

/** An operation, or a leaf, which no operation computed. */
type Vertex = GradNode | Differentiable;

/**
 * Carry a gradient from a result back to the leaves that require one. Visit each operation once, after every operation
 * that used its results. Both parties walk the same graph in the same order, so their operations stay in step.
 */
export function backpropagate(root: Differentiable, upstream: SharedTensor): void {
  const gradients = new Map<Vertex, (SharedTensor | undefined)[]>();
  const add = (value: Differentiable, gradient: SharedTensor) => {
    const vertex = vertexOf(value);
    const all = gradients.get(vertex) ?? [];
    const sum = all[value.output];
    all[value.output] = sum ? combine("add", sum, gradient) : gradient;
    gradients.set(vertex, all);
  };
  const keeping = root.tensor.iface.executor.notes(retained);
  add(root, upstream);
  for (const vertex of resultsFirst(vertexOf(root))) {
    const all = gradients.get(vertex);
    // An operation between here and the root let no gradient through.
    if (!all) continue;
    if (isLeaf(vertex)) {
      vertex.accumulate(all[0]!);
      continue;
    }
    for (const value of keeping.get(vertex) ?? []) {
      const gradient = all[value.output];
      if (gradient) value.accumulate(gradient);
    }
    vertex.gradients(all).forEach((contribution, i) => {
      const parent = vertex.parents[i]!;
      if (!contribution || !parent.tensor.requiresGrad) return;
      add(parent, sumTo(contribution, parent.tensor.shape));
    });
  }
}

function vertexOf(value: Differentiable): Vertex {
  return value.node ?? value;
}

function isLeaf(vertex: Vertex): vertex is Differentiable {
  return "accumulate" in vertex;
}

/** The operations and leaves that gradients reach, each after every operation that was computed from it. */
function resultsFirst(root: Vertex): Vertex[] {
  const order: Vertex[] = [];
  const seen = new Set<Vertex>([root]);
  // An explicit stack: a training loop without detach makes graphs deeper than the call stack.
  const stack: { vertex: Vertex; next: number }[] = [{ vertex: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const parent = isLeaf(top.vertex) ? undefined : top.vertex.parents[top.next++];
    if (!parent) {
      order.push(top.vertex);
      stack.pop();
    } else if (parent.tensor.requiresGrad && !seen.has(vertexOf(parent))) {
      seen.add(vertexOf(parent));
      stack.push({ vertex: vertexOf(parent), next: 0 });
    }
  }
  return order.reverse();
}
