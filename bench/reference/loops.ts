/** The ring's work in plain JavaScript loops, without an engine. */

const mask = (bits: number, value: bigint): bigint => BigInt.asUintN(bits, value);

/** Multiply in row order (i, l, j), the fastest plain loop, over typed arrays; V8 compiles it to 64-bit integers. */
export function matmulWords(
  a: BigUint64Array,
  b: BigUint64Array,
  m: number,
  k: number,
  n: number,
): BigUint64Array {
  const c = new BigUint64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const x = a[i * k + l]!;
      for (let j = 0; j < n; j++) {
        c[i * n + j] = BigInt.asUintN(64, c[i * n + j]! + BigInt.asUintN(64, x * b[l * n + j]!));
      }
    }
  }
  return c;
}

/** Multiply in textbook order (i, j, l), which strides through `b`. */
export function matmulWordsByElement(
  a: BigUint64Array,
  b: BigUint64Array,
  m: number,
  k: number,
  n: number,
): BigUint64Array {
  const c = new BigUint64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let l = 0; l < k; l++) {
        sum = BigInt.asUintN(64, sum + BigInt.asUintN(64, a[i * k + l]! * b[l * n + j]!));
      }
      c[i * n + j] = sum;
    }
  }
  return c;
}

export function matmulBigInts(
  bits: number,
  a: readonly bigint[],
  b: readonly bigint[],
  m: number,
  k: number,
  n: number,
): bigint[] {
  const c: bigint[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[l * n + j]!;
      c.push(mask(bits, sum));
    }
  }
  return c;
}

export function addBigInts(bits: number, a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const c = new Array<bigint>(a.length);
  for (let i = 0; i < a.length; i++) c[i] = mask(bits, a[i]! + b[i]!);
  return c;
}

export function mulBigInts(bits: number, a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const c = new Array<bigint>(a.length);
  for (let i = 0; i < a.length; i++) c[i] = mask(bits, a[i]! * b[i]!);
  return c;
}

export function encodeBigInts(values: Float64Array, fracBits: number): bigint[] {
  const c = new Array<bigint>(values.length);
  const scale = 2 ** fracBits;
  for (let i = 0; i < values.length; i++) c[i] = BigInt(Math.round(values[i]! * scale));
  return c;
}

export function decodeBigInts(values: readonly bigint[], fracBits: number): Float64Array {
  const c = new Float64Array(values.length);
  const scale = 2 ** fracBits;
  for (let i = 0; i < values.length; i++) c[i] = Number(BigInt.asIntN(64, values[i]!)) / scale;
  return c;
}
