// Builds dist/ from source: type declarations and CommonJS by the TypeScript compiler, the ring engine's WASM by
// the AssemblyScript compiler, once for shared memory and once for where there is none.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function assemble(output, ...options) {
  run(
    ...["node_modules/assemblyscript/bin/asc.js", "lib/ring/wasm/assembly/index.ts"],
    ...["--outFile", `dist/lib/ring/wasm/${output}`, "-O3", "--noAssert", "--runtime", "stub"],
    ...["--enable", "simd", "--importMemory", "--noExportMemory", "--initialMemory", "1"],
    ...options,
  );
}

rmSync(`${root}dist`, { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
assemble("ring.wasm");
assemble("ring-shared.wasm", "--enable", "threads", "--sharedMemory", "--maximumMemory", "65535");
