// Allow one set-up at a time in a checkout: users may start `npm test` and `npm run demo` together.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { state } from "./paths.mjs";

const path = `${state}lock`;
const beatMs = 2_000;
const silentMs = 120_000;

/**
 * Run `body` while holding the lock. The lock file contains the numbers of the working processes. Take over a lock if all
 * its processes have ended, or if it has not been touched for two minutes: another program may have the number now.
 *
 * @param {(pid: number, taken: () => Promise<void>) => Promise<void>} waiting - called while process `pid` has the
 *   lock; `taken` waits for the lock
 * @param {(hold: (pid: number) => void) => Promise<void>} body - `hold` adds the process of a started command: if the
 *   set-up is killed, the lock lasts until that command has ended too
 */
export async function locked(waiting, body) {
  mkdirSync(state, { recursive: true });
  if (!take()) {
    await waiting(holders()[0] ?? 0, async () => {
      while (!take()) await pause(200);
    });
  }
  const beat = setInterval(() => utimesSync(path, new Date(), new Date()), beatMs);
  const release = () => rmSync(path, { force: true });
  process.on("exit", release);
  try {
    await body((pid) => writeFileSync(path, `${process.pid} ${pid}`));
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}

function take() {
  try {
    writeFileSync(path, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (isStale()) removeStale();
  return false;
}

function holders() {
  return read(path).split(" ").filter(Boolean).map(Number);
}

function isStale() {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    const pids = holders();
    // A new lock is empty until its first write.
    return age > silentMs || (pids.length === 0 ? age > beatMs : !pids.some(isAlive));
  } catch {
    return false;
  }
}

// Two waiters may find the same lock stale. Renaming it is atomic, so only one of them gets it. If the other one got a
// newer, live lock instead, it puts that lock back.
function removeStale() {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const pids = read(aside).split(" ").filter(Boolean).map(Number);
  if (pids.some(isAlive) && Date.now() - statSync(aside).mtimeMs < silentMs) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
