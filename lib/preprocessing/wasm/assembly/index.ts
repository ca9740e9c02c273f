export { transpose, foldLeaves, xorInto, xorMasked, xorBlock, xorDoubled } from "./bits";
export { setLow, clearLow, packLow, xorChosen, xorSelected, leakyGates, bucketDifferences, combineBuckets, spread } from "./binary";
export { sumStreams, sumFourStreams, xorLow, sendProducts, receiveProducts, sendBitProducts, receiveBitProducts, spreadBits, addProducts64, flipSigns, lessTwice } from "./correlated";
export { dealComparisons, compareDigits, compareBlocks, compareRoot, unmaskBits, unmaskProducts } from "./masked-comparison";
export { addKeys, selectKeys, receiveFactors, sendFactors, receivePairs, sendPairs, addAnds, packCarries, carryChoices, carryTables, carryLeaves, carryOpen, carryJoin, carryResults } from "./carry";
export { add128 } from "./word128";
export { subtract192, widen, widenBits, macOfOwn, macOfPeer, scaleAdd192, combine192, shiftAdd192, combineThrice, bitProver, bitVerifier } from "./word192";
export { proveTree, keepTree } from "./vole";
export { subsetSums192, subsetXors } from "./subsets";
export { add192, pack, addPacked, macOfOwn192, sacrificeRho, sacrificeCheck, lowBits, divide, narrow } from "./triples";
export { gilboaSend, gilboaReceive, toLimbs, limbs, combine } from "./products";

/** Where memory is free for the caller to lay out. */
export function heapBase(): usize {
  return __heap_base;
}
