/**
 * The WASM module and its memory: load it, grow it, and give JavaScript views to read and write.
 *
 * Each JavaScript thread has one engine, created at first use. Memory is shared where possible, so that workers can
 * take part, and grows to just under 4 GiB.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RingExports } from "./exports";
import { Team } from "./team";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly";

const PAGE = 65536;
/** One page less than wasm32 allows, so that the end of memory is itself a valid address. */
const MOST_PAGES = 65535;
const FIRST_PAGES = 16;

/** Find the built module: beside this file in dist/, also when the tests run from source. */
function locate(file: string): string {
  const places = [join(__dirname, file), join(__dirname, "../../../dist/lib/ring/wasm", file)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  return found;
}

function createMemory(shared: boolean): WasmMemory {
  // If address space is limited, the whole range cannot be reserved; reserve as much as possible.
  for (let maximum = MOST_PAGES; ; maximum = Math.floor(maximum / 2)) {
    try {
      return new webAssembly!.Memory({ initial: FIRST_PAGES, maximum, shared });
    } catch (error) {
      if (maximum < 4 * FIRST_PAGES) throw error;
    }
  }
}

export class Engine {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly exports: RingExports;
  readonly shared: boolean;
  /** Threads for large work; null where memory is not shared. */
  readonly team: Team | null;
  bytes!: Uint8Array;
  words!: BigUint64Array;
  signedWords!: BigInt64Array;
  doubles!: Float64Array;
  indices!: Int32Array;
  /** Bytes in blocks, headers included. */
  used = 0;
  #pages = FIRST_PAGES;

  constructor(shared: boolean) {
    this.shared = shared;
    this.module = new webAssembly!.Module(readFileSync(locate(shared ? "ring-shared.wasm" : "ring.wasm")));
    this.memory = createMemory(shared);
    this.exports = new webAssembly!.Instance(this.module, { env: { memory: this.memory } })
      .exports as unknown as RingExports;
    this.team = shared ? new Team(this.exports, this.module, this.memory, locate("worker.js")) : null;
    this.exports.heapInit(FIRST_PAGES * PAGE);
    this.#look();
  }

  /** Current size of memory, in bytes. */
  get capacity(): number {
    return this.#pages * PAGE;
  }

  /** Return the address of a block, or 0 if memory is full. */
  allocate(bytes: number): number {
    // Allocate whole pairs of words, at least one, so that kernels may round up and an address identifies one block.
    const rounded = Math.max(16, Math.ceil(bytes / 16) * 16);
    if (rounded > MOST_PAGES * PAGE) return 0;
    let address = this.exports.heapAlloc(rounded) >>> 0;
    if (address === 0) {
      if (!this.#grow(rounded)) return 0;
      address = this.exports.heapAlloc(rounded) >>> 0;
      if (address === 0) return 0;
    }
    this.used += this.exports.heapSize(address) >>> 0;
    return address;
  }

  free(address: number): void {
    this.used -= this.exports.heapSize(address) >>> 0;
    this.exports.heapFree(address);
  }

  #grow(bytes: number): boolean {
    // The allocator may round a request up by a sixteenth; growing by an eighth avoids growing for every small block.
    const needed = Math.ceil((bytes + bytes / 16 + 64) / PAGE) + 1;
    const left = MOST_PAGES - this.#pages;
    const comfortable = Math.min(Math.max(needed, this.#pages >> 3), left);
    for (const pages of new Set([comfortable, Math.min(needed, left)])) {
      if (pages === 0) continue;
      try {
        this.memory.grow(pages);
      } catch {
        continue;
      }
      this.#pages += pages;
      this.exports.heapExtend(this.#pages * PAGE);
      this.#look();
      return true;
    }
    return false;
  }

  #look(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new BigUint64Array(buffer);
    this.signedWords = new BigInt64Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.indices = new Int32Array(buffer);
  }
}
