import { rearrange } from "../primitives/layout";
import type { SharedTensor } from "../primitives/shared-tensor";
import { type Layout, transposeOf } from "../tensor/layout";
import type { Shape } from "../tensor/shape";

/**
 * The parts of a definition that moves the elements of one secret: its gradient goes the same way back.
 *
 * @param kind - the operation's name
 * @param layoutOf - plans the move of a tensor of some shape, from the public arguments
 */
export function moves<A extends readonly unknown[]>(
  kind: string,
  layoutOf: (shape: Shape, ...args: A) => Layout,
) {
  return {
    forward: (x: SharedTensor, ...args: A) => rearrange(kind, x, layoutOf(x.shape, ...args)),
    gradient: (g: SharedTensor, _made: unknown, x: SharedTensor, ...args: A) => [
      () => rearrange(kind, g, transposeOf(layoutOf(x.shape, ...args))),
    ],
    bound: 0,
  };
}
