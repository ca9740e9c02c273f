/** Runs the arithmetic of lattices in WASM: transforms, random polynomials, rounding. */

import { KernelMemory } from "../../wasm/kernel-memory";

/** Addresses and sizes are in bytes, numbers of elements are not; a bigint is one 64-bit word. See assembly/ for each. */
export interface LatticeExports {
  heapBase(): number;
  fillTable(root: number, p: number, n: number, table: number): void;
  forward(x: number, n: number, table: number, p: number): void;
  forwardSparse(
    rows: number,
    x: number,
    n: number,
    stretch: number,
    width: number,
    table: number,
    p: number,
  ): void;
  inverse(x: number, n: number, table: number, p: number, scale: number): void;
  multiply(x: number, y: number, n: number, constants: number, to: number): void;
  subtractProduct(to: number, x: number, y: number, n: number, constants: number): void;
  addProducts(
    x: number,
    xStride: number,
    y: number,
    z: number,
    yStride: number,
    count: number,
    n: number,
    constants: number,
    toY: number,
    toZ: number,
  ): void;
  multiplyAddWords(x: number, y: number, z: number, count: number, to: number): void;
  addWords(to: number, x: number, count: number): void;
  uniform(words: number, count: number, mask: number, p: number, to: number, missing: number): number;
  ternary(bytes: number, count: number, to: number, missing: number): number;
  binomial(bytes: number, count: number, to: number): void;
  addSmall(x: number, small: number, n: number, p: number, to: number): void;
  gather(
    from: number,
    rows: number,
    columns: number,
    stride: number,
    step: number,
    to: number,
    toStride: number,
    toStep: number,
  ): void;
  gatherAdd(
    from: number,
    rows: number,
    columns: number,
    stride: number,
    step: number,
    to: number,
    toStride: number,
    toStep: number,
  ): void;
  scaleWords(x: number, n: number, factor: bigint): void;
  residues(words: number, n: number, factors: number, p: number, to: number): void;
  residues128(low: number, high: number, n: number, factors: number, p: number, to: number): void;
  roundToWord(
    x: number,
    stride: number,
    limbs: number,
    n: number,
    inverses: number,
    primes: number,
    constants: number,
    to: number,
  ): void;
  roundToPair(
    x: number,
    stride: number,
    limbs: number,
    n: number,
    inverses: number,
    primes: number,
    constants: number,
    low: number,
    high: number,
  ): void;
  liftToPair(
    x: number,
    stride: number,
    limbs: number,
    n: number,
    inverses: number,
    primes: number,
    ratios: number,
    constants: number,
    low: number,
    high: number,
  ): void;
  topWord(low: number, high: number, n: number, to: number): void;
  scaledTop(low: number, high: number, n: number, t: bigint, to: number): void;
  toDigits(
    x: number,
    stride: number,
    limbs: number,
    n: number,
    inverses: number,
    primes: number,
    ratios: number,
    k: number,
  ): void;
  fromDigits(
    v: number,
    stride: number,
    limbs: number,
    k: number,
    n: number,
    factors: number,
    p: number,
    to: number,
  ): void;
  nearestWord(
    x: number,
    stride: number,
    limbs: number,
    n: number,
    inverses: number,
    primes: number,
    constants: number,
    weights: number,
    to: number,
  ): void;
  wipeScratch(): void;
  pack(x: number, n: number, width: bigint, to: number): void;
  unpack(from: number, n: number, width: bigint, p: number, to: number): number;
}

/** One party's kernels for lattices, with their memory. */
export class LatticeKernels extends KernelMemory<LatticeExports> {
  constructor() {
    super("making products by lattices", "lattice/wasm", "lattice.wasm");
  }

  override destroy(): void {
    super.destroy();
    this.run.wipeScratch();
  }
}
