// Run the steps of a newcomer in a clean checkout: the browser for the tests, npm test, npm run demo, npm run docs, each
// within a time limit. .ci/run and the workflow call this. Arguments go to npm test. The last line is the count of tests.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const KILL_AFTER_MS = 10_000;
const count = { passed: 0, failed: 0, skipped: 0 };
let hasCount = false;

/**
 * Run an npm script. End its whole process group at the time limit.
 *
 * @param {(text: string) => void} [read] - called with its output
 * @returns {Promise<number>} its exit code, or 124 at the time limit
 */
function npm(script, seconds, { extra = [], read } = {}) {
  const child = spawn("npm", ["run", script, ...(extra.length > 0 ? ["--", ...extra] : [])], {
    cwd: root,
    env: { ...process.env, CI: "true" },
    stdio: ["ignore", read ? "pipe" : "inherit", "inherit"],
    detached: true,
  });
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    process.stdout.write(text);
    read(text);
  });
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group has ended.
    }
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.stdout.write(`\nnpm run ${script} took longer than ${seconds} s.\n`);
    kill("SIGTERM");
    setTimeout(() => kill("SIGKILL"), KILL_AFTER_MS).unref();
  }, seconds * 1000);
  const forward = (signal) => kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, forward);
      resolve(late ? 124 : (status ?? 1));
    });
  });
}

let rest = "";
const notable = [];
function readCount(text) {
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    if (/^(Failed|Passed at the second try): /.test(line)) notable.push(line);
    const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
    if (!match) continue;
    hasCount = true;
    [count.passed, count.failed, count.skipped] = match.slice(1).map(Number);
  }
}

await npm("setup:browser", 280);
// With arguments, npm test does not check format, lint and types.
const check = args.length > 0 ? (await npm("setup", 600)) || (await npm("check", 280)) : 0;
// If a Docker engine answers, the container tests run too and need more time.
const minutes = spawnSync("docker", ["info"], { stdio: "ignore" }).status === 0 ? 45 : 27.5;
const tests = await npm("test", minutes * 60, { extra: args, read: readCount });
const demo = await npm("demo", 280);
const docs = await npm("docs", 280);

// Count a failure that the tests did not count, so that the run does not look clean.
if (tests !== 0 && count.failed === 0) count.failed = 1;
if (tests === 0 && !hasCount) count.failed = 1;
for (const [status, message] of [
  [check, "Format, lint or types failed"],
  [demo, "The demo failed"],
  [docs, "The API reference has errors or warnings"],
]) {
  if (status === 0) continue;
  count.failed++;
  process.stdout.write(`${message} (exit code ${status}).\n`);
}
for (const line of notable) process.stdout.write(`${line}\n`);
process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
process.exitCode = count.failed === 0 ? 0 : 1;
