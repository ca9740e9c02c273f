import type { PublicInput } from "./public";
import type { SharedVariable } from "./shared-variable";

export { type PublicInput, plainTensor, publicDivisor, publicFactor, publicTensor } from "./public";

/** A secret, or a value that both parties know. */
export type Operand = SharedVariable | PublicInput;
