/** The types of Node and mathjs are read late, and all the same no wrong use of them passes. */

import { afterEach, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient | undefined;
afterEach(() => kernel?.stop());

/** Uses of types that were not read at the start, each wrong. */
const wrong: [string, string][] = [
  ["const a: number = process.platform", "is not assignable to type 'number'"],
  ["process.stdout.nothing", "Property 'nothing' does not exist on type 'WriteStream"],
  ['const b: number = Buffer.from("x")', "Type 'Buffer' is not assignable to type 'number'"],
  ['const u: number = new URL("a:b").host', "Type 'string' is not assignable to type 'number'"],
  ["const f: string = performance.now()", "Type 'number' is not assignable to type 'string'"],
  ["const r: number = await fetch('x')", "Type 'Response' is not assignable to type 'number'"],
  ['import { readFileSync } from "fs"; const t: number = readFileSync("x", "utf8")', "Type 'string'"],
  ['import * as os from "node:os"; os.cpu()', "Property 'cpu' does not exist"],
  ['import { create, all } from "mathjs"; create(all).nothing', "Property 'nothing' does not exist"],
  ["const c: number = crypto.randomUUID()", "is not assignable to type 'number'"],
  ["const s: string = structuredClone(1)", "Type 'number' is not assignable to type 'string'"],
  ["const n: NodeJS.Timeout = 5", "Type 'number' is not assignable to type 'Timeout'"],
  ["const h: string = setTimeout(() => {}, 0)", "Type 'Timeout' is not assignable to type 'string'"],
  ['require("path").nothing; const p: string = require.resolve', "is not assignable to type 'string'"],
  ["new MessageChannel().nothing", "Property 'nothing' does not exist on type 'MessageChannel'"],
  ["const q: number = new TextEncoder().encode('')", "Type 'Uint8Array' is not assignable to type 'number'"],
];

test("a wrong use is found, whatever types earlier cells needed", { timeout: 120_000 }, async () => {
  kernel = await KernelClient.start();
  for (const [code, message] of wrong) {
    const { reply, traceback } = await kernel.run(code);
    expect(reply.status, code).toBe("error");
    expect(traceback, code).toContain(message);
  }
});

test.each(["Buffer", "process", "crypto"])("%s is completed before anything needed it", async (name) => {
  kernel = await KernelClient.start();
  const reply = await kernel.request("complete_request", { code: name.slice(0, 3), cursor_pos: 3 });
  expect(reply.matches).toContain(name);
});

test("a cell that needs none of these types runs without loading them", async () => {
  kernel = await KernelClient.start();
  expect((await kernel.run('console.log("light"); 1')).result).toBe("1");
  const before = Number(
    (await kernel.run("(globalThis as any).process.memoryUsage().heapUsed as number")).result,
  );
  await kernel.run(
    'import * as fs from "fs"; import * as http2 from "http2"; import * as inspector from "inspector"; 0',
  );
  await kernel.run('import { create } from "mathjs"; 0');
  const after = Number(
    (await kernel.run("(globalThis as any).process.memoryUsage().heapUsed as number")).result,
  );
  expect(after - before).toBeGreaterThan(10e6);
});

test("inputs are typed in a cell, and Shift-Tab shows what they take", async () => {
  kernel = await KernelClient.start();
  const begin =
    'const [zero, one] = spdz.simulate({ security: "semi-honest", preprocessing: "insecureFirstPartyDealer" })';
  expect((await kernel.run(begin)).reply.status).toBe("ok");
  const both = "const xs = await Promise.all([zero, one].map((iface) => iface.input(0, () => [1, 2])))";
  expect((await kernel.run(both)).traceback).toBe("");
  const reveal = "(await Promise.all(xs.map((x) => x.reveal({ to: 1 })))).map((value) => value?.toArray())";
  expect((await kernel.run(reveal)).result).toBe("[ undefined, [ 1, 2 ] ]");
  const { traceback } = await kernel.run("const x: number = await zero.input(0)");
  expect(traceback).toContain("Type 'SharedVariable' is not assignable to type 'number'");
  const code = "zero.input";
  const { data } = await kernel.request("inspect_request", {
    code,
    cursor_pos: code.length,
    detail_level: 0,
  });
  expect(data["text/plain"]).toContain("Share a secret of one party, which that party alone chooses");
});
