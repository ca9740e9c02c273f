import type JSBI from "jsbi";
import {
  fixedPointError,
  indexError,
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
import type { Engine } from "./engine";
import { type Kernels, kernelsOf } from "./exports";
import type { Argument, Kernel } from "./job";
import type { Block, Storage } from "./storage";
import { walk } from "./walk";
import { WasmVector } from "./wasm-vector";

/** What goes between JavaScript and WASM at a time: it stays in the first-level cache. */
const CHUNK = 16384;
/** From here on a second thread is worth the waking: elements of a vector, rows and products of a matrix product. */
const LARGE_LENGTH = 2 ** 17;
const LARGE_ROWS = 32;
const LARGE_PRODUCT = 2 ** 21;
const WORD = (1n << 64n) - 1n;

/**
 * Z_2^64 or Z_2^128 in WASM SIMD. Nothing here or in the kernels branches on an element.
 *
 * In each method memory comes before addresses: an allocation may free what is garbage, and an operand is none only
 * as long as it is still to be asked for its address.
 */
export class WasmRing implements Ring {
  readonly name = "wasm";
  readonly bytes: number;
  readonly #log2: number;
  readonly #load: () => Storage;
  #loaded: { storage: Storage; engine: Engine; kernels: Kernels } | undefined;

  /** @param load - the storage to live in; called at the first use */
  constructor(
    readonly bits: 64 | 128,
    load: () => Storage,
  ) {
    this.bytes = bits / 8;
    this.#log2 = bits === 64 ? 3 : 4;
    this.#load = load;
  }

  zeros(length: number): RingVector {
    const out = this.#create(length);
    const { address } = out;
    this.#engine.bytes.fill(0, address, address + length * this.bytes);
    return out;
  }

  full(length: number, value: Integer): RingVector {
    const [lo, hi] = split(value);
    const out = this.#create(length);
    this.#each(this.#kernels.fill, [out.address], length, lo, hi);
    return out;
  }

  fromBigInts(values: readonly Integer[]): RingVector {
    const integers = values.map(toBigInt);
    const out = this.#create(integers.length);
    const { words } = this.#engine;
    let at = out.address / 8;
    for (const value of integers) {
      words[at++] = value;
      if (this.bits === 128) words[at++] = value >> 64n;
    }
    return out;
  }

  toBigInts(x: RingVector): bigint[] {
    return this.#read(x, this.#engine.words);
  }

  toSignedBigInts(x: RingVector): bigint[] {
    return this.#read(x, this.#engine.signedWords);
  }

  toJSBIs(x: RingVector): JSBI[] {
    return this.toBigInts(x).map(toJSBI);
  }

  fromBytes(bytes: Uint8Array, length: number): RingVector {
    requireByteCount(this, bytes, length);
    const out = this.#create(length);
    this.#engine.bytes.set(bytes, out.address);
    return out;
  }

  toBytes(x: RingVector): Uint8Array {
    const at = this.#address(x);
    return this.#engine.bytes.slice(at, at + x.length * this.bytes);
  }

  random(length: number, source: ByteSource): RingVector {
    const out = this.#create(length);
    // By way of ordinary memory: not every source writes to shared memory, and none should see the rest of ours.
    const total = length * this.bytes;
    const chunk = new Uint8Array(Math.min(total, 4 * CHUNK));
    for (let done = 0; done < total; done += chunk.length) {
      const part = chunk.subarray(0, total - done);
      source.fill(part);
      this.#engine.bytes.set(part, out.address + done);
    }
    chunk.fill(0);
    return out;
  }

  fromFloat64(values: Float64Array, fracBits: number, limitBits: number): RingVector {
    requireFracBits(fracBits);
    const scale = 2 ** fracBits;
    const limit = 2 ** limitBits;
    const { encodeWide } = this.#engine.exports;
    const out = this.#create(values.length);
    this.#withScratch(CHUNK, (scratch) => {
      const step = CHUNK / 8;
      for (let i = 0; i < values.length; i += step) {
        const n = Math.min(step, values.length - i);
        this.#engine.doubles.set(values.subarray(i, i + n), scratch / 8);
        const to = out.address + i * this.bytes;
        const fits =
          limit <= 2 ** 63
            ? this.#kernels.encode(to, scratch, n, scale, limit)
            : encodeWide(to, scratch, n, scale, limit, this.#log2);
        if (!fits) {
          out.dispose();
          throw fixedPointError(
            values.findIndex((value) => !(Math.abs(value * scale) < limit)),
            limitBits - fracBits,
          );
        }
      }
    });
    return out;
  }

  toFloat64(x: RingVector, fracBits: number): Float64Array {
    requireFracBits(fracBits);
    requireRing(this, x);
    const result = new Float64Array(x.length);
    this.#withScratch(CHUNK, (scratch) => {
      const step = CHUNK / 8;
      const from = this.#address(x);
      for (let i = 0; i < result.length; i += step) {
        const n = Math.min(step, result.length - i);
        this.#kernels.decode(scratch, from + i * this.bytes, n, 2 ** -fracBits);
        result.set(this.#engine.doubles.subarray(scratch / 8, scratch / 8 + n), i);
      }
    });
    return result;
  }

  add(x: RingVector, y: RingVector): RingVector {
    return this.#zip(this.#kernels.add, x, y);
  }

  sub(x: RingVector, y: RingVector): RingVector {
    return this.#zip(this.#kernels.sub, x, y);
  }

  neg(x: RingVector): RingVector {
    const out = this.#like(x);
    this.#each(this.#kernels.neg, [out.address, this.#address(x)], x.length);
    return out;
  }

  mul(x: RingVector, y: RingVector): RingVector {
    return this.#zip(this.#kernels.mul, x, y);
  }

  mulAdd(x: RingVector, y: RingVector, z: RingVector): RingVector {
    requireRing(this, z);
    requireRing(this, y);
    requireSameLength(x, y);
    requireSameLength(y, z);
    const out = this.#like(x);
    const addresses = [out.address, this.#address(x), this.#address(y), this.#address(z)];
    this.#each(this.#kernels.mulAdd, addresses, x.length);
    return out;
  }

  and(x: RingVector, y: RingVector): RingVector {
    return this.#zip(this.#engine.exports.and64, x, y, true);
  }

  xor(x: RingVector, y: RingVector): RingVector {
    return this.#zip(this.#engine.exports.xor64, x, y, true);
  }

  addScalar(x: RingVector, value: Integer): RingVector {
    return this.#scalar(this.#kernels.addScalar, x, value);
  }

  mulScalar(x: RingVector, value: Integer): RingVector {
    return this.#scalar(this.#kernels.mulScalar, x, value);
  }

  andScalar(x: RingVector, value: Integer): RingVector {
    return this.#scalar(this.#kernels.andScalar, x, value);
  }

  xorScalar(x: RingVector, value: Integer): RingVector {
    return this.#scalar(this.#kernels.xorScalar, x, value);
  }

  matmul(
    x: RingVector,
    y: RingVector,
    m: number,
    k: number,
    n: number,
    { transposeLeft = false, transposeRight = false }: MatmulOptions = {},
  ): RingVector {
    requireRing(this, x);
    requireRing(this, y);
    requireMatmul(x, y, m, k, n);
    const out = this.#create(m * n);
    const { matmul, matmulScratch } = this.#kernels;
    const size = this.bytes;
    const [aRow, aCol] = transposeLeft ? [size, m * size] : [k * size, size];
    const [bRow, bCol] = transposeRight ? [size, k * size] : [n * size, size];
    const { team } = this.#engine;
    const parts = m >= LARGE_ROWS && m * k * n >= LARGE_PRODUCT && team !== null ? team.size() : 1;
    // Each thread makes rows of the result, in scratch of its own.
    const rows = Math.ceil(m / parts);
    const scratchEach = Math.ceil(matmulScratch(rows, k, n) / 64) * 64;
    this.#withScratch(scratchEach * parts, (scratch) => {
      const [c, a, b] = [out.address, this.#address(x), this.#address(y)];
      if (team === null || parts === 1) {
        matmul(c, a, b, m, k, n, aRow, aCol, bRow, bCol, scratch);
        return;
      }
      const calls: number[][] = [];
      for (let i = 0; i < m; i += rows) {
        const space = scratch + calls.length * scratchEach;
        const count = Math.min(rows, m - i);
        calls.push([c + i * n * size, a + i * aRow, b, count, k, n, aRow, aCol, bRow, bCol, space]);
      }
      team.run(matmul as Kernel, calls);
    });
    return out;
  }

  sum(x: RingVector): bigint {
    const total = this.sumAxis(x, 1, x.length, 1);
    const [value] = this.toBigInts(total);
    total.dispose();
    return value!;
  }

  sumAxis(x: RingVector, outer: number, axis: number, inner: number): RingVector {
    requireRing(this, x);
    requireAxes(x, outer, axis, inner);
    const out = this.#create(outer * inner);
    this.#kernels.sumAxis(out.address, this.#address(x), outer, axis, inner);
    return out;
  }

  shiftLeft(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    if (bits >= this.bits) return this.#zerosLike(x);
    return this.#shift(this.#kernels.shl, x, bits);
  }

  shiftRight(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    if (bits >= this.bits) return this.#zerosLike(x);
    return this.#shift(this.#kernels.shr, x, bits);
  }

  shiftRightSigned(x: RingVector, bits: number): RingVector {
    requireShift(bits);
    return this.#shift(this.#kernels.sar, x, Math.min(bits, this.bits - 1));
  }

  compareScalar(x: RingVector, relation: Relation, value: Integer, signed = true): RingVector {
    requireRelation(relation);
    const half = 1n << BigInt(this.bits - 1);
    const [least, most] = signed ? [-half, half - 1n] : [0n, 2n * half - 1n];
    // a ≤ c is a < c + 1, and the others are these two or their contraries.
    const inclusive = relation === "<=" || relation === ">";
    const bound = toBigInt(value) + (inclusive ? 1n : 0n);
    const flip = relation === "!=" || relation === ">=" || relation === ">" ? 1 : 0;
    const [lo, hi] = split(bound);
    const out = this.#like(x);
    if (relation === "==" || relation === "!=") {
      if (bound < least || bound > most) this.#kernels.fill(out.address, x.length, BigInt(flip), 0n);
      else this.#kernels.eq(out.address, this.#address(x), x.length, lo, hi, flip);
    } else if (bound <= least || bound > most) {
      this.#kernels.fill(out.address, x.length, BigInt(bound > most ? 1 - flip : flip), 0n);
    } else {
      this.#kernels.lt(out.address, this.#address(x), x.length, lo, hi, signed ? 0n : 1n << 63n, flip);
    }
    return out;
  }

  bit(x: RingVector, index: number): RingVector {
    requireBit(this, index);
    return this.#shift(this.#kernels.bit, x, index);
  }

  decompose(x: RingVector, count: number): RingVector {
    requireRing(this, x);
    requireBit(this, count, this.bits);
    // A plane of odd length runs over by an element: into the next plane, which is written after it, or the spare.
    const out = this.#create(x.length * count, this.bytes);
    const { address } = out;
    for (let j = 0; j < count; j++)
      this.#kernels.bit(address + j * x.length * this.bytes, this.#address(x), x.length, j);
    return out;
  }

  compose(x: RingVector, count: number): RingVector {
    requireRing(this, x);
    requireBit(this, count, this.bits);
    requireRows(x, count);
    const length = count === 0 ? 0 : x.length / count;
    const out = this.zeros(length) as WasmVector;
    for (let j = 0; j < count; j++)
      this.#kernels.shiftAdd(out.address, this.#address(x) + j * length * this.bytes, length, j);
    return out;
  }

  toBits(x: RingVector): Uint8Array {
    requireRing(this, x);
    const size = Math.ceil(x.length / 8);
    return this.#withScratch(size, (scratch) => {
      this.#kernels.toBits(scratch, this.#address(x), x.length);
      return this.#engine.bytes.slice(scratch, scratch + size);
    });
  }

  fromBits(bytes: Uint8Array, length: number): RingVector {
    requireBitBytes(bytes, length);
    const out = this.#create(length);
    this.#withScratch(bytes.length, (scratch) => {
      this.#engine.bytes.set(bytes, scratch);
      this.#kernels.fromBits(out.address, scratch, length);
    });
    return out;
  }

  slice(x: RingVector, start: number, end: number): RingVector {
    requireRing(this, x);
    requireSlice(x, start, end);
    const out = this.#create(end - start);
    const from = this.#address(x);
    this.#engine.bytes.copyWithin(out.address, from + start * this.bytes, from + end * this.bytes);
    return out;
  }

  concat(vectors: readonly RingVector[]): RingVector {
    for (const x of vectors) requireRing(this, x);
    const out = this.#create(vectors.reduce((total, x) => total + x.length, 0));
    let at = out.address;
    for (const x of vectors) {
      const from = this.#address(x);
      this.#engine.bytes.copyWithin(at, from, from + x.length * this.bytes);
      at += x.length * this.bytes;
    }
    return out;
  }

  strided(x: RingVector, shape: readonly number[], strides: readonly number[], offset: number): RingVector {
    requireRing(this, x);
    const size = requireStrided(shape, strides, offset, x.length);
    const out = this.#create(size);
    const { strided } = this.#engine.exports;
    this.#walk(size, shape, strides, (axes, rank, rows, inner, step) =>
      strided(out.address, this.#address(x) + offset * this.bytes, axes, rank, rows, inner, step, this.#log2),
    );
    return out;
  }

  stridedAdd(
    x: RingVector,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): RingVector {
    requireRing(this, x);
    requireLength(length);
    const size = requireStrided(shape, strides, offset, length);
    if (x.length !== size)
      throw new RangeError(`a vector of length ${x.length} does not fill a shape of [${shape}]`);
    const out = this.zeros(length) as WasmVector;
    const { stridedAdd } = this.#engine.exports;
    this.#walk(size, shape, strides, (axes, rank, rows, inner, step) =>
      stridedAdd(
        out.address + offset * this.bytes,
        this.#address(x),
        axes,
        rank,
        rows,
        inner,
        step,
        this.#log2,
      ),
    );
    return out;
  }

  gather(x: RingVector, indices: Int32Array): RingVector {
    requireRing(this, x);
    const out = this.#create(indices.length);
    this.#withIndices(indices, x.length, out, (scratch, n, done) =>
      this.#engine.exports.gather(out.address + done * this.bytes, this.#address(x), scratch, n, this.#log2),
    );
    return out;
  }

  scatterAdd(x: RingVector, indices: Int32Array, length: number): RingVector {
    requireRing(this, x);
    requireLength(length);
    if (indices.length !== x.length) {
      throw new RangeError(`${indices.length} indices do not fit a vector of ${x.length}`);
    }
    const out = this.zeros(length) as WasmVector;
    this.#withIndices(indices, length, out, (scratch, n, done) =>
      this.#engine.exports.scatterAdd(
        out.address,
        this.#address(x) + done * this.bytes,
        scratch,
        n,
        this.#log2,
      ),
    );
    return out;
  }

  equals(x: RingVector, y: RingVector): boolean {
    requireSameLength(x, y);
    return (
      this.#engine.exports.equals64(this.#address(x), this.#address(y), (x.length * this.bits) / 64) !== 0
    );
  }

  get #parts(): { storage: Storage; engine: Engine; kernels: Kernels } {
    if (this.#loaded === undefined) {
      const storage = this.#load();
      const { engine } = storage;
      this.#loaded = { storage, engine, kernels: kernelsOf(engine.exports, this.bits) };
    }
    return this.#loaded;
  }

  get #engine(): Engine {
    return this.#parts.engine;
  }

  get #storage(): Storage {
    return this.#parts.storage;
  }

  get #kernels(): Kernels {
    return this.#parts.kernels;
  }

  #address(x: RingVector): number {
    requireRing(this, x);
    return (x as WasmVector).address;
  }

  #create(length: number, spare = 0): WasmVector {
    requireLength(length);
    return new WasmVector(this, length, this.#allocate(length * this.bytes + spare, length));
  }

  #allocate(bytes: number, length: number): Block {
    return this.#storage.allocate(bytes, () => `a vector of ${length} elements mod 2^${this.bits}`);
  }

  #like(x: RingVector): WasmVector {
    requireRing(this, x);
    return this.#create(x.length);
  }

  #zerosLike(x: RingVector): RingVector {
    this.#address(x);
    return this.zeros(x.length);
  }

  #withScratch<T>(bytes: number, f: (scratch: number) => T): T {
    const block = this.#storage.allocate(bytes, () => "scratch space");
    try {
      return f(block.address);
    } finally {
      block.free();
    }
  }

  /** Carries indices over a chunk at a time, each checked before it is used; `out` goes when one fails. */
  #withIndices(
    indices: Int32Array,
    limit: number,
    out: WasmVector,
    f: (scratch: number, n: number, done: number) => void,
  ): void {
    this.#withScratch(CHUNK, (scratch) => {
      const step = CHUNK / 4;
      for (let i = 0; i < indices.length; i += step) {
        const part = indices.subarray(i, i + step);
        this.#engine.indices.set(part, scratch / 4);
        const bad = this.#engine.exports.findOutside(scratch, part.length, limit) >>> 0;
        if (bad < part.length) {
          out.dispose();
          throw indexError(part[bad]!, limit);
        }
        f(scratch, part.length, i);
      }
    });
  }

  #walk(
    size: number,
    shape: readonly number[],
    strides: readonly number[],
    f: (axes: number, rank: number, rows: number, inner: number, step: number) => void,
  ): void {
    if (size === 0) return;
    const { outer, inner, step } = walk(shape, strides);
    this.#withScratch(12 * outer.length, (axes) => {
      outer.forEach(([extent, stride], i) => {
        this.#engine.indices[axes / 4 + i] = extent;
        this.#engine.indices[axes / 4 + outer.length + i] = stride * this.bytes;
      });
      f(axes, outer.length, size / inner, inner, step * this.bytes);
    });
  }

  #read(x: RingVector, words: BigUint64Array | BigInt64Array): bigint[] {
    const at = this.#address(x) / 8;
    const unsigned = this.#engine.words;
    return Array.from({ length: x.length }, (_, i) =>
      this.bits === 64 ? words[at + i]! : (words[at + 2 * i + 1]! << 64n) | unsigned[at + 2 * i]!,
    );
  }

  /** @param byWords - the kernel takes words of 64 bits, whatever the width */
  #zip(kernel: Kernels["add"], x: RingVector, y: RingVector, byWords = false): RingVector {
    requireRing(this, y);
    requireSameLength(x, y);
    const out = this.#like(x);
    const words = byWords ? this.bits / 64 : 1;
    this.#each(kernel, [out.address, this.#address(x), this.#address(y)], x.length * words);
    return out;
  }

  /** Calls a kernel for n elements at the addresses, which it takes first; large work on all threads. */
  #each<T extends Argument[]>(
    kernel: (...args: never[]) => unknown,
    addresses: readonly number[],
    n: number,
    ...rest: T
  ): void {
    const call = kernel as Kernel;
    const { team, exports } = this.#engine;
    const parts = n >= LARGE_LENGTH && team !== null ? team.size() : 1;
    if (team === null || parts === 1) {
      call(...addresses, n, ...rest);
      return;
    }
    const bytes = kernel === exports.and64 || kernel === exports.xor64 ? 8 : this.bytes;
    // Kernels work on pairs: only the last part may be odd.
    const step = Math.ceil(n / parts / 2) * 2;
    const calls: Argument[][] = [];
    for (let done = 0; done < n; done += step) {
      calls.push([...addresses.map((a) => a + done * bytes), Math.min(step, n - done), ...rest]);
    }
    team.run(call, calls);
  }

  #scalar(kernel: Kernels["addScalar"], x: RingVector, value: Integer): RingVector {
    const [lo, hi] = split(value);
    const out = this.#like(x);
    this.#each(kernel, [out.address, this.#address(x)], x.length, lo, hi);
    return out;
  }

  #shift(kernel: Kernels["shl"], x: RingVector, bits: number): RingVector {
    const out = this.#like(x);
    this.#each(kernel, [out.address, this.#address(x)], x.length, bits);
    return out;
  }
}

/** The two low words; WASM takes them mod 2^64. */
function split(value: Integer): [bigint, bigint] {
  const integer = toBigInt(value);
  return [integer & WORD, (integer >> 64n) & WORD];
}
