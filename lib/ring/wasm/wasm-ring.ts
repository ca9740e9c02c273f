import type JSBI from "jsbi";
import { type Integer, toJSBI } from "../integer";
import type { ByteSource, MatmulOptions, Relation, Ring, RingVector, SharedProducts } from "../ring";
import * as arrangement from "./arrange";
import * as bits from "./bits";
import * as comparison from "./compare";
import * as conversion from "./convert";
import * as creation from "./create";
import * as elementwise from "./elementwise";
import * as fixedPoint from "./fixed-point";
import * as indexed from "./gather";
import * as products from "./product";
import { WasmSharedProducts } from "./shared-products";
import * as shifts from "./shift";
import type { Storage } from "./storage";
import * as sets from "./subsets";
import * as sums from "./sum";
import { Workspace } from "./workspace";

/** Z_2^64 or Z_2^128 in WASM SIMD. Nothing here or in the kernels branches on an element. */
export class WasmRing implements Ring {
  readonly name = "wasm";
  readonly bytes: number;
  readonly sharedProducts: SharedProducts | undefined;
  readonly subsetSums: Ring["subsetSums"];
  readonly #load: () => Storage;
  #workspace: Workspace | undefined;

  /** @param load - returns the storage to use; called at first use */
  constructor(
    readonly bits: 64 | 128,
    load: () => Storage,
  ) {
    this.bytes = bits / 8;
    this.sharedProducts = bits === 128 ? new WasmSharedProducts(() => this.workspace) : undefined;
    if (bits === 128) this.subsetSums = (x, subsets) => sets.subsetSums(this.workspace, x, subsets);
    this.#load = load;
  }

  zeros(length: number): RingVector {
    return creation.zeros(this.workspace, length);
  }

  full(length: number, value: Integer): RingVector {
    return creation.full(this.workspace, length, value);
  }

  fromBigInts(values: readonly Integer[]): RingVector {
    return conversion.fromBigInts(this.workspace, values);
  }

  toBigInts(x: RingVector): bigint[] {
    return conversion.toBigInts(this.workspace, x);
  }

  toSignedBigInts(x: RingVector): bigint[] {
    return conversion.toSignedBigInts(this.workspace, x);
  }

  toJSBIs(x: RingVector): JSBI[] {
    return this.toBigInts(x).map(toJSBI);
  }

  fromBytes(bytes: Uint8Array, length: number): RingVector {
    return conversion.fromBytes(this.workspace, bytes, length);
  }

  toBytes(x: RingVector, target?: Uint8Array): Uint8Array {
    return conversion.toBytes(this.workspace, x, target);
  }

  random(length: number, source: ByteSource): RingVector {
    return creation.random(this.workspace, length, source);
  }

  fromFloat64(values: Float64Array, fracBits: number, limitBits: number): RingVector {
    return fixedPoint.fromFloat64(this.workspace, values, fracBits, limitBits);
  }

  toFloat64(x: RingVector, fracBits: number): Float64Array {
    return fixedPoint.toFloat64(this.workspace, x, fracBits);
  }

  add(x: RingVector, y: RingVector): RingVector {
    const workspace = this.workspace;
    return elementwise.zip(workspace, workspace.kernels.add, x, y);
  }

  sub(x: RingVector, y: RingVector): RingVector {
    const workspace = this.workspace;
    return elementwise.zip(workspace, workspace.kernels.sub, x, y);
  }

  neg(x: RingVector): RingVector {
    return elementwise.neg(this.workspace, x);
  }

  mul(x: RingVector, y: RingVector): RingVector {
    const workspace = this.workspace;
    return elementwise.zip(workspace, workspace.kernels.mul, x, y);
  }

  mulAdd(x: RingVector, y: RingVector, z: RingVector): RingVector {
    return elementwise.mulAdd(this.workspace, x, y, z);
  }

  and(x: RingVector, y: RingVector): RingVector {
    const workspace = this.workspace;
    return elementwise.zip(workspace, workspace.engine.exports.and64, x, y, true);
  }

  xor(x: RingVector, y: RingVector): RingVector {
    const workspace = this.workspace;
    return elementwise.zip(workspace, workspace.engine.exports.xor64, x, y, true);
  }

  addScalar(x: RingVector, value: Integer): RingVector {
    const workspace = this.workspace;
    return elementwise.scalar(workspace, workspace.kernels.addScalar, x, value);
  }

  mulScalar(x: RingVector, value: Integer): RingVector {
    const workspace = this.workspace;
    return elementwise.scalar(workspace, workspace.kernels.mulScalar, x, value);
  }

  andScalar(x: RingVector, value: Integer): RingVector {
    const workspace = this.workspace;
    return elementwise.scalar(workspace, workspace.kernels.andScalar, x, value);
  }

  xorScalar(x: RingVector, value: Integer): RingVector {
    const workspace = this.workspace;
    return elementwise.scalar(workspace, workspace.kernels.xorScalar, x, value);
  }

  matmul(
    x: RingVector,
    y: RingVector,
    m: number,
    k: number,
    n: number,
    options: MatmulOptions = {},
  ): RingVector {
    return products.matmul(this.workspace, x, y, m, k, n, options);
  }

  sum(x: RingVector): bigint {
    return sums.sum(this.workspace, x);
  }

  sumAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector {
    return sums.sumAxis(this.workspace, x, outer, axis, inner);
  }

  cumulateAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector {
    return sums.cumulateAxis(this.workspace, x, outer, axis, inner);
  }

  shiftLeft(x: RingVector, bits: number): RingVector {
    return shifts.shiftLeft(this.workspace, x, bits);
  }

  shiftRight(x: RingVector, bits: number): RingVector {
    return shifts.shiftRight(this.workspace, x, bits);
  }

  shiftRightSigned(x: RingVector, bits: number): RingVector {
    return shifts.shiftRightSigned(this.workspace, x, bits);
  }

  compareScalar(x: RingVector, relation: Relation, value: Integer, signed = true): RingVector {
    return comparison.compareScalar(this.workspace, x, relation, value, signed);
  }

  bit(x: RingVector, index: number): RingVector {
    return shifts.bit(this.workspace, x, index);
  }

  decompose(x: RingVector, count: number): RingVector {
    return bits.decompose(this.workspace, x, count);
  }

  compose(x: RingVector, count: number): RingVector {
    return bits.compose(this.workspace, x, count);
  }

  toBits(x: RingVector): Uint8Array {
    return bits.toBits(this.workspace, x);
  }

  fromBits(bytes: Uint8Array, length: number): RingVector {
    return bits.fromBits(this.workspace, bytes, length);
  }

  slice(x: RingVector, start: number, end: number): RingVector {
    return arrangement.slice(this.workspace, x, start, end);
  }

  concat(vectors: readonly RingVector[], rows = 1): RingVector {
    return arrangement.concat(this.workspace, vectors, rows);
  }

  strided(x: RingVector, shape: readonly number[], strides: readonly number[], offset: number): RingVector {
    return arrangement.strided(this.workspace, x, shape, strides, offset);
  }

  stridedAdd(
    x: RingVector,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): RingVector {
    return arrangement.stridedAdd(this.workspace, x, shape, strides, offset, length);
  }

  gather(x: RingVector, indices: Int32Array): RingVector {
    return indexed.gather(this.workspace, x, indices);
  }

  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector {
    return indexed.scatterAdd(this.workspace, x, indices, length);
  }

  equals(x: RingVector, y: RingVector): boolean {
    return elementwise.equals(this.workspace, x, y);
  }

  private get workspace(): Workspace {
    this.#workspace ??= new Workspace(this, this.#load());
    return this.#workspace;
  }
}
