import type { Ring, RingVector } from "../ring";
import { forget } from "../scope";
import { addressOf, type Block } from "./storage";

/** A vector in WASM memory: little-endian words, two to an element mod 2^128. Only its ring uses the address. */
export class WasmVector implements RingVector {
  readonly #block: Block;

  constructor(
    readonly ring: Ring,
    readonly length: number,
    block: Block,
  ) {
    this.#block = block;
    block.storage.own(block, this);
  }

  /** @throws {Error} the vector was disposed */
  get address(): number {
    return addressOf(this.#block);
  }

  dispose(): void {
    if (this.#block.address === 0) return;
    forget(this);
    this.#block.free();
  }
}
