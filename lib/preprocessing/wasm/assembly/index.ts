export { transpose, foldLeaves, subsetSums, xorInto, xorMasked, xorBlock, xorTweak } from "./bits";
export { sumStreams, sumFourStreams, xorLow, sendProducts, receiveProducts, sendBitProducts, receiveBitProducts, spreadBits, addProducts64 } from "./correlated";
export { add128 } from "./word128";
export { foldRing, applyDelta, subtract192, widen, macOfOwn, macOfPeer, scaleAdd192, combine192, bitProver, bitVerifier } from "./word192";
export { gilboaSend, gilboaReceive, combine, add192, pack, addPacked, macOfOwn192, sacrificeRho, sacrificeCheck, subsetSums192, lowBits, divide, narrow } from "./triples";

/** Where memory is free for the caller to lay out. */
export function heapBase(): usize {
  return __heap_base;
}
