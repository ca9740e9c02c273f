/** Memory of a WASM module of kernels, allocated in order and overwritten when it is freed. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteSource } from "../../ring";
import { type WasmMemory, type WasmModule, webAssembly } from "../../ring/wasm/webassembly";

const PAGE = 65536;
const MOST_PAGES = 32768;

const compiled = new Map<string, WasmModule>();

/** Load a built module: beside its loader in dist/, even when the tests run from source. */
function compile(folder: string, file: string): WasmModule {
  const known = compiled.get(file);
  if (known) return known;
  const places = [
    join(__dirname, "..", folder, file),
    join(__dirname, "../../../dist/lib/preprocessing", folder, file),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  const module = new webAssembly!.Module(readFileSync(found));
  compiled.set(file, module);
  return module;
}

/**
 * One party's kernels with their memory, which is allocated in order. `mark` is the current end; `release` frees all
 * memory from a mark on and overwrites it, because it holds secrets.
 */
export class KernelMemory<Exports extends { heapBase(): number }> {
  readonly run: Exports;
  readonly #memory: WasmMemory;
  #bytes: Uint8Array;
  #next: number;
  /** The first place that was handed out. */
  readonly start: number;

  /**
   * @param what - the work that needs the kernels, for an error
   * @param folder - of the module, in lib/preprocessing
   */
  constructor(what: string, folder: string, file: string) {
    if (!webAssembly) throw new Error(`${what} needs WebAssembly, and this V8 runs without it`);
    this.#memory = new webAssembly.Memory({ initial: 2, maximum: MOST_PAGES, shared: false });
    this.run = new webAssembly.Instance(compile(folder, file), { env: { memory: this.#memory } })
      .exports as unknown as Exports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.start = Math.ceil(this.run.heapBase() / 16) * 16;
    this.#next = this.start;
  }

  get mark(): number {
    return this.#next;
  }

  release(mark: number): void {
    this.#bytes.fill(0, mark, this.#next);
    this.#next = mark;
  }

  /** The address of `length` zero bytes, aligned to 16. */
  allocate(length: number): number {
    const at = this.#next;
    this.#next += Math.ceil(length / 16) * 16;
    const missing = this.#next - this.#bytes.length;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE));
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    return at;
  }

  /** A copy of `bytes` in memory. */
  put(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length);
    this.#bytes.set(bytes, at);
    return at;
  }

  /** Writes the next `length` bytes of a source, of which no copy is left elsewhere. */
  draw(at: number, source: ByteSource, length: number): void {
    source.fill(this.#bytes.subarray(at, at + length));
  }

  write(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /** Copy bytes from an address. */
  read(at: number, length: number): Uint8Array {
    return this.#bytes.slice(at, at + length);
  }

  /** View bytes at an address. Use the view at once: it is invalid when memory has grown. */
  view(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  /** Copies a range to another place. */
  move(to: number, from: number, length: number): void {
    this.#bytes.copyWithin(to, from, from + length);
  }

  /** Overwrites a range. */
  clear(at: number, length: number): void {
    this.#bytes.fill(0, at, at + length);
  }

  /** Overwrite all memory. */
  destroy(): void {
    this.#bytes.fill(0);
  }
}
