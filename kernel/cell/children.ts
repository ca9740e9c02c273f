/**
 * Show in the cell what child processes print with `stdio: "inherit"`. They would inherit the kernel's own descriptors,
 * which end in the terminal of the Jupyter server.
 */

import childProcess, {
  type ChildProcess,
  type SpawnOptions,
  type SpawnSyncOptions,
  type SpawnSyncReturns,
  type StdioOptions,
} from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

const OUTPUTS = [
  [1, "stdout"],
  [2, "stderr"],
] as const;

/** Redirect the output of children that are started from now on. */
export function captureChildren(): void {
  const { spawn, spawnSync, execSync, execFileSync } = childProcess;

  const start = (file: string, args: readonly string[], options: SpawnOptions): ChildProcess => {
    const shown = inherited(options.stdio);
    if (shown.length === 0) return spawn(file, args, options);
    const child = spawn(file, args, { ...options, stdio: piped(options.stdio, shown) });
    for (const [at, name] of shown) {
      child[name]?.on("data", (data: Buffer) => process[name].write(data));
      // As Node does for a stream that a child inherits.
      Object.assign(child, { [name]: null });
      child.stdio[at] = null;
    }
    return child;
  };

  const startSync = (
    file: string,
    args: readonly string[],
    options: SpawnSyncOptions,
  ): SpawnSyncReturns<string | Buffer> => {
    const shown = inherited(options.stdio);
    if (shown.length === 0) return spawnSync(file, args, options);
    const result = spawnSync(file, args, { ...options, stdio: piped(options.stdio, shown) });
    for (const [at, name] of shown) {
      process[name].write(result[name] ?? "");
      Object.assign(result, { [name]: null });
      result.output[at] = null;
    }
    return result;
  };

  /** Fail as `execSync` does where a child failed. */
  const checked = (result: SpawnSyncReturns<string | Buffer>, command: string) => {
    if (result.error) throw Object.assign(result.error, result);
    if (result.status !== 0) throw Object.assign(new Error(`Command failed: ${command}`), result);
    return result.stdout;
  };

  Object.assign(childProcess, {
    spawn: (file: string, ...rest: unknown[]) => start(file, ...split<SpawnOptions>(rest)),
    spawnSync: (file: string, ...rest: unknown[]) => startSync(file, ...split<SpawnSyncOptions>(rest)),
    execSync: (command: string, options: SpawnSyncOptions = {}) =>
      inherited(options.stdio).length === 0
        ? execSync(command, options as Parameters<typeof execSync>[1])
        : checked(startSync(command, [], { ...options, shell: options.shell ?? true }), command),
    execFileSync: (file: string, ...rest: unknown[]) => {
      const [args, options] = split<SpawnSyncOptions>(rest);
      return inherited(options.stdio).length === 0
        ? execFileSync(file, args, options as Parameters<typeof execFileSync>[2])
        : checked(startSync(file, args, options), [file, ...args].join(" "));
    },
  });
  syncBuiltinESMExports();
}

/** Split what follows the file: arguments and options, each of which may be left out. */
function split<Options extends object>(rest: readonly unknown[]): [readonly string[], Options] {
  const args = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
  const options = (Array.isArray(rest[0]) ? rest[1] : (rest[0] ?? rest[1])) ?? {};
  return [args, options as Options];
}

/** Return the streams of the kernel that a child would inherit. */
function inherited(stdio: StdioOptions | undefined): (typeof OUTPUTS)[number][] {
  return OUTPUTS.filter(([at]) => {
    const own = Array.isArray(stdio) ? stdio[at] : stdio;
    return own === "inherit" || own === at || own === process.stdout || own === process.stderr;
  });
}

function piped(stdio: StdioOptions | undefined, shown: readonly (typeof OUTPUTS)[number][]): StdioOptions {
  const whole = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio].map((each) => each ?? "pipe");
  for (const [at] of shown) whole[at] = "pipe";
  return whole as StdioOptions;
}
