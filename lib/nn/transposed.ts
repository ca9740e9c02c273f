import { SharedVariable } from "../autograd/shared-variable";
import * as ops from "../ops/all";
import type { Value } from "../ops/signature";
import { gradEnabled } from "../primitives/no-grad";
import type { SharedTensor } from "../primitives/shared-tensor";

const kept = new WeakMap<SharedTensor, SharedVariable>();

/**
 * The transpose of a weight, the same secret as long as the weight stays: products with the same secret matrix open it once
 * only, under one mask.
 */
export function transposed(weight: Value): Value {
  if (!(weight instanceof SharedVariable)) return weight.t();
  const notes = weight.iface.executor.notes(kept);
  const known = notes.get(weight.tensor);
  if (known && known.requiresGrad === (weight.requiresGrad && gradEnabled())) return known;
  const made = ops.t(weight);
  notes.set(weight.tensor, made);
  return made;
}
