import type JSBI from "jsbi";
import {
  requireAxes,
  requireBit,
  requireBitBytes,
  requireByteCount,
  requireFracBits,
  requireLength,
  requireMatmul,
  requireRelation,
  requireRing,
  requireRows,
  requireSameLength,
  requireShift,
  requireSlice,
  requireStrided,
} from "../check";
import { type Integer, toBigInt, toJSBI } from "../integer";
import type { ByteSource, MatmulOptions, Relation, Ring, RingVector } from "../ring";
import { bigIntsToBytes, bytesToBigInts, packLowBits, unpackBits } from "./bigint-bytes";
import type { IntegerOps } from "./integer-ops";
import { decodeFixedPoint, encodeFixedPoint } from "./list-fixed-point";
import {
  addAtIndices,
  addOverAxis,
  comparison,
  cumulateOverAxis,
  multiplyMatrices,
  pick,
} from "./list-loops";
import { ListVector } from "./list-vector";
import { stridedIndices } from "./strided-indices";

/** Z_2^k for any k from 1 to 256 over lists of integers: plain loops, short enough to check by reading. */
export class ListRing<E> implements Ring {
  readonly bytes: number;
  readonly #ops: IntegerOps<E>;

  /** @throws {RangeError} k is not an integer from 1 to 256 */
  constructor(
    readonly name: string,
    readonly bits: number,
    ops: IntegerOps<E>,
  ) {
    if (!Number.isInteger(bits) || bits < 1 || bits > 256) {
      throw new RangeError(`k of the ring Z_2^k must be an integer from 1 to 256, got ${bits}`);
    }
    this.bytes = Math.ceil(bits / 8);
    this.#ops = ops;
  }

  zeros(length: number): RingVector {
    return this.full(length, 0n);
  }

  full(length: number, value: Integer): RingVector {
    requireLength(length);
    const element = this.#element(value);
    return this.#reduced(Array.from({ length }, () => element));
  }

  fromBigInts(values: readonly Integer[]): RingVector {
    return this.#reduced(Array.from(values, (value) => this.#element(value)));
  }

  toBigInts(x: RingVector): bigint[] {
    return this.#values(x).map((value) => this.#ops.toBigInt(value));
  }

  toSignedBigInts(x: RingVector): bigint[] {
    return this.#values(x).map((value) => this.#ops.toBigInt(this.#ops.sign(value, this.bits)));
  }

  toJSBIs(x: RingVector): JSBI[] {
    return this.toBigInts(x).map(toJSBI);
  }

  fromBytes(bytes: Uint8Array, length: number): RingVector {
    requireByteCount(this, bytes, length);
    const values = bytesToBigInts(bytes, this.bytes);
    const wide = values.findIndex((value) => value >> BigInt(this.bits) !== 0n);
    if (wide >= 0) throw new RangeError(`element ${wide} must be below 2^${this.bits}`);
    return this.fromBigInts(values);
  }

  toBytes(x: RingVector, target?: Uint8Array): Uint8Array {
    const bytes = bigIntsToBytes(this.toBigInts(x), this.bytes);
    if (!target) return bytes;
    requireByteCount(this, target, x.length);
    target.set(bytes);
    return target;
  }

  random(length: number, source: ByteSource): RingVector {
    requireLength(length);
    const bytes = new Uint8Array(length * this.bytes);
    source.fill(bytes);
    const spare = this.bytes * 8 - this.bits;
    for (let i = this.bytes - 1; i < bytes.length; i += this.bytes) bytes[i]! &= 0xff >> spare;
    return this.fromBytes(bytes, length);
  }

  fromFloat64(values: Float64Array, fracBits: number, limitBits: number): RingVector {
    requireFracBits(fracBits);
    return this.fromBigInts(encodeFixedPoint(values, fracBits, limitBits));
  }

  toFloat64(x: RingVector, fracBits: number): Float64Array {
    requireFracBits(fracBits);
    return decodeFixedPoint(this.toSignedBigInts(x), fracBits);
  }

  add(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, this.#ops.add);
  }

  sub(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, this.#ops.sub);
  }

  neg(x: RingVector): RingVector {
    const zero = this.#ops.fromBigInt(0n);
    return this.#map(x, (a) => this.#ops.sub(zero, a));
  }

  mul(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, this.#ops.mul);
  }

  mulAdd(x: RingVector, y: RingVector, z: RingVector): RingVector {
    requireSameLength(x, y);
    requireSameLength(y, z);
    return this.add(this.mul(x, y), z);
  }

  and(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, this.#ops.and);
  }

  xor(x: RingVector, y: RingVector): RingVector {
    return this.#zip(x, y, this.#ops.xor);
  }

  addScalar(x: RingVector, value: Integer): RingVector {
    const b = this.#element(value);
    return this.#map(x, (a) => this.#ops.add(a, b));
  }

  mulScalar(x: RingVector, value: Integer): RingVector {
    const b = this.#element(value);
    return this.#map(x, (a) => this.#ops.mul(a, b));
  }

  andScalar(x: RingVector, value: Integer): RingVector {
    const b = this.#element(value);
    return this.#map(x, (a) => this.#ops.and(a, b));
  }

