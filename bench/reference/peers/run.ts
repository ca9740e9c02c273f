import { spawn } from "node:child_process";

/** Run a command whose output goes to stderr, so that the bench's table stays alone on stdout. */
export function runInherited(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ["ignore", 2, 2] });
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`${command} ended with ${code}`))));
  });
}
