import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { Supervisor } from "./dealer-supervisor";

const folders: string[] = [];
let supervisor: Supervisor | undefined;
afterEach(async () => {
  await supervisor?.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Supervises a script; gives what is printed, and how often all connections were lost. */
function supervise(script: string, mostBytes?: number) {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-supervisor-"));
  folders.push(folder);
  writeFileSync(join(folder, "desk.js"), script);
  const seen = { lines: [] as string[], lost: 0 };
  supervisor = new Supervisor({
    folder: undefined,
    peerKeys: [],
    print: (text) => seen.lines.push(text),
    onHeard: () => undefined,
    onLost: () => seen.lost++,
    script: join(folder, "desk.js"),
    ...(mostBytes !== undefined && { mostBytes }),
  });
  supervisor.start();
  return seen;
}

const behave = `
  process.on("message", (m) => {
    if (m.type === "start") process.send({ type: "ready" });
    if (m.type === "open") process.send({ type: "opened", id: m.id, endpoint: "ipc://" + process.pid });
    if (m.type === "close") process.exit();
  });
  process.on("disconnect", () => process.exit());
`;

test("a process that takes too much memory is stopped and restarted", async () => {
  const seen = supervise(
    `${behave} setInterval(() => process.send({ type: "alive", bytes: 5e9 }), 50);`,
    2 ** 30,
  );
  while (seen.lost < 2) await sleep(20);
  expect(seen.lines[0]).toMatch(/has 4768 MiB and is ended/);
  expect(seen.lines[1]).toContain("ended (SIGKILL) and is started again");
});

test("a process that aborts is restarted, and new connections go to the next process", async () => {
  const seen = supervise(behave);
  const first = await supervisor!.open(1);
  process.kill(Number(first.slice("ipc://".length)), "SIGABRT");
  while (seen.lost < 1) await sleep(20);
  let second: string | undefined;
  while (!second) second = await supervisor!.open(2).catch(() => sleep(20).then(() => undefined));
  expect(second).not.toBe(first);
  expect(seen.lines).toEqual(["the process with the sockets ended (SIGABRT) and is started again"]);
});

test("a process that ends at once is restarted less and less often", async () => {
  const seen = supervise("process.exit(3)");
  await sleep(2000);
  expect(seen.lost).toBeGreaterThanOrEqual(2);
  expect(seen.lost).toBeLessThan(6);
  expect(seen.lines[0]).toContain("exit code 3");
});

test("a connection is refused at once while no process runs, and accepted later", async () => {
  const seen = supervise(behave);
  for (let times = 1; times <= 3; times++) {
    let endpoint: string | undefined;
    while (!endpoint) endpoint = await supervisor!.open(times).catch(() => sleep(20).then(() => undefined));
    process.kill(Number(endpoint.slice("ipc://".length)), "SIGKILL");
    while (seen.lost < times) await sleep(5);
  }
  // It is started again after half a second.
  const answer = supervisor!.open(9).then(
    () => "opened",
    () => "refused",
  );
  expect(await Promise.race([answer, sleep(200).then(() => "nothing")])).toBe("refused");
});

test("a process that cannot be started now is started later", async () => {
  const { execPath } = process;
  process.execPath = "/nowhere/node";
  let seen: ReturnType<typeof supervise>;
  try {
    seen = supervise(behave);
    while (seen.lost < 1) await sleep(20);
  } finally {
    process.execPath = execPath;
  }
  let endpoint: string | undefined;
  while (!endpoint) endpoint = await supervisor!.open(1).catch(() => sleep(20).then(() => undefined));
  expect(seen.lines[0]).toContain("ENOENT");
});
