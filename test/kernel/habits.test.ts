/** What people are used to from other kernels, and what other kernels let slip. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-habits-"));
  writeFileSync(join(folder, "seen.txt"), "");
  kernel = await KernelClient.start({ cwd: folder });
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (code: string) => kernel.run(code);

describe("shorthands", () => {
  test("!command runs in a shell in the notebook's folder, and ! negates what is in scope", async () => {
    expect((await run("!ls\n!echo $((6 * 7))")).text()).toBe("seen.txt\n42\n");
    const failed = await run("!exit 3");
    expect(failed.reply).toMatchObject({ status: "error", evalue: "exit 3: ended with exit code 3" });
    await run("const done = false;");
    expect((await run("!done")).result).toBe("true");
    expect((await run("!true")).result).toBe("false");
  });

  test("%time prints how long a cell took, and keeps its result and the columns of its errors", async () => {
    const { result, text } = await run("%time const six = 6; six * 7");
    expect(result).toBe("42");
    expect(text()).toMatch(/^Time: [\d.]+ m?s\n$/);
    expect((await run("six")).result).toBe("6");
    expect((await run("%time missing()")).traceback).toContain("line 1, column 7");
  });

  test("%timeit runs a cell seven times, however long it takes", async () => {
    expect((await run("let runs = 0;")).traceback).toBe("");
    expect((await run("%timeit runs++")).result).toMatch(
      /^[\d.]+ m?s a run \(median of 7 runs, [\d.]+ m?s to [\d.]+ m?s\)$/,
    );
    expect((await run("runs")).result).toBe("7");
    expect((await run("(await timeit(() => { runs = 0 }, { runs: 3 })).runs.length")).result).toBe("3");
  });

  test("%who lists what cells have declared", async () => {
    await run("const listed = new Map([[1, 2]]);");
    expect((await run("%who")).text()).toMatch(/^listed +Map$/m);
  });

  test("IPython's other magics are answered with what to do", async () => {
    for (const [code, hint] of [
      ["%load_ext autoreload", "npm"],
      ["%matplotlib inline", "Vega-Lite"],
      ["%%bash\nls", "begin each line with !"],
      ["%nothing", "the kernel has %time"],
    ] as const) {
      const { reply } = await run(code);
      expect(reply.ename, code).toBe("UsageError");
      expect(reply.evalue, code).toContain(hint);
    }
  });

  test("_ and Out hold earlier results, until a cell declares names of its own", async () => {
    const { reply } = await run("20 + 1");
    expect((await run("_ * 2")).result).toBe("42");
    expect((await run(`Out[${reply.execution_count}]`)).result).toBe("21");
    await run("const _ = { of: 'the cell' };");
    await run("1");
    expect((await run("_.of")).result).toBe("'the cell'");
  });

  test("?name asks as name? does", async () => {
    for (const code of ["?Array", "Array?"]) {
      const { reply } = await run(code);
      expect(JSON.stringify(reply.payload), code).toContain("Array");
    }
  });
});

describe("nothing is lost or leaked", () => {
  test("a promise that is rejected and that nobody awaits is the cell's error", async () => {
    const { reply, all, traceback } = await run('Promise.reject(new RangeError("lost")); 41 + 1');
    expect(reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "lost" });
    expect(all("display_data")[0]!.data["text/plain"]).toBe("42");
    expect(traceback).toContain("Nothing awaited this promise.");
    const late = "const p = Promise.reject(new Error('late')); await new Promise((r) => setTimeout(r, 5));";
    expect((await run(`${late} try { await p } catch { 'caught' }`)).reply.status).toBe("ok");
  });

  test("children that inherit the kernel's streams print into the cell", async () => {
    await run('import { execSync, execFileSync, spawnSync, spawn } from "node:child_process";');
    const { text } = await run('execSync("echo out; echo err >&2", { stdio: "inherit" })');
    expect([text(), text("stderr")]).toEqual(["out\n", "err\n"]);
    expect((await run('execFileSync("echo", ["file"], { stdio: "inherit" })')).text()).toBe("file\n");
    expect((await run('spawnSync("echo", ["sync"], { stdio: ["ignore", 1, 2] }).status')).text()).toBe(
      "sync\n",
    );
    const spawned =
      'await new Promise((done) => spawn("echo", ["async"], { stdio: "inherit" }).on("close", done))';
    expect((await run(spawned)).text()).toBe("async\n");
    expect((await run('execSync("exit 4", { stdio: "inherit" })')).reply.evalue).toBe(
      "Command failed: exit 4",
    );
    expect((await run('String(execSync("echo piped"))')).result).toBe("'piped\\n'");
  });

  test("a promise, a function and an error show nothing of the kernel", async () => {
    expect((await run("console.log(Promise.resolve(1))")).text()).toBe("Promise { 1 }\n");
    expect((await run("() => 1")).result).toBe("[Function (anonymous)]");
    await run("const ob: any = {};");
    for (const [code, said] of [
      ["ob.f()", "ob.f is not a function"],
      ["ob()", "ob is not a function"],
      ["new ob()", "ob is not a constructor"],
      ["for (const u of ob) {}", "ob is not iterable"],
      ["ob.a.b", "Cannot read properties of undefined (reading 'b')"],
    ] as const)
      expect((await run(code)).reply.evalue, code).toBe(said);
  });

  test("what lacks its end is incomplete, and after an empty line a console runs what there is", async () => {
    for (const [code, status] of [
      ["const f = (x) =>", "incomplete"],
      ["let x: ", "incomplete"],
      ["function f(): ", "incomplete"],
      ["let y =", "incomplete"],
      ["1 + 1", "complete"],
      ["a b", "invalid"],
      [")", "invalid"],
    ] as const)
      expect((await kernel.request("is_complete_request", { code })).status, code).toBe(status);
    expect((await kernel.request("is_complete_request", { code: "let y =\n\n" })).status).toBe("invalid");
  });
});
