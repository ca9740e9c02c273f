// Runs a command in our place: it has the terminal, signals go to it, and it ends before we do.
import { spawn } from "node:child_process";
import { environment, root } from "./paths.mjs";

/** @returns {Promise<number>} its exit code */
export function pass(command, args, env = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...environment(), ...env } };
  const child = spawn(command, args, options);
  // Ctrl-C in a terminal reaches the whole group by itself; we only must not go first.
  const forward = (signal) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => resolve(status ?? 1));
  });
}
