/** The messages of a kernel that exits, to its clients and to the other party; and uncaught errors. */

import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port";
import { KernelClient, withoutColours } from "./client";

const kernels: KernelClient[] = [];
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.stop();
});

async function start(): Promise<KernelClient> {
  const kernel = await KernelClient.start();
  kernels.push(kernel);
  return kernel;
}

/** Waits until a kernel said goodbye to all its clients. */
const goodbye = (kernel: KernelClient) =>
  kernel.waitFor(({ channel, header }) => channel === "iopub" && header.msg_type === "shutdown_reply");

describe("process.exit()", () => {
  test("answers the cell and says goodbye before the process ends with its code", async () => {
    const kernel = await start();
    const { reply, text, traceback } = await kernel.run(
      'console.log("last words"); process.exit(3); console.log("never")',
    );
    expect(text()).toBe("last words\n");
    expect(reply).toMatchObject({ status: "error", ename: "KernelExit" });
    expect(traceback).toContain("process.exit(3)");
    expect((await goodbye(kernel)).content).toEqual({ status: "ok", restart: false });
    await kernel.exited();
    expect(kernel.process.exitCode).toBe(3);
  });

  test("does the same in a callback between cells", async () => {
    const kernel = await start();
    const id = kernel.begin('setTimeout(() => { console.log("bye"); process.exit() }, 50); 0');
    expect((await kernel.finished(id)).reply.status).toBe("ok");
    await kernel.printed(id, "bye");
    await goodbye(kernel);
    await kernel.exited();
    expect(kernel.process.exitCode).toBe(0);
  });

  test("ends a cell that waits, and one that catches everything", async () => {
    const waiting = await start();
    const id = waiting.begin("setTimeout(() => process.exit(4), 50); await new Promise(() => {})");
    expect((await waiting.finished(id)).reply.ename).toBe("KernelExit");
    await waiting.exited();
    expect(waiting.process.exitCode).toBe(4);

    const stubborn = await start();
    stubborn.begin("for (;;) try { process.exit(5) } catch { await new Promise(() => {}) }");
    await goodbye(stubborn);
    await stubborn.exited();
    expect(stubborn.process.exitCode).toBe(5);
  });
});

test.each([true, false])("a shutdown is said to all clients (restart: %s)", async (restart) => {
  const kernel = await start();
  const id = kernel.send("control", "shutdown_request", { restart });
  const said = await goodbye(kernel);
  expect(said.parent.msg_id).toBe(id);
  expect(said.content).toEqual({ status: "ok", restart });
  await kernel.exited();
});

describe("the other party gets a clear error if a party leaves in the middle of a computation", () => {
  /** Two kernels with a session; party 0 waits for party 1 in the middle of a product. */
  async function inTheMiddle(): Promise<{ one: KernelClient; id: string; zero: KernelClient }> {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const [zero, one] = await Promise.all([start(), start()]);
    const code = (party: number) =>
      `const iface = new DistributedInterface(${party}, { ${party === 0 ? "bind" : "peer"}: "${address}", security: "semi-honest", preprocessing: "insecureFirstPartyDealer" }); await iface.settled(); const x = new SharedVariable(new Variable(spdz.share(spdz.encode([[1, 2]]))[0]), iface); 0`;
    const begun = await Promise.all([zero.run(code(0)), one.run(code(1))]);
    expect(begun.map(({ traceback }) => traceback)).toEqual(["", ""]);
    const id = zero.begin('console.log("begun"); x.mul(x)');
    await zero.printed(id, "begun");
    return { zero, one, id };
  }

  const closed = "the other party closed its interface";

  test("by a restart", async () => {
    const { zero, one, id } = await inTheMiddle();
    // Party 1 has something under way too, of which nothing will come.
    const other = one.begin('console.log("on"); await new Promise(() => {})');
    await one.printed(other, "on");
    await one.request("shutdown_request", { restart: true }, "control");
    const { reply, traceback } = await zero.finished(id);
    expect(reply.ename).toBe("TransportError");
    expect(traceback).toContain(closed);
    await one.exited();
  });

  test("by process.exit()", async () => {
    const { zero, one, id } = await inTheMiddle();
    await one.run("process.exit()");
    const { reply, traceback } = await zero.finished(id);
    expect(reply.ename).toBe("TransportError");
    expect(traceback).toContain(closed);
  });
});

describe("an uncaught error", () => {
  const open = "(globalThis as any).gate";
  test.each([
    ["in a timer", `const t = setInterval(() => { if (${open}) { clearInterval(t); later() } }, 5)`],
    [
      "after an await",
      `(async () => { while (!${open}) await new Promise((r) => setTimeout(r, 5)); later() })()`,
    ],
    [
      "in an event",
      `const e = new (require("events"))().on("go", later); const look = () => { if (${open}) e.emit("go"); else setTimeout(look, 5) }; look()`,
    ],
  ])("%s is shown in its own cell, its stack folded to the cell's lines", async (_where, code) => {
    const kernel = await start();
    const id = kernel.begin(`function later() {\n  throw new RangeError("too late");\n}\n${code}; 0`);
    const { reply } = await kernel.finished(id);
    expect(reply.status).toBe("ok");
    // Another cell is the latest one when the error comes.
    const next = await kernel.run(`${open} = true; 0`);
    const shown = withoutColours((await kernel.printed(id, "too late")).content.text);
    expect(shown).toContain("RangeError");
    expect(shown).toMatch(/at (\w+\.)?later, In \[(\d+)\], line 2, column/);
    expect(shown).toContain(`In [${reply.execution_count}], line 4`);
    expect(shown).not.toMatch(/node:|dist\/kernel/);
    expect(next.text("stderr")).toBe("");
    expect((await kernel.run("2")).result).toBe("2");
  });

  test("of the library comes with its advice and a traceback to unfold", async () => {
    const kernel = await start();
    const id = kernel.begin('setTimeout(() => { throw new DesyncError("parted") }, 20); 0');
    await kernel.finished(id);
    const shown = await kernel.printed(id, "parted");
    expect(shown.content.text).toContain("What to do:");
    const folded = await kernel.waitFor(
      ({ header, parent }) => header.msg_type === "display_data" && parent.msg_id === id,
    );
    expect(folded.content.data["text/html"]).toMatch(/^<details>/);
  });

  test("may be a value that cannot be shown", async () => {
    const kernel = await start();
    const id = kernel.begin(
      "setTimeout(() => { throw new Proxy({}, { get() { throw new Error() }, ownKeys() { throw new Error() } }) }, 1); 0",
    );
    await kernel.printed(id, "Uncaught");
    expect((await kernel.run("1")).result).toBe("1");
  });
});
