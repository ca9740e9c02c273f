/** A ring's kernels, with the vectors and scratch in WASM memory that they work on. */

import { requireLength, requireRing } from "../check";
import { type Integer, toBigInt } from "../integer";
import type { Ring, RingVector } from "../ring";
import type { Engine } from "./engine";
import { type Kernels, kernelsOf } from "./exports";
import type { Block, Storage } from "./storage";
import { WasmVector } from "./wasm-vector";

/** Bytes copied between JavaScript and WASM at a time; a chunk fits into the first-level cache. */
export const CHUNK = 16384;

const WORD = (1n << 64n) - 1n;

/** Split into the two low words; WASM takes them mod 2^64. */
export function split(value: Integer): [bigint, bigint] {
  const integer = toBigInt(value);
  return [integer & WORD, (integer >> 64n) & WORD];
}

/**
 * Allocate the result before reading any operand's address. Allocating can run the garbage collector, which may free
 * an operand whose address has already been read.
 */
export class Workspace {
  readonly bytes: number;
  readonly log2: number;
  readonly engine: Engine;
  readonly kernels: Kernels;

  constructor(
    readonly ring: Ring & { readonly bits: 64 | 128 },
    readonly storage: Storage,
  ) {
    this.bytes = ring.bytes;
    this.log2 = ring.bits === 64 ? 3 : 4;
    this.engine = storage.engine;
    this.kernels = kernelsOf(storage.engine.exports, ring.bits);
  }

  create(length: number, spare = 0): WasmVector {
    requireLength(length);
    return new WasmVector(this.ring, length, this.allocate(length * this.bytes + spare, length));
  }

  like(x: RingVector): WasmVector {
    requireRing(this.ring, x);
    return this.create(x.length);
  }

  address(x: RingVector): number {
    requireRing(this.ring, x);
    return (x as WasmVector).address;
  }

  withScratch<T>(bytes: number, f: (scratch: number) => T): T {
    if (bytes === 0) return f(0);
    const block = this.storage.allocate(bytes, () => "scratch space");
    try {
      return f(block.address);
    } finally {
      block.free();
    }
  }

  private allocate(bytes: number, length: number): Block {
    return this.storage.allocate(bytes, () => `a vector of ${length} elements mod 2^${this.ring.bits}`);
  }
}
