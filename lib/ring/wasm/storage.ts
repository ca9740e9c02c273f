/**
 * Who owns a block of WASM memory, and when it goes back.
 *
 * A block is freed by `dispose()`, or at the end of the scope that made it, or, in the last resort, when its vector
 * is garbage: a FinalizationRegistry sees to that when the event loop turns, and a look at weak references when
 * memory runs short within one turn.
 */

import { disposedError } from "../check";
import { currentScope, type Scoped } from "../scope";
import { collectGarbage, releaseWeakReferences } from "./collect";
import type { Engine } from "./engine";

/** Garbage of this many bytes is not worth a collection. */
const PATIENCE = 256 * 2 ** 20;
/** Smaller blocks are left to the registry: it would take a hundred million of them to fill memory in one turn. */
const WATCHED = 4096;
/** After so many new weak references, which keep their vectors until the turn ends, they are told to let go. */
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

  /** Its scope has ended and it goes on: from now on it goes when its owner is garbage. */
  leave(owner: object): void {
    this.storage.watch(this, owner);
  }
}

export class Storage {
  readonly #registry = new FinalizationRegistry<Block>((block) => this.free(block));
  /** Large blocks that live as long as their owners. */
  readonly #watched = new Set<Block>();
  /** Bytes handed to the garbage collector's care since it was last asked, and how many call for asking. */
  #entrusted = 0;
  #budget = PATIENCE;
  #held = 0;

  constructor(readonly engine: Engine) {}

  /**
   * Memory for a vector that `what` names. May free the blocks of vectors that are garbage: take no address before.
   *
   * @throws {RangeError} it does not fit
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

  /** Gives the block to the innermost scope, or else to the garbage collector, as its owner's. */
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
    // As a heap does: wait for as much again as is alive, and longer when asking was of little use.
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
