// Run a command instead of this process: it gets the terminal and all signals, and this process ends after it.
import { spawn } from "node:child_process";
import { environment, root } from "./paths.mjs";

/** @returns {Promise<number>} its exit code */
export function pass(command, args, env = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...environment(), ...env } };
  const child = spawn(command, args, options);
  // In a terminal, Ctrl-C reaches the whole process group. Do not forward it, and do not end first.
  const forward = (signal) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => resolve(status ?? 1));
  });
}
