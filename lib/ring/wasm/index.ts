import { Engine } from "./engine";
import { Storage } from "./storage";
import { canShare } from "./team";
import { WasmRing } from "./wasm-ring";
import { webAssembly } from "./webassembly";

export { setThreads, threads } from "./team";
export { WasmRing } from "./wasm-ring";

let storage: Storage | undefined;

/** Return the storage that all WASM rings of this thread use; load the module at first use. */
function sharedStorage(): Storage {
  storage ??= new Storage(new Engine(canShare()));
  return storage;
}

/** Whether this JavaScript engine has WebAssembly with SIMD: validate the smallest module that makes a zero vector. */
export function hasWasm(): boolean {
  const head = [0, 97, 115, 109, 1, 0, 0, 0];
  const types = [1, 5, 1, 96, 0, 1, 123];
  const code = [10, 22, 1, 20, 0, 253, 12, ...new Array<number>(16).fill(0), 11];
  return webAssembly?.validate(Uint8Array.from([...head, ...types, 3, 2, 1, 0, ...code])) ?? false;
}

/** Z_2^64 or Z_2^128 on WASM SIMD. */
export function createWasmRing(bits: 64 | 128): WasmRing {
  return new WasmRing(bits, sharedStorage);
}
