/** Runs the bulk work of oblivious transfer in WASM: bit matrices, and sums and products mod 2^128 and 2^192. */

import { KernelMemory } from "./kernel-memory";

/** Addresses and sizes are in bytes; a bigint is one 64-bit word. See assembly/ for each function. */
export interface KernelExports {
  heapBase(): number;
  transpose(columns: number, stride: number, rows: number, count: number): void;
  foldLeaves(leaves: number, length: number, sum: number, columns: number, stride: number): void;
  xorInto(to: number, from: number, length: number): void;
  xorMasked(to: number, from: number, length: number, mask: bigint): void;
  xorBlock(to: number, from: number, length: number, block: number): void;
  xorDoubled(to: number, length: number, tweak: number): void;
  setLow(blocks: number, bits: number, count: number): void;
  spread(blocks: number, count: number): void;
  clearLow(blocks: number, count: number): void;
  packLow(blocks: number, count: number, to: number): void;
  xorChosen(to: number, bits: number, block: number, count: number): void;
  xorSelected(to: number, from: number, selectors: number, count: number): void;
  leakyGates(
    h0: number,
    h1: number,
    hm: number,
    x: number,
    y: number,
    yKeys: number,
    z: number,
    zKeys: number,
    count: number,
    delta: number,
    mask: bigint,
    g: number,
    s: number,
  ): void;
  subsetXors(blocks: number, subsets: number, count: number, to: number): void;
  bucketDifferences(y: number, order: number, size: number, count: number, to: number): void;
  combineBuckets(
    x: number,
    y: number,
    z: number,
    order: number,
    differences: number,
    size: number,
    count: number,
    toX: number,
    toY: number,
    toZ: number,
  ): void;
  gilboaSend(
    h0: number,
    g0: number,
    h1: number,
    g1: number,
    b: number,
    group: number,
    first: number,
    count: number,
    d: number,
    share: number,
  ): void;
  gilboaReceive(
    h: number,
    g: number,
    d: number,
    bits: number,
    b: number,
    group: number,
    first: number,
    count: number,
    share: number,
  ): void;
  toLimbs(x: number, count: number): void;
  limbs(r: number, s: number, count: number, to: number): void;
  combine(
    e: number,
    bits: number,
    weights: number,
    group: number,
    groups: number,
    c: number,
    c2: number,
    a: number,
    a2: number,
  ): void;
  add192(to: number, x: number, count: number): void;
  pack(x: number, count: number, to: number): void;
  addPacked(x: number, count: number, to: number): void;
  macOfOwn192(x: number, v: number, alpha: bigint, count: number, mac: number): void;
  subsetSums192(x: number, subsets: number, count: number, to: number): void;
  lowBits(x: number, count: number, to: number): void;
  divide(x: number, y: number, stride: number, noise: number, up: bigint, count: number, to: number): void;
  narrow(x: number, count: number, to: number): void;
  add128(to: number, x: number, count: number): void;
  sacrificeRho(x: number, y: number, t: bigint, count: number, rho: number): void;
  sacrificeCheck(
    ma: number,
    ma2: number,
    mb: number,
    mc: number,
    mc2: number,
    rho: number,
    t: bigint,
    alpha: bigint,
    weights: number,
    count: number,
    sum: number,
  ): void;
  proveTree(
    leaves: number,
    stride: number,
    x: number,
    bits: number,
    count: number,
    correction: number,
    weighted: number,
    total: number,
  ): void;
  keepTree(
    leaves: number,
    stride: number,
    correction: number,
    delta: bigint,
    bits: number,
    count: number,
    weighted: number,
    total: number,
  ): void;
  subtract192(x: number, y: number, count: number, to: number): void;
  widen(x: number, count: number, to: number): void;
  widenBits(bits: number, count: number, to: number): void;
  macOfOwn(x: number, v: number, alpha: bigint, count: number, to: number): void;
  macOfPeer(w: number, count: number, to: number): void;
  scaleAdd192(x: number, factor: bigint, count: number, to: number): void;
  combine192(x: number, weights: number, count: number, to: number): void;
  shiftAdd192(x: number, bits: bigint, count: number, to: number): void;
  combineThrice(x: number, weights: number, count: number, to: number): void;
  bitProver(v: number, bits: number, weights: number, count: number, first: number, second: number): void;
  bitVerifier(w: number, weights: number, alpha: bigint, count: number, to: number): void;
  sumStreams(a: number, b: number, c: number, length: number, to: number): void;
  sumFourStreams(a: number, b: number, c: number, d: number, length: number, to: number): void;
  xorLow(x: number, y: number, count: number, to: number): void;
  sendProducts(
    p0: number,
    p1: number,
    q: number,
    delta: bigint,
    b: number,
    count: number,
    d: number,
    halves: number,
    share: number,
  ): void;
  receiveProducts(
    messages: number,
    choices: number,
    count: number,
    d: number,
    halves: number,
    share: number,
  ): void;
  sendBitProducts(
    p0: number,
    p1: number,
    q: number,
    delta: bigint,
    b: number,
    count: number,
    d: number,
    share: number,
  ): void;
  receiveBitProducts(messages: number, bits: number, count: number, d: number, share: number): void;
  spreadBits(bits: number, count: number, to: number): void;
  addProducts64(x: number, y: number, s: number, t: number, count: number, to: number): void;
  flipSigns(x: number, bits: number, count: number, to: number): void;
  lessTwice(x: number, y: number, count: number, to: number): void;
  unmaskProducts(
    mine: number,
    theirs: number,
    d: number,
    difference: number,
    product: number,
    y: number,
    count: number,
    to: number,
  ): void;
  dealComparisons(r: number, m: number, count: number, to: number, stride: number): void;
  compareDigits(
    c: number,
    h: number,
    stride: number,
    m: number,
    count: number,
    zero: number,
    first: number,
    opened: number,
    state: number,
  ): void;
  compareBlocks(
    mine: number,
    theirs: number,
    m: number,
    p: number,
    stride: number,
    count: number,
    first: number,
    state: number,
    opened: number,
  ): void;
  compareRoot(
    mine: number,
    theirs: number,
    m: number,
    p: number,
    results: number,
    place: bigint,
    count: number,
    zero: number,
    first: number,
    state: number,
    opened: number,
  ): void;
  addKeys(p: number, q: number, count: number, to: number): void;
  selectKeys(p0: number, p1: number, q: number, delta: number, ones: number, count: number, to: number): void;
  receiveFactors(p: number, q: number, j: number, count: number, shares: number): void;
  sendFactors(
    p0: number,
    p1: number,
    q: number,
    delta: number,
    j: number,
    count: number,
    factors: number,
    shares: number,
  ): void;
  receivePairs(p: number, q: number, words: number, b: number, c: number): void;
  sendPairs(
    p0: number,
    p1: number,
    q: number,
    delta: number,
    words: number,
    b: number,
    c: number,
    ab: number,
    ac: number,
  ): void;
  addAnds(a: number, b: number, x: number, count: number, to: number): void;
  packCarries(
    rows: number,
    received: number,
    sent: number,
    stride: number,
    factors: number,
    shares: number,
    count: number,
    to: number,
  ): void;
  carryChoices(x: number, items: number, count: number, zero: number, first: number, to: number): void;
  carryTables(
    x: number,
    items: number,
    differences: number,
    own: number,
    count: number,
    zero: number,
    first: number,
    to: number,
  ): void;
  carryLeaves(items: number, tables: number, own: number, count: number, first: number, state: number): void;
  carryOpen(items: number, state: number, count: number, width: number, size: number, opened: number): void;
  carryJoin(
    items: number,
    mine: number,
    theirs: number,
    state: number,
    count: number,
    width: number,
    size: number,
    first: number,
  ): void;
  carryResults(x: number, state: number, masks: number, count: number, zero: number, opened: number): void;
  unmaskBits(mine: number, theirs: number, d: number, count: number, first: number, to: number): void;
}

/** One party's kernels for oblivious transfer. */
export class OtKernels extends KernelMemory<KernelExports> {
  constructor() {
    super("oblivious transfer", "wasm", "kernels.wasm");
  }

  /** Overwrite all memory, including what kernels keep below the heap and the element that they worked on last. */
  override destroy(): void {
    super.destroy();
    this.run.add192(0, 0, 1);
  }
}
