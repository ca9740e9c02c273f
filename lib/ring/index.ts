import { BigIntRing } from "./bigint-ring";
import type { Ring } from "./ring";

export { BigIntRing } from "./bigint-ring";
export type { ByteSource, MatmulOptions, Ring, RingVector } from "./ring";

/** Z_2^64, in which tensors and semi-honest shares live. */
export const ring64: Ring = new BigIntRing(64);
