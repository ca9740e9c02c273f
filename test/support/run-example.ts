import { spawn } from "node:child_process";
import { join } from "node:path";

/** Runs an example and returns what it printed and how it ended. */
export function runExample(
  name: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  const file = join(__dirname, "../../examples", `${name}.js`);
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}
