export { transpose, foldLeaves, subsetSums, xorInto, xorMasked, xorBlock, xorTweak } from "./bits";
export { gilboaSend, gilboaReceive, combine, add128, sacrificeRho, sacrificeCheck } from "./word128";
export { foldRing, applyDelta, subtract192, widen, macOfOwn, macOfPeer, scaleAdd192, combine192, combine128, bitProver, bitVerifier } from "./word192";

/** Where memory is free for the caller to lay out. */
export function heapBase(): usize {
  return __heap_base;
}