  xorScalar(x: RingVector, value: Integer): RingVector {
    const b = this.#element(value);
    return this.#map(x, (a) => this.#ops.xor(a, b));
  }

  matmul(x: RingVector, y: RingVector, m: number, k: number, n: number, options?: MatmulOptions): RingVector {
    requireMatmul(x, y, m, k, n);
    return this.#wrap(multiplyMatrices(this.#ops, this.#values(x), this.#values(y), m, k, n, options));
  }

  sum(x: RingVector): bigint {
    return this.toBigInts(this.sumAxis(x, 1, x.length, 1))[0]!;
  }

  sumAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector {
    requireAxes(x, outer, axis, inner);
    return this.#wrap(addOverAxis(this.#ops, this.#values(x), outer, axis, inner));
  }

  cumulateAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector {
    requireAxes(x, outer, axis, inner);
    return this.#wrap(cumulateOverAxis(this.#ops, this.#values(x), axis, inner));
  }

  shiftLeft(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    return this.#map(x, (a) => this.#ops.shiftLeft(a, Math.min(bits, this.bits)));
  }

  shiftRight(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    return this.#map(x, (a) => this.#ops.shiftRight(a, Math.min(bits, this.bits)));
  }

  shiftRightSigned(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    return this.#map(x, (a) => this.#ops.shiftRight(this.#ops.sign(a, this.bits), Math.min(bits, this.bits)));
  }

  compareScalar(x: RingVector, relation: Relation, value: Integer, signed = true): RingVector {
    requireRelation(relation);
    const { fromBigInt, sign } = this.#ops;
    const holds = comparison(this.#ops, relation, fromBigInt(toBigInt(value)));
    return this.#map(x, (a) => fromBigInt(holds(signed ? sign(a, this.bits) : a) ? 1n : 0n));
  }

  bit(x: RingVector, index: number): RingVector {
    requireBit(this, index);
    const one = this.#ops.fromBigInt(1n);
    return this.#map(x, (a) => this.#ops.and(this.#ops.shiftRight(a, index), one));
  }

  decompose(x: RingVector, count: number): RingVector {
    requireBit(this, count, this.bits);
    this.#values(x);
    return this.concat(Array.from({ length: count }, (_, j) => this.bit(x, j)));
  }

  compose(x: RingVector, count: number): RingVector {
    requireBit(this, count, this.bits);
    requireRows(x, count);
    const length = count === 0 ? 0 : x.length / count;
    let total = this.zeros(length);
    for (let j = 0; j < count; j++)
      total = this.add(total, this.shiftLeft(this.slice(x, j * length, (j + 1) * length), j));
    return total;
  }

  toBits(x: RingVector): Uint8Array {
    return packLowBits(this.toBigInts(x));
  }

  fromBits(bytes: Uint8Array, length: number): RingVector {
    requireBitBytes(bytes, length);
    return this.fromBigInts(unpackBits(bytes, length));
  }

  slice(x: RingVector, start: number, end: number): RingVector {
    requireSlice(x, start, end);
    return this.#reduced(this.#values(x).slice(start, end));
  }

  concat(vectors: readonly RingVector[], rows = 1): RingVector {
    for (const x of vectors) requireRows(x, rows);
    const row = (x: RingVector, i: number) =>
      this.#values(x).slice((i * x.length) / rows, ((i + 1) * x.length) / rows);
    return this.#reduced(Array.from({ length: rows }, (_, i) => vectors.flatMap((x) => row(x, i))).flat());
  }

  strided(x: RingVector, shape: readonly number[], strides: readonly number[], offset: number): RingVector {
    const size = requireStrided(shape, strides, offset, x.length);
    return this.gather(x, stridedIndices(size, shape, strides, offset));
  }

  stridedAdd(
    x: RingVector,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): RingVector {
    requireLength(length);
    const size = requireStrided(shape, strides, offset, length);
    return this.scatterAdd(x, stridedIndices(size, shape, strides, offset), length);
  }

  gather(x: RingVector, indices: Int32Array): RingVector {
    return this.#reduced(pick(this.#values(x), indices));
  }

  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector {
    requireLength(length);
    return this.#wrap(addAtIndices(this.#ops, this.#values(x), indices, length));
  }

  equals(x: RingVector, y: RingVector): boolean {
    requireSameLength(x, y);
    const b = this.#values(y);
    return this.#values(x).every((value, i) => this.#ops.equal(value, b[i]!));
  }

  #element(value: Integer): E {
    return this.#ops.reduce(this.#ops.fromBigInt(toBigInt(value)), this.bits);
  }

  #values(x: RingVector): readonly E[] {
    requireRing(this, x);
    return (x as ListVector<E>).values;
  }

  #reduced(values: readonly E[]): RingVector {
    return new ListVector(this, values);
  }

  #wrap(values: readonly E[]): RingVector {
    return this.#reduced(values.map((value) => this.#ops.reduce(value, this.bits)));
  }

  #map(x: RingVector, f: (a: E) => E): RingVector {
    return this.#wrap(this.#values(x).map(f));
  }

  #zip(x: RingVector, y: RingVector, f: (a: E, b: E) => E): RingVector {
    requireSameLength(x, y);
    const b = this.#values(y);
    return this.#wrap(this.#values(x).map((a, i) => f(a, b[i]!)));
  }
}
