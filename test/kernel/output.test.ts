/** Whose output is whose, what is displayed, and what the library shows through the kernel. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient, type Message } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  // Cells reach the library's inner modules as the library itself does.
  const setUp = await kernel.run(
    'const inner = (name: string) => require(require("path").join(require.resolve("spdz"), "../session", name)); const { host } = inner("host/host.js"); const { register, unregister } = inner("registry.js"); const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));',
  );
  expect(setUp.reply.status).toBe("ok");
});
afterAll(() => kernel?.stop());

describe("late output", () => {
  test("goes to the cell that started it, printed, displayed or failed", async () => {
    const id = kernel.begin(
      'let go: () => void; const gate = new Promise<void>((r) => { go = r }); (async () => { await gate; console.log("late print"); display("late display"); await null; throw new Error("late failure") })(); setTimeout(() => {}, 0); 0',
    );
    expect((await kernel.finished(id)).reply.status).toBe("ok");
    const opener = await kernel.run('console.log("own"); go()');
    const late = [
      await kernel.printed(id, "late print"),
      await kernel.waitFor(
        ({ header, parent }) => header.msg_type === "display_data" && parent.msg_id === id,
      ),
      await kernel.printed(id, "late failure"),
    ];
    expect(late[1]!.content.data["text/plain"]).toBe("'late display'");
    expect(late[2]!.content.name).toBe("stderr");
    expect(opener.text()).toBe("own\n");
  });

  test("of several cells at once does not mix", async () => {
    const ids = [1, 2, 3].map((n) =>
      kernel.begin(`for (let i = 0; i < 20; i++) setTimeout(() => console.log("from ${n}"), i); 0`),
    );
    for (const [index, id] of ids.entries()) {
      await kernel.finished(id);
      const printed = () =>
        kernel.inbox
          .filter(({ header, parent }) => header.msg_type === "stream" && parent.msg_id === id)
          .map(({ content }) => content.text)
          .join("");
      await kernel.waitFor(() => printed().length === 20 * "from 1\n".length);
      expect(printed()).toBe(`from ${index + 1}\n`.repeat(20));
    }
  });

  test("an exception in a timer is shown and does not end the kernel", async () => {
    const id = kernel.begin('setTimeout(() => { throw new Error("in a timer") }, 1); 0');
    await kernel.printed(id, "in a timer");
    expect((await kernel.run("1")).result).toBe("1");
  });
});

describe("display", () => {
  test("shows values in order with what is printed", async () => {
    const { messages } = await kernel.run('console.log("before"); display({ a: 1 }); console.log("after")');
    expect(messages.map(({ header }) => header.msg_type).slice(2, -1)).toEqual([
      "stream",
      "display_data",
      "stream",
    ]);
  });

  test("of tslab works, and updates in place", async () => {
    const { all } = await kernel.run(
      'import * as tslab from "tslab"; tslab.display.html("<b>1</b>"); tslab.display.png(new Uint8Array([1, 2])); const d = tslab.newDisplay(); d.text("one"); d.text("two")',
    );
    const [html, png, text] = all("display_data");
    expect(html!.data).toEqual({ "text/html": "<b>1</b>" });
    expect(png!.data).toEqual({ "image/png": "AQI=" });
    expect(all("update_display_data")).toEqual([{ ...text, data: { "text/plain": "two" } }]);
  });

  test("is cleared on request", async () => {
    expect((await kernel.run("clearOutput(); clearOutput(true)")).all("clear_output")).toEqual([
      { wait: false },
      { wait: true },
    ]);
  });
});

describe("the library's host", () => {
  test("knows the cell, also after an await and in a later turn", async () => {
    const { result, reply } = await kernel.run("const a = host().cell(); await sleep(1); [a, host().cell()]");
    expect(result).toBe(`[ 'In [${reply.execution_count}]', 'In [${reply.execution_count}]' ]`);
  });

  test("shows a warning once in a cell", async () => {
    const warn = 'host().notify({ id: "w", kind: "warning", text: "one <party> deals" });';
    const first = await kernel.run(warn + warn);
    expect(first.all("display_data")).toHaveLength(1);
    const { data } = first.all("display_data")[0]!;
    expect(data["text/plain"]).toBe("Warning: one <party> deals");
    expect(data["text/html"]).toContain("one &#60;party&#62; deals");
  });

  test("shows what is waited for, at most ten times a second, and takes it away", async () => {
    const { all, reply } = await kernel.run(
      'for (let i = 0; i < 50; i++) { host().notify({ id: "x", kind: "waiting", text: "step " + i }); await sleep(8) } host().notify({ id: "x", kind: "done", text: "" })',
    );
    expect(reply.status).toBe("ok");
    const [shown, ...more] = all("display_data");
    expect(more).toEqual([]);
    const updates = all("update_display_data");
    expect(updates.every(({ transient }) => transient.display_id === shown!.transient.display_id)).toBe(true);
    expect(shown!.data["text/plain"]).toBe("step 0");
    // 50 notices in at least 400 ms: some are shown, far from all.
    expect(updates.length).toBeGreaterThanOrEqual(3);
    expect(updates.length).toBeLessThan(40);
    expect(updates.at(-1)!.data).toEqual({ "text/plain": "", "text/html": "" });
  });

  test("shows it in the cell that waits, whichever began the work", async () => {
    const begun = await kernel.run(
      'let go = () => {}; void new Promise<void>((resolve) => { go = resolve; }).then(() => host().notify({ id: "y", kind: "waiting", text: "for y" }))',
    );
    expect(begun.reply.status).toBe("ok");
    const { all } = await kernel.run(
      'go(); await sleep(20); host().notify({ id: "y", kind: "done", text: "" })',
    );
    expect(all("display_data")[0]!.data["text/plain"]).toBe("for y");
    expect(all("update_display_data")).toHaveLength(1);
  });
});

describe("settling", () => {
  const item = (settled: string) =>
    `const item = { party: 0, address: "none", connected: true, settleCell: async () => { ${settled} }, release: () => {}, tellFailed: () => {}, costsOf: () => undefined, close: async () => {} }; register(item);`;

  test("is waited for before the result is shown", async () => {
    const { reply, result } = await kernel.run(
      `let value = 1; ${item("await sleep(5); value = 2")} ({ get [Symbol.for("Jupyter.display")]() { return () => ({ "text/plain": "value " + value }) } })`,
    );
    expect(reply.status).toBe("ok");
    expect(result).toBe("value 2");
    await kernel.run("unregister(item)");
  });

  test("an operation that fails is the error of the cell that began it", async () => {
    const { reply, all } = await kernel.run(
      `${item('await sleep(1); throw new CheckError("mac", "caught")')} "value"`,
    );
    expect(reply).toMatchObject({ status: "error", ename: "CheckError", evalue: "caught" });
    expect(all("execute_result")).toEqual([]);
    await kernel.run("unregister(item)", { stop_on_error: false });
  });

  test("a wait for the peer can be interrupted, and the error says how to go on", async () => {
    const id = kernel.begin(
      `${item('host().notify({ id: "peer", kind: "waiting", text: "waiting for party 1" }); await sleep(60_000)')} 0`,
    );
    await kernel.waitFor(
      ({ parent, content }: Message) =>
        parent.msg_id === id && content.data?.["text/plain"] === "waiting for party 1",
    );
    kernel.process.kill("SIGINT");
    const { reply } = await kernel.finished(id);
    expect(reply.ename).toBe("Interrupted");
    expect(reply.evalue).toContain("still under way (waiting for party 1)");
    expect(reply.evalue).toContain("Run the next cell to continue to wait for it");

    // The next cell takes the waiting line over, and ends when the wait does.
    const next = kernel.begin('"went on"');
    await kernel.waitFor(
      ({ header, parent, content }) =>
        header.msg_type === "display_data" &&
        parent.msg_id === next &&
        content.data["text/plain"] === "waiting for party 1",
    );
    const old = (await kernel.finished(id)).all("update_display_data");
    expect(old.at(-1)?.data["text/plain"]).toBe("");
    kernel.process.kill("SIGINT");
    expect((await kernel.finished(next)).reply.ename).toBe("Interrupted");
  });
});
