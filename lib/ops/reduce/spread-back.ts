import { rearrange } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { compose, sameElements } from "../../tensor/layout";
import type { Reduction } from "../../tensor/reduction";
import type { Shape } from "../../tensor/shape";
import { broadcastLayout } from "../../tensor/views";

/** Give each element that went into a sum the gradient of that sum. */
export function spreadBack(g: SharedTensor, { kept }: Reduction, shape: Shape): SharedTensor {
  return rearrange("spreadBack", g, compose(sameElements(g.shape, kept), broadcastLayout(kept, shape)));
}

/** The same values with the axes that were reduced, of size 1. */
export function withAxes(x: SharedTensor, { kept }: Reduction): SharedTensor {
  return rearrange("withAxes", x, sameElements(x.shape, kept), true);
}
