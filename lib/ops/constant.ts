import { publicFactor, publicTensor } from "../autograd/operand";
import { addPublic } from "../primitives/add";
import { timesPublic } from "../primitives/multiply";
import type { PublicTensor, SharedTensor } from "../primitives/shared-tensor";

/** Encode a public number to add to x. */
export function constant(x: SharedTensor, value: number): PublicTensor {
  return publicTensor(value, x.iface.precision, "a constant");
}

/** x + a public number. */
export function addConstant(x: SharedTensor, value: number): SharedTensor {
  return addPublic(x, constant(x, value));
}

/** x · a public number, as exact as any public factor. */
export function timesConstant(x: SharedTensor, value: number): SharedTensor {
  return timesPublic(x, publicFactor(value, x.iface.precision, "a constant"));
}
