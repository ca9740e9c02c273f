/** Exports of the WASM module. Addresses, lengths and strides are in bytes, as unsigned 32-bit numbers. */

type Zip = (out: number, x: number, y: number, n: number) => void;
type Map1 = (out: number, x: number, n: number) => void;
type Shift = (out: number, x: number, n: number, bits: number) => void;
type Scalar = (out: number, x: number, n: number, lo: bigint, hi: bigint) => void;

/** The operations that exist for both widths. */
export interface Kernels {
  add: Zip;
  sub: Zip;
  mul: Zip;
  mulAdd: (out: number, x: number, y: number, z: number, n: number) => void;
  neg: Map1;
  fill: (out: number, n: number, lo: bigint, hi: bigint) => void;
  addScalar: Scalar;
  mulScalar: Scalar;
  andScalar: Scalar;
  xorScalar: Scalar;
  shl: Shift;
  shr: Shift;
  sar: Shift;
  eq: (out: number, x: number, n: number, lo: bigint, hi: bigint, flip: number) => void;
  lt: (out: number, x: number, n: number, lo: bigint, hi: bigint, bias: bigint, flip: number) => void;
  bit: Shift;
  shiftAdd: Shift;
  toBits: Map1;
  fromBits: Map1;
  sumAxis: (out: number, x: number, outer: number, axis: number, inner: number) => void;
  cumulateAxis: (out: number, x: number, outer: number, axis: number, inner: number) => void;
  encode: (out: number, x: number, n: number, scale: number, limit: number) => number;
  decode: (out: number, x: number, n: number, scale: number) => void;
  matmulScratch: (m: number, k: number, n: number) => number;
  matmul: (
    c: number,
    a: number,
    b: number,
    m: number,
    k: number,
    n: number,
    aRow: number,
    aCol: number,
    bRow: number,
    bCol: number,
    scratch: number,
  ) => void;
}

type Strided = (
  out: number,
  x: number,
  axes: number,
  rank: number,
  rows: number,
  inner: number,
  stride: number,
  log2: number,
) => void;

/** The operations that take the width as an argument, or do not depend on it. */
export interface CommonExports {
  heapInit(end: number): void;
  heapExtend(end: number): void;
  heapAlloc(bytes: number): number;
  heapFree(address: number): void;
  heapSize(address: number): number;
  and64: Zip;
  xor64: Zip;
  equals64(x: number, y: number, n: number): number;
  findOutside(indices: number, n: number, limit: number): number;
  gather(out: number, x: number, indices: number, n: number, log2: number): void;
  scatterAdd(out: number, x: number, indices: number, n: number, log2: number): void;
  strided: Strided;
  stridedStore: Strided;
  stridedAdd: Strided;
  maskFactors(
    x: number,
    xMac: number,
    y: number,
    yMac: number,
    triple: number,
    n: number,
    low: number,
    values: number,
    macs: number,
  ): void;
  maskedProducts(
    triple: number,
    mine: number,
    theirs: number,
    n: number,
    alpha: bigint,
    first: bigint,
    opened: number,
    value: number,
    mac: number,
  ): void;
  subsetSums128(
    out: number,
    x: number,
    m: number,
    v: number,
    subsets: number,
    n: number,
    scratch: number,
  ): void;
  encodeWide(out: number, x: number, n: number, scale: number, limit: number, log2: number): number;
}

export type KernelName = `${keyof Kernels}${64 | 128}`;

export type RingExports = CommonExports & {
  readonly [Name in KernelName]: Name extends `${infer Base extends keyof Kernels}${64 | 128}`
    ? Kernels[Base]
    : never;
};

/** The kernels of one width under their bare names. */
export function kernelsOf(all: RingExports, width: 64 | 128): Kernels {
  const names = Object.keys(all).filter((name) => name.endsWith(`${width}`)) as KernelName[];
  return Object.fromEntries(
    names.map((name) => [name.slice(0, -`${width}`.length), all[name]]),
  ) as unknown as Kernels;
}
