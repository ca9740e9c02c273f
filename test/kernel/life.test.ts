/** Interrupts, and the end of a kernel. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { KernelClient } from "./client";

const kernels: KernelClient[] = [];
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.stop();
});

async function start(options?: Parameters<typeof KernelClient.start>[0]): Promise<KernelClient> {
  const kernel = await KernelClient.start(options);
  kernels.push(kernel);
  return kernel;
}

const forever = "await new Promise(() => { setInterval(() => {}, 1000) })";

describe("an interrupt", () => {
  test("ends a pending await, by signal and by message; the kernel lives on", async () => {
    const kernel = await start();
    for (const way of ["signal", "message"] as const) {
      const id = kernel.begin(`console.log("${way}"); ${forever}`);
      await kernel.printed(id, way);
      if (way === "signal") kernel.process.kill("SIGINT");
      else expect(await kernel.request("interrupt_request", {}, "control")).toEqual({ status: "ok" });
      const { reply, all } = await kernel.finished(id);
      expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
      expect(all("error")).toHaveLength(1);
    }
    expect((await kernel.run("6 * 7")).result).toBe("42");
  });

  test("ends a loop that never awaits", async () => {
    const kernel = await start();
    const id = kernel.begin(
      'require("fs").writeSync(1, ""); console.log("spinning".repeat(9000)); for (;;);',
    );
    // The text is long enough to be sent at once, but leaves only when the event loop turns: the input echo shows
    // that the cell was taken up, and the signal waits until the loop runs.
    await kernel.waitFor(({ header, parent }) => header.msg_type === "execute_input" && parent.msg_id === id);
    const signals = setInterval(() => kernel.process.kill("SIGINT"), 200);
    try {
      const { reply, text } = await kernel.finished(id);
      expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
      expect(text()).toContain("spinning");
    } finally {
      clearInterval(signals);
    }
    expect((await kernel.run("1")).result).toBe("1");
  });

  test("ends the wait for a promise that is the cell's value", async () => {
    const kernel = await start();
    const id = kernel.begin('console.log("here"); new Promise(() => {})');
    await kernel.printed(id, "here");
    kernel.process.kill("SIGINT");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
  });

  test("ends a loop after an await, also in a callback, a display and a loop that catches everything", async () => {
    const kernel = await start();
    expect(
      (await kernel.run("const kept = 6; let ticks = 0; setInterval(() => ticks++, 10); 0")).result,
    ).toBe("0");
    for (const code of [
      "await null; while (true) { try { Math.random() } catch {} }",
      '({ [Symbol.for("Jupyter.display")]() { for (;;); } })',
      "await new Promise(() => setTimeout(() => { for (;;); }, 5))",
      "await new Promise((go) => setImmediate(go)); for (;;);",
    ]) {
      const id = kernel.begin(code);
      await kernel.waitFor(
        ({ header, parent }) => header.msg_type === "execute_input" && parent.msg_id === id,
      );
      await new Promise((go) => setTimeout(go, 100));
      expect(await kernel.heartbeat("ping")).toBe("ping");
      expect(await kernel.request("interrupt_request", {}, "control")).toEqual({ status: "ok" });
      const { reply, all } = await kernel.finished(id);
      expect(reply, code).toMatchObject({ status: "error", ename: "Interrupted" });
      expect(all("error")).toHaveLength(1);
      expect((await kernel.run("kept * 7")).result).toBe("42");
    }
    const { result } = await kernel.run(
      "const before = ticks; await new Promise((go) => setTimeout(go, 60)); ticks > before",
    );
    expect(result).toBe("true");
  });

  test("between cells does nothing", async () => {
    const kernel = await start();
    await kernel.run("1");
    kernel.process.kill("SIGINT");
    await kernel.request("interrupt_request", {}, "control");
    expect((await kernel.run("2")).result).toBe("2");
  });
});

describe("a kernel ends", () => {
  test.each([false, true])("on shutdown (restart: %s), whatever its cells left running", async (restart) => {
    const kernel = await start();
    await kernel.run('setInterval(() => {}, 10); require("net").createServer().listen(0)');
    expect(await kernel.request("shutdown_request", { restart }, "control")).toEqual({
      status: "ok",
      restart,
    });
    await kernel.exited();
    expect(kernel.process.exitCode).toBe(0);
  });

  test("on shutdown while a cell waits", async () => {
    const kernel = await start();
    const id = kernel.begin(`console.log("on"); ${forever}`);
    await kernel.printed(id, "on");
    await kernel.request("shutdown_request", { restart: false }, "control");
    await kernel.exited();
    expect(kernel.process.exitCode).toBe(0);
  });

  test("on SIGTERM", async () => {
    const kernel = await start();
    kernel.process.kill("SIGTERM");
    await kernel.exited();
    expect(kernel.process.exitCode).toBe(0);
  });

  test("closing what the library has open", async () => {
    const kernel = await start();
    const { reply } = await kernel.run(
      'const { register } = require(require("path").join(require.resolve("spdz"), "../session/registry.js")); register({ party: 0, address: "none", connected: true, settleCell: async () => {}, release: () => {}, tellFailed: () => {}, costsOf: () => undefined, close: async () => { require("fs").writeFileSync("closed", "") } }); 0',
    );
    expect(reply.status).toBe("ok");
    await kernel.request("shutdown_request", { restart: false }, "control");
    await kernel.exited();
    const { existsSync } = await import("node:fs");
    expect(existsSync(`${kernel.folder}/closed`)).toBe(true);
  });

  test("within 10 s when the process that started it is gone", async () => {
    // A shell starts the kernel in the background and stays, as Jupyter would; then it is killed.
    const kernel = await start({
      command: ([node, ...rest]) => [
        node!,
        "-e",
        `const k = require("child_process").spawn(process.execPath, ${JSON.stringify(rest)}, { stdio: "inherit", detached: true }); console.error; setInterval(() => {}, 1000)`,
      ],
    });
    const { result } = await kernel.run("process.pid");
    const pid = Number(result);
    expect(pid).not.toBe(kernel.process.pid);
    const parent: ChildProcess = kernel.process;
    parent.kill("SIGKILL");
    await kernel.exited();
    const killed = Date.now();
    await gone(pid);
    expect(Date.now() - killed).toBeLessThan(10_000);
  });
});

/** Waits until there is no process `pid`; kills it after a while, so that none is left behind. */
async function gone(pid: number): Promise<void> {
  const watcher = spawn(process.execPath, [
    "-e",
    `const end = Date.now() + 20_000; const t = setInterval(() => { try { process.kill(${pid}, 0) } catch { process.exit(0) } if (Date.now() > end) { process.kill(${pid}, "SIGKILL"); process.exit(1) } }, 50)`,
  ]);
  const [code] = await once(watcher, "exit");
  expect(code).toBe(0);
}
