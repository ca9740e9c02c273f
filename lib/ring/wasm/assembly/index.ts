export { heapInit, heapExtend, heapAlloc, heapFree, heapSize } from "./heap";
export * from "./word64";
export {
  add128, sub128, neg128, mul128, mulAdd128, fill128, addScalar128, mulScalar128, andScalar128, xorScalar128,
  shl128, shr128, sar128, eq128, lt128, bit128, shiftAdd128, toBits128, fromBits128, sumAxis128,
  cumulateAxis128,
} from "./word128";
export { maskFactors, maskedProducts } from "./beaver128";
export { subsetSums128 } from "./subsets128";
export * from "./move";
export * from "./fixed";
export { matmul64, matmulScratch64 } from "./matmul64";
export { matmul128, matmulScratch128 } from "./matmul128";
