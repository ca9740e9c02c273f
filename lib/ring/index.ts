import { BigIntRing } from "./reference/bigint-ring";
import type { Ring } from "./ring";
import { createWasmRing, hasWasm } from "./wasm";

export type { Integer } from "./integer";
export { toBigInt, toJSBI } from "./integer";
export { BigIntRing } from "./reference/bigint-ring";
export { JsbiRing } from "./reference/jsbi-ring";
export type {
  BytePair,
  ByteSource,
  MatmulOptions,
  OpenedVectors,
  Relation,
  Ring,
  RingVector,
  SharedProducts,
  VectorPair,
} from "./ring";
export { type HoldsVectors, keep, scope, vectorsOf } from "./scope";
export { setThreads } from "./wasm";
export { walk } from "./wasm/walk";

/** Use WASM; use the reference where WASM is missing or `SPDZLAB_RING=bigint` is set. */
function createRing(bits: 64 | 128): Ring {
  const plain = process.env.SPDZLAB_RING === "bigint" || !hasWasm();
  return plain ? new BigIntRing(bits) : createWasmRing(bits);
}

/** Z_2^64, in which tensors and semi-honest shares live. */
export const ring64: Ring = createRing(64);

/** Z_2^128, in which authenticated shares live. */
export const ring128: Ring = createRing(128);
