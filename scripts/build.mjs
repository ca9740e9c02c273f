// Build dist/ from source: type declarations and CommonJS with the TypeScript compiler, the WASM modules with the
// AssemblyScript compiler. Build the ring engine twice: with shared memory and without.
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function assemble(folder, output, ...options) {
  run(
    ...["node_modules/assemblyscript/bin/asc.js", `${folder}/assembly/index.ts`],
    ...["--outFile", `dist.new/${folder}/${output}`, "-O3", "--noAssert", "--runtime", "stub"],
    ...["--enable", "simd", "--importMemory", "--noExportMemory", "--initialMemory", "1"],
    ...options,
  );
}

// Build beside dist/ and then replace it, so that kernels running from dist/ always find their code.
const fresh = `${root}dist.new`;
const old = `${root}dist.old`;
for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", fresh);
assemble("lib/ring/wasm", "ring.wasm");
const shared = ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65535"];
assemble("lib/ring/wasm", "ring-shared.wasm", ...shared);
assemble("lib/preprocessing/wasm", "kernels.wasm");
assemble("lib/preprocessing/lattice/wasm", "lattice.wasm");
if (existsSync(`${root}dist`)) renameSync(`${root}dist`, old);
renameSync(fresh, `${root}dist`);
rmSync(old, { recursive: true, force: true });
