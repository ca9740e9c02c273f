/** The messaging protocol, beyond what Jupyter's own tests look at. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NODE_FLAGS } from "../../kernel/node-flags";
import { cli } from "./built";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel?.stop());

test("100,000 printed lines arrive whole, in few messages, before the idle status", async () => {
  const { reply, text, all, messages } = await kernel.run(
    'for (let i = 0; i < 100_000; i++) console.log("line " + i)',
  );
  expect(reply.status).toBe("ok");
  const lines = text().split("\n");
  expect(lines).toHaveLength(100_001);
  expect(lines.every((line, i) => line === (i === 100_000 ? "" : `line ${i}`))).toBe(true);
  expect(all("stream").length).toBeLessThan(200);
  expect(messages.at(-1)!.content).toEqual({ execution_state: "idle" });
});

test("stdout and stderr keep their order, and bytes that are half a character wait for the rest", async () => {
  const { all } = await kernel.run(
    'process.stdout.write("a"); process.stderr.write("b"); process.stdout.write("c"); const bytes = Buffer.from("é"); process.stdout.write(bytes.subarray(0, 1)); process.stdout.write(bytes.subarray(1));',
  );
  expect(all("stream").map(({ name, text }) => [name, text])).toEqual([
    ["stdout", "a"],
    ["stderr", "b"],
    ["stdout", "cé"],
  ]);
});

test("every request is framed by busy and idle, and headers are complete", async () => {
  const { messages } = await kernel.run("1");
  expect(messages[0]!.content).toEqual({ execution_state: "busy" });
  expect(messages.map(({ header }) => header.msg_type)).toEqual([
    "status",
    "execute_input",
    "execute_result",
    "status",
  ]);
  for (const { header } of messages) {
    expect(header).toMatchObject({
      version: "5.4",
      username: expect.any(String),
      session: expect.any(String),
    });
    expect(Number.isNaN(Date.parse(header.date))).toBe(false);
  }
  expect(new Set(messages.map(({ header }) => header.msg_id)).size).toBe(messages.length);
});

test("kernel_info has every field, with a plain codemirror mode", async () => {
  for (const channel of ["shell", "control"] as const) {
    expect(await kernel.request("kernel_info_request", {}, channel)).toEqual({
      status: "ok",
      protocol_version: "5.4",
      implementation: "spdzlab",
      implementation_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      banner: expect.stringContaining("spdzlab"),
      debugger: false,
      help_links: expect.any(Array),
      supported_features: [],
      language_info: {
        name: "typescript",
        version: "5.0.4",
        mimetype: "application/typescript",
        file_extension: ".ts",
        pygments_lexer: "typescript",
        codemirror_mode: "typescript",
        nbconvert_exporter: "script",
      },
    });
  }
});

test("the heartbeat echoes", async () => {
  expect(await kernel.heartbeat("ping")).toBe("ping");
});

test("is_complete reports whether a cell is complete, and the next indent", async () => {
  const ask = (code: string) => kernel.request("is_complete_request", { code });
  expect(await ask("1 + 1")).toEqual({ status: "complete" });
  expect(await ask("function f() {")).toEqual({
    status: "incomplete",
    indent: expect.stringMatching(/^ +$/),
  });
  expect(await ask("let = = 3")).toEqual({ status: "invalid" });
});

describe("signatures", () => {
  test("a message with a wrong one is dropped", async () => {
    const forged = kernel.send(
      "shell",
      "execute_request",
      { code: "globalThis.forged = 1" },
      { key: "wrong" },
    );
    // The shell is answered in order, so the next reply shows that the forged message was passed over.
    const { result } = await kernel.run("typeof (globalThis as any).forged");
    expect(result).toBe("'undefined'");
    expect(kernel.inbox.filter(({ parent }) => parent.msg_id === forged)).toEqual([]);
  });

  test("a message that was recorded and is sent again runs once, on whichever channel it comes", async () => {
    const id = kernel.begin("globalThis.times = ((globalThis as any).times ?? 0) + 1");
    await kernel.finished(id);
    for (const channel of ["shell", "control", "stdin"] as const) kernel.sendAgain(id, channel);
    kernel.sendAgain(id, "shell", ["another buffer"]);
    const info = kernel.send("control", "kernel_info_request", {});
    kernel.sendAgain(info, "control");
    kernel.sendAgain(info, "shell");
    await kernel.request("kernel_info_request", {}, "control");
    expect((await kernel.run("(globalThis as any).times")).result).toBe("1");
    const replies = (request: string) =>
      kernel.inbox.filter(
        ({ header, parent }) => parent.msg_id === request && /_reply$/.test(header.msg_type),
      );
    expect(replies(id)).toHaveLength(1);
    expect(replies(info)).toHaveLength(1);
  });

  test("a recorded message does not run in a kernel restarted with the same key", async () => {
    const first = await KernelClient.start();
    const again = join(first.folder, "connection.json");
    let second: ChildProcess | undefined;
    try {
      const id = first.begin("globalThis.times = ((globalThis as any).times ?? 0) + 1");
      await first.finished(id);
      first.process.kill("SIGKILL");
      await first.exited();
      second = spawn(process.execPath, [...NODE_FLAGS, cli, "kernel", "--connection-file", again]);
      // A message sent before the connection is restored may be lost with the old one.
      for (let answered = false; !answered; ) {
        const asked = first.send("shell", "kernel_info_request", {});
        const answer = first.waitFor(
          ({ parent, channel }) => channel === "shell" && parent.msg_id === asked,
          500,
        );
        answered = await answer.then(
          () => true,
          () => false,
        );
      }
      first.sendAgain(id, "shell");
      first.sendAgain(id, "control");
      const asked = await first.request("execute_request", {
        ...{ code: "", silent: true, store_history: false, allow_stdin: false, stop_on_error: true },
        user_expressions: { times: "(globalThis as any).times" },
      });
      expect(asked.user_expressions.times.data["text/plain"]).toBe("undefined");
      // Shut down for good, it leaves nothing behind.
      const beside = () => readdirSync(first.folder).filter((name) => name.startsWith("spdzlab-"));
      expect(beside()).toHaveLength(1);
      const ended = once(second, "exit");
      first.send("control", "shutdown_request", { restart: false });
      await ended;
      expect(beside()).toEqual([]);
    } finally {
      second?.kill("SIGKILL");
      await first.stop();
    }
  });

  test("refused messages are reported in one line on stderr, without their content", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spdzlab-refused-"));
    const stderr = join(folder, "stderr");
    const client = await KernelClient.start({
      command: (argv) => ["sh", "-c", 'exec "$@" 2>"$0"', stderr, ...argv],
    });
    try {
      const forged = client.send(
        "shell",
        "execute_request",
        { code: 'globalThis.forged = "a secret word"' },
        { key: "another key" },
      );
      // The shell is answered in order, so the kernel has seen the forged message before it runs this cell.
      const id = client.begin("globalThis.times = ((globalThis as any).times ?? 0) + 1");
      await client.finished(id);
      client.sendAgain(id, "shell");
      const { result } = await client.run("const { forged, times } = globalThis as any; [forged, times]");
      expect(result).toBe("[ undefined, 1 ]");
      const about = (type: RegExp, request: string) =>
        client.inbox.filter(({ header, parent }) => type.test(header.msg_type) && parent.msg_id === request);
      expect(about(/./, forged)).toEqual([]);
      expect(about(/_reply$/, id)).toHaveLength(1);
      expect(client.inbox.filter(({ header }) => header.msg_type === "stream")).toEqual([]);
      expect(readFileSync(stderr, "utf8")).toBe(
        "spdzlab kernel: refused a message on the shell channel: its signature does not fit the key of the connection file.\n",
      );
    } finally {
      await client.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("without a key, messages travel unsigned", async () => {
    const open = await KernelClient.start({ key: "" });
    try {
      expect((await open.run("6 * 7")).result).toBe("42");
    } finally {
      await open.stop();
    }
  });

  test("are what the specification says", () => {
    // RFC 4231, test case 2: the client of these tests signs by the same primitive.
    expect(createHmac("sha256", "Jefe").update("what do ya want ").update("for nothing?").digest("hex")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });
});

describe("after an error", () => {
  test("the cells that were queued behind it are aborted, later ones run", async () => {
    const failing = kernel.begin('await null; throw new Error("stop")');
    const queued = [kernel.begin("1"), kernel.begin("2")];
    expect((await kernel.finished(failing)).reply.status).toBe("error");
    for (const id of queued) {
      const { reply, all } = await kernel.finished(id);
      expect(reply).toEqual({ status: "aborted" });
      expect(all("execute_input")).toEqual([]);
    }
    expect((await kernel.run("3")).result).toBe("3");
  });

  test("a request other than a cell is still answered", async () => {
    const failing = kernel.begin("throw 1");
    const info = kernel.request("history_request", { hist_access_type: "tail", n: 1 });
    await kernel.finished(failing);
    expect((await info).status).toBe("ok");
  });

  test("nothing is aborted when the cell says stop_on_error: false", async () => {
    const failing = kernel.begin("await null; throw 1", { stop_on_error: false });
    const next = kernel.begin("4");
    expect((await kernel.finished(failing)).reply.status).toBe("error");
    expect((await kernel.finished(next)).result).toBe("4");
  });
});

describe("an execution", () => {
  test("that is silent leaves no trace", async () => {
    const before = (await kernel.run("0")).reply.execution_count;
    const quiet = await kernel.run('console.log("x"); const hush = 5; hush', { silent: true });
    expect(quiet.reply.status).toBe("ok");
    expect(quiet.messages.map(({ header }) => header.msg_type)).toEqual(["status", "status"]);
    const after = await kernel.run("hush");
    expect(after.reply.execution_count).toBe(before + 1);
    expect(after.result).toBe("5");
  });

  test("that is not stored takes no number", async () => {
    const before = (await kernel.run("0")).reply.execution_count;
    expect((await kernel.run("'unstored'", { store_history: false })).result).toBe("'unstored'");
    const { history } = await kernel.request("history_request", { hist_access_type: "tail", n: 1 });
    expect(history).toEqual([[1, before, "0"]]);
  });

  test("evaluates user expressions, each to a value or an error of its own", async () => {
    const { reply } = await kernel.run("const seven = 7", {
      user_expressions: { good: "seven * 6", bad: "missing", late: "Promise.resolve(1)" },
    });
    expect(reply.status).toBe("ok");
    expect(reply.user_expressions.good).toEqual({ status: "ok", data: { "text/plain": "42" }, metadata: {} });
    expect(reply.user_expressions.bad).toMatchObject({ status: "error", ename: "TypeScriptError" });
    expect(reply.user_expressions.late.data["text/plain"]).toBe("1");
  });

  test.each([false, true])("can ask the person (password: %s)", async (password) => {
    const id = kernel.begin(`const who = await prompt("Name?", { password: ${password} }); who.length`, {
      allow_stdin: true,
    });
    const question = await kernel.waitFor(
      ({ header, parent }) => header.msg_type === "input_request" && parent.msg_id === id,
    );
    expect(question.channel).toBe("stdin");
    expect(question.content).toEqual({ prompt: "Name?", password });
    kernel.send("stdin", "input_reply", { value: "Zoë" }, { parent: question.header });
    const { result, messages } = await kernel.finished(id);
    expect(result).toBe("3");
    expect(JSON.stringify(messages)).not.toContain("Zoë");
  });

  test("that cannot ask the person gets an error", async () => {
    expect((await kernel.run('await prompt("?")')).reply.evalue).toContain("cannot answer");
  });
});

describe("history", () => {
  test("gives the tail, a range, and what matches a pattern", async () => {
    await kernel.run("'needle' + 1");
    const { reply } = await kernel.run("'needle' + 2");
    await kernel.run("'needle' + 2");
    const count = reply.execution_count;
    const ask = async (content: object) => (await kernel.request("history_request", content)).history;
    expect(await ask({ hist_access_type: "tail", n: 2 })).toEqual([
      [1, count, "'needle' + 2"],
      [1, count + 1, "'needle' + 2"],
    ]);
    expect(
      await ask({ hist_access_type: "range", session: 0, start: count - 1, stop: count, output: true }),
    ).toEqual([[1, count - 1, ["'needle' + 1", "'needle1'"]]]);
    expect(await ask({ hist_access_type: "range", session: 1, start: count, stop: count + 1 })).toEqual([
      [1, count, "'needle' + 2"],
    ]);
    expect(await ask({ hist_access_type: "range", session: 2, start: 0 })).toEqual([]);
    expect(await ask({ hist_access_type: "nonsense" })).toEqual([]);
    expect(await ask({ hist_access_type: "search", pattern: "'needle*", unique: true })).toHaveLength(2);
    expect(await ask({ hist_access_type: "search", pattern: "'needle' + ?", n: 1 })).toHaveLength(1);
    expect(await ask({ hist_access_type: "search", pattern: "needle" })).toEqual([]);
  });
});

describe("completion and hover", () => {
  const cursor = (code: string) => {
    const at = code.indexOf("|");
    return { code: code.replace("|", ""), cursor_pos: [...code.slice(0, at)].length };
  };

  test("count code points, as Jupyter does", async () => {
    const reply = await kernel.request("complete_request", cursor('const s = "🙂🙂"; Math.sqr|; 1'));
    expect(reply).toMatchObject({ status: "ok", cursor_start: 21, cursor_end: 24 });
    expect(reply.matches).toContain("sqrt");
    const hover = await kernel.request("inspect_request", {
      ...cursor('"🙂🙂"; Math.sqr|t(2)'),
      detail_level: 0,
    });
    expect(hover.found).toBe(true);
    expect(hover.data["text/plain"]).toContain("Math.sqrt(x: number): number");
  });

  test("know the kinds of what they offer", async () => {
    const reply = await kernel.request("complete_request", cursor("new spdz.Desync|"));
    expect(reply.matches).toEqual(["DesyncError"]);
    expect(reply.metadata._jupyter_types_experimental).toEqual([
      { text: "DesyncError", start: 9, end: 15, type: "class" },
    ]);
    for (const [code, type] of [
      ["spdz.enco|", "function"],
      ["FloatTens|", "class"],
    ]) {
      const { metadata } = await kernel.request("complete_request", cursor(code!));
      expect(metadata._jupyter_types_experimental[0]).toMatchObject({ type });
    }
  });

  test("know the names and the doc comments of earlier cells", async () => {
    await kernel.run("/** Doubles a number. */\nfunction doubled(x: number) { return 2 * x }");
    expect((await kernel.request("complete_request", cursor("doub|"))).matches).toEqual(["doubled"]);
    const hover = await kernel.request("inspect_request", { ...cursor("doubled|(3)"), detail_level: 0 });
    expect(hover.data["text/plain"]).toBe("function doubled(x: number): number\n\nDoubles a number.");
    expect(hover.data["text/markdown"]).toContain("```typescript\nfunction doubled");
  });

  test("at detail level 1 show the code of a name too, and so does ??", async () => {
    const code = "/** Trebles. */\nconst [trebled, other] = [(x: number) => 3 * x, 1];";
    await kernel.run(`const before = 1;\n${code}\nconst after = 2`);
    const hover = async (at: string, detail_level: number) =>
      (await kernel.request("inspect_request", { ...cursor(at), detail_level })).data["text/plain"];
    const brief = await hover("treb|led(3)", 0);
    expect(brief).toContain("const trebled: (x: number) => number");
    expect(brief).not.toContain("3 * x");
    expect(await hover("treb|led(3)", 1)).toBe(`${brief}\n\n${code}`);
    // A member of the same name is another thing, and the library's code is not of this notebook.
    expect(await hover("const o = { trebled: 1 }; o.treb|led", 1)).not.toContain("3 * x");
    expect(await hover("DesyncErr|or", 1)).toBe(await hover("DesyncErr|or", 0));
    const page = async (asked: string) => (await kernel.run(asked)).reply.payload[0];
    expect(await page("trebled?")).toMatchObject({ source: "page", data: { "text/plain": brief } });
    expect((await page("trebled??")).data["text/plain"]).toContain("3 * x");
    expect((await page("nowhere??")).data["text/plain"]).toBe("Nothing is known about nowhere.");
  });

  test("show the library's doc comments, and what spdz has", async () => {
    const hover = async (code: string) =>
      (await kernel.request("inspect_request", { ...cursor(code), detail_level: 0 })).data["text/plain"];
    expect(await hover("DesyncErr|or")).toContain("The two parties ran different operations");
    expect(await hover("spd|z")).toMatch(/^namespace spdz\n.*DesyncError/s);
  });

  test("give each parameter and error a line of its own", async () => {
    await kernel.run(
      "/** Adds {@link first}.\n *\n * @param first - one\n *   number\n * @param second - another\n * @returns the sum\n * @throws {RangeError} too large\n * @throws {TypeError} none\n *\n * Cost: nothing.\n */ function added(first: number, second: number): number { return first + second }",
    );
    const { data } = await kernel.request("inspect_request", { ...cursor("adde|d"), detail_level: 0 });
    const signature = "function added(first: number, second: number): number";
    expect(data["text/plain"].split("\n\n")).toEqual([
      signature,
      "Adds `first`.",
      "@param first - one number\n@param second - another\n@returns the sum\n@throws RangeError too large\n@throws TypeError none",
      "Cost: nothing.",
    ]);
    expect(data["text/markdown"].split("\n\n")).toEqual([
      `\`\`\`typescript\n${signature}\n\`\`\``,
      "Adds `first`.",
      "**Parameters**",
      "- `first`: one number\n- `second`: another",
      "**Returns** the sum",
      "**Throws**",
      "- `RangeError`: too large\n- `TypeError`: none",
      "Cost: nothing.",
    ]);
  });

  test("show no path of this machine", async () => {
    for (const code of ["LongTenso|r", "spdz.encod|e", "math.matri|x", "IntProgres|s", "iface.trac|e"]) {
      const { data } = await kernel.request("inspect_request", { ...cursor(code), detail_level: 0 });
      expect(JSON.stringify(data)).not.toMatch(/node_modules|dist\/|\(alias\)/);
    }
  });

  test("find nothing where there is nothing", async () => {
    expect(await kernel.request("inspect_request", { code: "   ", cursor_pos: 1, detail_level: 0 })).toEqual({
      status: "ok",
      found: false,
      data: {},
      metadata: {},
    });
  });

  test("tell what the kernel uses", async () => {
    await kernel.request("usage_request", {}, "control");
    await kernel.run("const end = Date.now() + 300; while (Date.now() < end); 0");
    const usage = await kernel.request("usage_request", {}, "control");
    expect(usage).toMatchObject({ pid: kernel.process.pid });
    expect(usage.kernel_memory).toBeGreaterThan(50e6);
    expect(usage.kernel_cpu).toBeGreaterThan(5);
    expect(usage.host_virtual_memory.total).toBeGreaterThan(usage.kernel_memory);
  });

  test("answer while a cell waits, and leave it busy", async () => {
    const id = kernel.begin(
      'console.log("waiting"); await new Promise((resolve) => { (globalThis as any).release = resolve; setTimeout(resolve, 30_000) })',
    );
    await kernel.printed(id, "waiting");
    const aside = kernel.send("shell", "complete_request", cursor("Math.sqr|"));
    const reply = await kernel.waitFor(
      ({ channel, parent }) => channel === "shell" && parent.msg_id === aside,
    );
    expect(reply.content.matches).toContain("sqrt");
    // After the aside's own idle status, the cell's busy status is repeated.
    await kernel.waitFor(
      ({ parent, content }) => parent.msg_id === aside && content.execution_state === "idle",
    );
    await kernel.waitFor((message) => {
      const after =
        kernel.inbox.indexOf(message) > kernel.inbox.findIndex(({ parent }) => parent.msg_id === aside);
      return after && message.parent.msg_id === id && message.content.execution_state === "busy";
    });
    await kernel.request("interrupt_request", {}, "control");
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted");
  });
});
