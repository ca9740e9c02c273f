// Run a command quietly. Show its output only if it fails.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { environment, root } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|Failed to establish a new connection|Temporary failure in name resolution|Network is unreachable|Read timed out|ConnectTimeout|ProxyError/;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {(pid: number) => void} [started]
 * @param {Record<string, string | undefined>} [env] - added to our environment; undefined takes a variable away
 * @returns its output
 * @throws {Problem} the command could not be started, or it failed
 */
export function run(command, args, started = () => {}, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...environment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    if (child.pid) started(child.pid);

    // When the set-up is told to stop, kill its command, and keep the lock until the command has ended. No command needs to
    // clean up, because a step without a stamp starts from the beginning. On SIGTERM, npm would finish its work first.
    let stopping;
    const stop = (signal) => {
      stopping = signal;
      child.kill("SIGKILL");
    };
    for (const signal of signals) process.on(signal, stop);
    const ended = () => {
      for (const signal of signals) process.off(signal, stop);
      if (stopping) process.exit(128 + constants.signals[stopping]);
    };

    child.on("error", (error) => {
      ended();
      reject(new Problem(`Cannot start ${command}: ${error.message}`));
    });
    child.on("close", (status) => {
      ended();
      if (status === 0) resolve(output);
      else reject(failure(command, args, output));
    });
  });
}

/** Whether a command failed because it reached no registry. */
export function isUnreachable({ output = "" }) {
  return unreachable.test(output);
}

function failure(command, args, output) {
  const line = [command.replace(root, ""), ...args].join(" ");
  const tail = output.trimEnd().split("\n").slice(-25).join("\n");
  const problem = new Problem(`This command failed: ${line}`, tail.replace(/^/gm, "  "));
  Object.assign(problem, { command, output });
  if (isUnreachable(problem)) {
    problem.remedy += `\n\nThe package registry cannot be reached. Check the network, or the proxy settings of npm and pip
(npm config set proxy …, PIP_PROXY=…), and run the same command again: finished steps are not repeated.`;
  }
  return problem;
}
