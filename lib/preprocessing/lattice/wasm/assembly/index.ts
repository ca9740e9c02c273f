export { fillTable, forward, forwardSparse, inverse } from "./ntt";
export { multiply, subtractProduct, addProducts, multiplyAddWords, addWords } from "./pointwise";
export { uniform, ternary, binomial, addSmall } from "./sample";
export { gather, gatherAdd, scaleWords, residues, residues128 } from "./residues";
export { roundToWord, roundToPair, liftToPair, topWord, scaledTop, toDigits, fromDigits, nearestWord, wipeScratch } from "./rounding";
export { pack, unpack } from "./pack";

/** Where memory is free for the caller to lay out. */
export function heapBase(): usize {
  return __heap_base;
}
