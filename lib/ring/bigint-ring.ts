import {
  type ByteSource,
  type MatmulOptions,
  type Ring,
  type RingVector,
  requireMatmul,
  requireRing,
  requireSameLength,
} from "./ring";

class BigIntVector implements RingVector {
  constructor(
    readonly ring: Ring,
    readonly values: readonly bigint[],
  ) {}

  get length(): number {
    return this.values.length;
  }

  dispose(): void {}
}

/** The plain reference: Z_2^k for any k from 1 to 256 on native BigInt, short enough to be read and believed. */
export class BigIntRing implements Ring {
  readonly name = "bigint";
  readonly bytes: number;

  /** @throws {RangeError} k is no integer from 1 to 256 */
  constructor(readonly bits: number) {
    if (!Number.isInteger(bits) || bits < 1 || bits > 256) {
      throw new RangeError(`the ring Z_2^k takes k from 1 to 256, not ${bits}`);
    }
    this.bytes = Math.ceil(bits / 8);
  }

  zeros(length: number): RingVector {
    return this.full(length, 0n);
  }

  full(length: number, value: bigint): RingVector {
    return new BigIntVector(this, new Array<bigint>(length).fill(BigInt.asUintN(this.bits, value)));
  }

  fromBigInts(values: readonly bigint[]): RingVector {
    return new BigIntVector(
      this,
      Array.from(values, (value) => BigInt.asUintN(this.bits, value)),
    );
  }

  toBigInts(x: RingVector): bigint[] {
    return [...this.#values(x)];
  }

  toSignedBigInts(x: RingVector): bigint[] {
    return this.#values(x).map((value) => BigInt.asIntN(this.bits, value));
  }

  fromBytes(bytes: Uint8Array, length: number): RingVector {
    if (bytes.length !== length * this.bytes) {
      throw new RangeError(`${length} elements take ${length * this.bytes} bytes, not ${bytes.length}`);
    }
    const values = Array.from({ length }, (_, i) => {
      let value = 0n;
      for (let j = this.bytes - 1; j >= 0; j--) value = (value << 8n) | BigInt(bytes[i * this.bytes + j]!);
      if (value >> BigInt(this.bits)) throw new RangeError(`element ${i} has bits above 2^${this.bits}`);
      return value;
    });
    return new BigIntVector(this, values);
  }

  toBytes(x: RingVector): Uint8Array {
    const bytes = new Uint8Array(x.length * this.bytes);
    this.#values(x).forEach((value, i) => {
      for (let j = 0, rest = value; j < this.bytes; j++, rest >>= 8n) {
        bytes[i * this.bytes + j] = Number(rest & 0xffn);
      }
    });
    return bytes;
  }

  random(length: number, source: ByteSource): RingVector {
    const bytes = new Uint8Array(length * this.bytes);
    source.fill(bytes);
    const spare = this.bytes * 8 - this.bits;
    for (let i = this.bytes - 1; i < bytes.length; i += this.bytes) bytes[i]! &= 0xff >> spare;
    return this.fromBytes(bytes, length);
  }

  fromFloat64(values: Float64Array, fracBits: number, limitBits: number): RingVector {
    const limit = 2 ** limitBits;
    return this.fromBigInts(
      Array.from(values, (value, i) => {
        const scaled = value * 2 ** fracBits;
        if (!(Math.abs(scaled) < limit)) {
          throw new RangeError(
            `element ${i} does not fit: fixed point takes values below 2^${limitBits - fracBits}`,
          );
        }
        return BigInt(roundToEven(scaled));
      }),
    );
  }

  toFloat64(x: RingVector, fracBits: number): Float64Array {
    return Float64Array.from(this.toSignedBigInts(x), (value) => Number(value) / 2 ** fracBits);
  }

  add(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, (a, b) => a + b);
  }

  sub(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, (a, b) => a - b);
  }

  neg(x: RingVector): RingVector {
    return this.#map(x, (a) => -a);
  }

  mul(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, (a, b) => a * b);
  }

  addScalar(x: RingVector, value: bigint): RingVector {
    return this.#map(x, (a) => a + value);
  }

  mulScalar(x: RingVector, value: bigint): RingVector {
    return this.#map(x, (a) => a * value);
  }

  matmul(
    x: RingVector,
    y: RingVector,
    m: number,
    k: number,
    n: number,
    { transposeLeft = false, transposeRight = false }: MatmulOptions = {},
  ): RingVector {
    requireMatmul(x, y, m, k, n);
    const a = this.#values(x);
    const b = this.#values(y);
    const result: bigint[] = [];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0n;
        for (let l = 0; l < k; l++) {
          total += a[transposeLeft ? l * m + i : i * k + l]! * b[transposeRight ? j * k + l : l * n + j]!;
        }
        result.push(total);
      }
    }
    return this.fromBigInts(result);
  }

  sum(x: RingVector): bigint {
    return BigInt.asUintN(
      this.bits,
      this.#values(x).reduce((total, value) => total + value, 0n),
    );
  }

  shiftLeft(x: RingVector, bits: number): RingVector {
    return this.#map(x, (a) => a << BigInt(bits));
  }

  shiftRight(x: RingVector, bits: number): RingVector {
    return this.#map(x, (a) => a >> BigInt(bits));
  }

  shiftRightSigned(x: RingVector, bits: number): RingVector {
    return this.#map(x, (a) => BigInt.asIntN(this.bits, a) >> BigInt(bits));
  }

  gather(x: RingVector, indices: Int32Array): RingVector {
    const values = this.#values(x);
    return new BigIntVector(
      this,
      Array.from(indices, (index) => {
        const value = values[index];
        if (value === undefined)
          throw new RangeError(`index ${index} lies outside a vector of ${values.length}`);
        return value;
      }),
    );
  }

  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector {
    const values = this.#values(x);
    if (indices.length !== values.length) {
      throw new RangeError(`${indices.length} indices do not fit a vector of ${values.length}`);
    }
    const result = new Array<bigint>(length).fill(0n);
    indices.forEach((index, i) => {
      if (index < 0 || index >= length)
        throw new RangeError(`index ${index} lies outside a vector of ${length}`);
      result[index]! += values[i]!;
    });
    return this.fromBigInts(result);
  }

  equals(x: RingVector, y: RingVector): boolean {
    requireSameLength(x, y);
    const b = this.#values(y);
    return this.#values(x).every((value, i) => value === b[i]);
  }

  #values(x: RingVector): readonly bigint[] {
    requireRing(this, x);
    return (x as BigIntVector).values;
  }

  #map(x: RingVector, f: (a: bigint) => bigint): RingVector {
    return this.fromBigInts(this.#values(x).map(f));
  }

  #zip(x: RingVector, y: RingVector, f: (a: bigint, b: bigint) => bigint): RingVector {
    requireSameLength(x, y);
    const b = this.#values(y);
    return this.fromBigInts(this.#values(x).map((a, i) => f(a, b[i]!)));
  }
}

/** The nearest integer, ties to the even one, as IEEE 754 rounds. */
export function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
