/**
 * A Layout says how the elements of a tensor move: a shape, and steps that read or write along strides or by indices.
 * Every layout operation is one, for plain tensors and for shares alike, and so is its gradient.
 */

import type { Shape } from "./shape";
import { bracketShape, checkShape, rowMajorStrides, sizeOf } from "./shape";

/** A strided walk over row-major elements: it visits `offset + Σ i_a · strides[a]` for every index i, in order. */
export interface Walk {
  readonly extents: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** One move of all elements. It is linear, and each kind is the transpose of another. */
export type Step =
  /** Take the elements at the places of a walk, out of `source` elements. */
  | { readonly kind: "read"; readonly walk: Walk; readonly source: number }
  /** Add the elements to `size` zeros, at the places of a walk. */
  | { readonly kind: "write"; readonly walk: Walk; readonly size: number }
  /** Take the elements at public indices, out of `source` elements. */
  | { readonly kind: "gather"; readonly indices: Int32Array; readonly source: number }
  /** Add the elements to `size` zeros, at public indices. */
  | { readonly kind: "scatter"; readonly indices: Int32Array; readonly size: number };

export interface Layout {
  /** The shape of the result. */
  readonly shape: Shape;
  /** The shape of the operand. */
  readonly source: Shape;
  /** What to do with the elements; none, if they stay as they are. */
  readonly steps: readonly Step[];
  /** Present if the operation only gives the elements another shape, whatever the sizes. */
  readonly isReshape?: true;
}

/** What moves elements: a ring, or the loops over doubles. */
export interface Mover<V> {
  strided(x: V, shape: Shape, strides: readonly number[], offset: number): V;
  stridedAdd(x: V, shape: Shape, strides: readonly number[], offset: number, length: number): V;
  gather(x: V, indices: Int32Array): V;
  scatterAdd(x: V, indices: Int32Array, length: number): V;
}

/** Move the elements of a tensor; return x itself if they stay as they are. */
export function moveElements<V>(on: Mover<V>, x: V, { steps }: Layout): V {
  let moved = x;
  for (const step of steps) moved = take(on, moved, step);
  return moved;
}

function take<V>(on: Mover<V>, x: V, step: Step): V {
  if (step.kind === "gather") return on.gather(x, step.indices);
  if (step.kind === "scatter") return on.scatterAdd(x, step.indices, step.size);
  const { extents, strides, offset } = step.walk;
  if (step.kind === "read") return on.strided(x, extents, strides, offset);
  return on.stridedAdd(x, extents, strides, offset, step.size);
}

/** The same elements in another shape of as many. */
export function sameElements(source: Shape, shape: Shape): Layout {
  return { shape: checkShape(shape), source, steps: [], isReshape: true };
}

/**
 * A result that is read along strides.
 *
 * @param shape - that of the result. Default: that of the walk
 */
export function readLayout(source: Shape, walk: Walk, shape: Shape = walk.extents): Layout {
  const size = sizeOf(source);
  return {
    shape: checkShape(shape),
    source,
    steps: isWhole(walk, size) ? [] : [{ kind: "read", walk, source: size }],
  };
}

/** A result of zeros, into which all elements are written along strides. */
export function writeLayout(source: Shape, walk: Walk, shape: Shape): Layout {
  const checked = checkShape(shape);
  const size = sizeOf(checked);
  return { shape: checked, source, steps: isWhole(walk, size) ? [] : [{ kind: "write", walk, size }] };
}

/** One layout after another. */
export function compose(first: Layout, ...rest: readonly Layout[]): Layout {
  return rest.reduce(
    (done, next) => ({ shape: next.shape, source: done.source, steps: [...done.steps, ...next.steps] }),
    first,
  );
}

/** The transpose of a layout as a linear map: it carries a gradient of the result back to the operand. */
export function transposeOf({ shape, source, steps }: Layout): Layout {
  return { shape: source, source: shape, steps: [...steps].reverse().map(transposeStep) };
}

function transposeStep(step: Step): Step {
  switch (step.kind) {
    case "read": {
      const { walk, source } = step;
      const back = inverse(walk, source);
      return back ? { kind: "read", walk: back, source } : { kind: "write", walk, size: source };
    }
    case "write":
      return { kind: "read", walk: step.walk, source: step.size };
    case "gather":
      return { kind: "scatter", indices: step.indices, size: step.source };
    case "scatter":
      return { kind: "gather", indices: step.indices, source: step.size };
  }
}

/** Whether a walk visits `size` elements one after another, from the first to the last. */
function isWhole({ extents, strides, offset }: Walk, size: number): boolean {
  if (sizeOf(extents) !== size) return false;
  const straight = rowMajorStrides(extents);
  return (
    size === 0 || (offset === 0 && extents.every((n, axis) => n === 1 || strides[axis] === straight[axis]))
  );
}

/** The walk that undoes another, if that one visits each of `size` elements once; otherwise undefined. */
function inverse({ extents, strides }: Walk, size: number): Walk | undefined {
  if (size === 0 || sizeOf(extents) !== size) return undefined;
  const straight = rowMajorStrides(extents);
  const axes = extents
    .map((extent, axis) => ({ extent, stride: strides[axis]!, back: straight[axis]! }))
    .filter(({ extent }) => extent > 1)
    .sort((a, b) => Math.abs(b.stride) - Math.abs(a.stride));
  const places = rowMajorStrides(axes.map(({ extent }) => extent));
  if (axes.some(({ stride }, i) => Math.abs(stride) !== places[i])) return undefined;
  return {
    extents: axes.map(({ extent }) => extent),
    strides: axes.map(({ stride, back }) => (stride < 0 ? -back : back)),
    offset: axes.reduce((sum, { extent, stride, back }) => sum + (stride < 0 ? (extent - 1) * back : 0), 0),
  };
}

/** Name the steps of a layout, so that two parties can compare them; indices are returned as bytes. */
export function describeLayout({ steps }: Layout): {
  readonly options: string;
  readonly constants?: Uint8Array;
} {
  const walks = steps.map((step) => {
    if (!("walk" in step)) return step.kind;
    const { extents, strides, offset } = step.walk;
    return `${step.kind} ${bracketShape(extents)} by ${bracketShape(strides)} from ${offset}`;
  });
  const lists = steps.flatMap((step) => ("indices" in step ? [step.indices] : []));
  const constants = Buffer.concat(
    lists.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
  return { options: walks.join(", "), ...(lists.length > 0 && { constants }) };
}
