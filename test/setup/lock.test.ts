import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

function checkout(): string {
  const folder = scratch();
  cpSync(`${root}scripts`, `${folder}/scripts`, { recursive: true });
  return folder;
}

/** A process that takes the lock of a checkout and runs `body` while it has it. */
function holder(folder: string, body: string): ChildProcess {
  const script = `
    import { appendFileSync } from "node:fs";
    import { setImmediate } from "node:timers/promises";
    import { locked } from "${folder}/scripts/setup/lock.mjs";
    const waiting = (pid, taken) => { console.log("waits for", pid); return taken(); };
    await locked(waiting, async (hold) => { ${body} });`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("set-ups started together run one after the other", async () => {
  const folder = checkout();
  const body = `
    appendFileSync("${folder}/log", "in ");
    for (let i = 0; i < 2000; i++) await setImmediate();
    appendFileSync("${folder}/log", "out ");`;
  const exits = await Promise.all([1, 2, 3, 4].map(() => once(holder(folder, body), "exit")));
  expect(exits).toEqual(Array(4).fill([0, null]));
  expect(readFileSync(`${folder}/log`, "utf8")).toBe("in out ".repeat(4));
  expect(existsSync(`${folder}/.setup/lock`)).toBe(false);
});

test("a set-up that was killed does not lock out the next", async () => {
  const folder = checkout();
  const killed = holder(folder, `console.log("has it"); await new Promise(() => {});`);
  await once(killed.stdout!, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(existsSync(`${folder}/.setup/lock`)).toBe(true);
  expect(await once(holder(folder, ""), "exit")).toEqual([0, null]);
});

test("a set-up waits for a command that outlives its killed set-up", async () => {
  const folder = checkout();
  const command = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const killed = holder(folder, `hold(${command.pid}); console.log("has it"); await new Promise(() => {});`);
  await once(killed.stdout!, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const next = holder(folder, "");
  const [said] = await once(next.stdout!, "data");
  expect(`${said}`).toContain("waits for");
  command.stdin!.end();
  expect(await once(next, "exit")).toEqual([0, null]);
});

test("a set-up that is stopped leaves no lock", async () => {
  const folder = checkout();
  const script = `${folder}/stop.mjs`;
  writeFileSync(
    script,
    `import { locked } from "./scripts/setup/lock.mjs";
     await locked(() => {}, async () => process.exit(130));`,
  );
  expect(await once(spawn(process.execPath, [script]), "exit")).toEqual([130, null]);
  expect(existsSync(`${folder}/.setup/lock`)).toBe(false);
});
