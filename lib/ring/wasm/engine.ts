/**
 * The WASM module and its memory: loading, growing, and views for JavaScript to read and write by.
 *
 * There is one engine a thread of JavaScript, made at first use. Memory is shared where it can be, so that workers
 * may take part, and grows to just under 4 GiB.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RingExports } from "./exports";
import { Team } from "./team";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly";

const PAGE = 65536;
/** One page less than wasm32 can have, so that the end of memory is itself an address. */
const MOST_PAGES = 65535;
const FIRST_PAGES = 16;

/** The built module lies beside this file in dist/, also when the tests run from source. */
function locate(file: string): string {
  const places = [join(__dirname, file), join(__dirname, "../../../dist/lib/ring/wasm", file)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  return found;
}

function createMemory(shared: boolean): WasmMemory {
  // Where address space is limited the whole range cannot be reserved; take what can be.
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

  /** Bytes that memory has grown to. */
  get capacity(): number {
    return this.#pages * PAGE;
  }

  /** The address of a block, or 0 where memory has no room left. */
  allocate(bytes: number): number {
    // Whole pairs of words, and never nothing, so that kernels may round up and an address names one block.
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
    // A sixteenth is what the allocator may round a request up by; an eighth spares growing for every small block.
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
