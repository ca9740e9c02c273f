/**
 * Ownership of blocks of WASM memory, and when they are freed.
 *
 * A block is freed by `dispose()`, or at the end of the scope that made it, or, as a last resort, when its vector is
 * garbage. A FinalizationRegistry finds garbage when the event loop turns; if memory runs short within one turn, the
 * storage checks weak references.
 */

import { disposedError } from "../check";
import { currentScope, type Scoped } from "../scope";
import { collectGarbage, releaseWeakReferences } from "./collect";
import type { Engine } from "./engine";

/** Do not collect for less garbage than this, in bytes. */
const PATIENCE = 256 * 2 ** 20;
/** Leave smaller blocks to the registry: filling memory in one turn would take a hundred million of them. */
const WATCHED = 4096;
/** New weak references keep their vectors until the turn ends; release them after this many. */
const HELD = 4096;

/** A block of memory; address 0 once freed. */
export class Block implements Scoped {
  address: number;
  readonly bytes: number;
  watcher: WeakRef<object> | undefined;

  constructor(
    readonly storage: Storage,
    address: number,
    bytes: number,
  ) {
    this.address = address;
    this.bytes = bytes;
  }

  free(): void {
    this.storage.free(this);
  }

  /** The scope has ended but the block lives on: from now on free it when its owner is garbage. */
  leave(owner: object): void {
    this.storage.watch(this, owner);
  }
}

export class Storage {
  readonly #registry = new FinalizationRegistry<Block>((block) => this.free(block));
  /** Large blocks that live as long as their owners. */
  readonly #watched = new Set<Block>();
  /** Bytes left to the garbage collector since the last collection, and how many trigger the next one. */
  #entrusted = 0;
  #budget = PATIENCE;
  #held = 0;

  constructor(readonly engine: Engine) {}

  /**
   * Allocate memory for the vector that `what` names. This may free blocks of garbage vectors, so read addresses of
   * operands only afterwards.
   *
   * @throws {RangeError} the vector does not fit
   */
  allocate(bytes: number, what: () => string): Block {
    if (this.#entrusted > this.#budget) this.#collect();
    let address = this.engine.allocate(bytes);
    if (address === 0) {
      this.#collect();
      address = this.engine.allocate(bytes);
    }
    if (address === 0) {
      throw new RangeError(
        `${what()} (${megabytes(bytes)}) does not fit: ${megabytes(this.engine.used)} of at most 4096 MiB are in use. ` +
          "Free vectors with dispose(), or compute in a scope()",
      );
    }
    return new Block(this, address, bytes);
  }

  /** Tie the block to its owner: the innermost scope frees it, or without a scope the garbage collector. */
  own(block: Block, owner: object): void {
    const scope = currentScope();
    if (scope === undefined) this.watch(block, owner);
    else scope.adopt(block, owner);
  }

  watch(block: Block, owner: object): void {
    this.#registry.register(owner, block, block);
    if (block.bytes >= WATCHED) {
      block.watcher = new WeakRef(owner);
      this.#watched.add(block);
      this.#entrusted += block.bytes;
      if (++this.#held >= HELD) {
        this.#held = 0;
        releaseWeakReferences();
      }
    }
  }

  free(block: Block): void {
    const { address } = block;
    if (address === 0) return;
    block.address = 0;
    this.engine.free(address);
    if (block.watcher !== undefined) {
      this.#watched.delete(block);
      block.watcher = undefined;
      this.#entrusted -= block.bytes;
    }
    this.#registry.unregister(block);
  }

  #collect(): void {
    const before = this.engine.used;
    const entrusted = this.#entrusted;
    collectGarbage(() => {
      for (const block of this.#watched) if (block.watcher?.deref() === undefined) this.free(block);
    });
    // Like a heap, wait until as much again is allocated as is alive, and longer if the last collection freed little.
    const freed = before - this.engine.used;
    this.#budget = Math.max(PATIENCE, this.engine.used, freed < entrusted / 4 ? this.#budget * 2 : 0);
    this.#entrusted = 0;
  }
}

export function addressOf(block: Block): number {
  if (block.address === 0) throw disposedError();
  return block.address;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 2 : 0)} MiB`;
}
