import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../../kernel/package";

/**
 * Start `spdzlab dealer` and return its address.
 *
 * @param env - of its process, besides the settings file, which it does not read
 */
export async function startDealer(
  env: NodeJS.ProcessEnv = { ...process.env, SPDZLAB_THREADS: "1" },
): Promise<{ address: string; child: ChildProcess }> {
  const cli = join(packageRoot, "dist/cli/main.js");
  const child = spawn(process.execPath, [cli, "dealer", "--bind", "tcp://127.0.0.1:*"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...env, SPDZ_CONFIG: "/nonexistent" },
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /listens at (\S+)/.exec(line)?.[1];
    if (address) return { address, child };
  }
  throw new Error("the dealer did not start");
}
