/** The language of cells, and the names that they share. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel?.stop());

/** Runs cells that must all succeed; gives the last one's result. */
async function result(...cells: string[]): Promise<string | undefined> {
  let last: string | undefined;
  for (const code of cells) {
    const { reply, result, traceback } = await kernel.run(code);
    expect(traceback, code).toBe("");
    expect(reply.status, code).toBe("ok");
    last = result;
  }
  return last;
}

describe("await", () => {
  test.each([
    ["await (Promise.resolve(3))", "3"],
    ["const awaited = await Promise.resolve(4); awaited", "4"],
    ["let sum = 0; for await (const n of [Promise.resolve(1), 2]) sum += n; sum", "3"],
    ["const { v } = await Promise.resolve({ v: 5 }); v", "5"],
    ["(await Promise.resolve([6]))[0]", "6"],
    ["const f1 = async () => await Promise.resolve(7); f1()", "7"],
  ])("%s", async (code, expected) => {
    expect(await result(code)).toBe(expected);
  });

  test("the order of what is printed is the order of the code", async () => {
    const { reply, text } = await kernel.run('console.log("a"); await null; console.log("b")');
    expect(reply.status).toBe("ok");
    expect(text()).toBe("a\nb\n");
  });
});

describe("results", () => {
  test("undefined shows nothing, null is shown", async () => {
    expect(await result("undefined")).toBeUndefined();
    expect(await result("const quiet = 1")).toBeUndefined();
    expect(await result("Promise.resolve()")).toBeUndefined();
    expect(await result("null")).toBe("null");
  });

  test("carry the number of the cell", async () => {
    const { reply, all } = await kernel.run("41 + 1");
    expect(all("execute_result")).toEqual([
      { execution_count: reply.execution_count, data: { "text/plain": "42" }, metadata: {} },
    ]);
    expect(all("execute_input")).toEqual([{ execution_count: reply.execution_count, code: "41 + 1" }]);
  });

  test("a rejected promise as the last value is the cell's error", async () => {
    const { reply, all } = await kernel.run('Promise.reject(new RangeError("late"))');
    expect(reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "late" });
    expect(all("execute_result")).toEqual([]);
  });

  test("a value can define how it is shown, at once or later", async () => {
    const key = '[Symbol.for("Jupyter.display")]';
    for (const method of [`${key}() {`, `async ${key}() { await null;`]) {
      const { all } = await kernel.run(`({ a: 1, ${method} return { "text/html": "<i>x</i>" } } })`);
      expect(all("execute_result")[0]!.data["text/html"]).toBe("<i>x</i>");
      expect(all("execute_result")[0]!.data["text/plain"]).toContain("a: 1");
    }
  });

  test("a display method that fails does not hide the value", async () => {
    const { reply, text, result } = await kernel.run(
      '({ b: 2, [Symbol.for("Jupyter.display")]() { throw new Error("no picture") } })',
    );
    expect(reply.status).toBe("ok");
    expect(result).toContain("b: 2");
    expect(text("stderr")).toContain("no picture");
  });
});

describe("names of earlier cells", () => {
  test("can be read and assigned in an object shorthand", async () => {
    expect(await result("let x = 1; let y = 2", "({ x, y })")).toBe("{ x: 1, y: 2 }");
    expect(await result("({ x, y = 9 } = { x: 5 } as any); [x, y]")).toBe("[ 5, 9 ]");
    expect(await result("const inner = () => ({ x }); inner()")).toBe("{ x: 5 }");
  });

  test("are one variable for the functions that captured it and for later cells", async () => {
    expect(
      await result("let counter = 0; function inc() { return ++counter }", "inc(); counter = 10; inc()"),
    ).toBe("11");
    expect(await result("counter")).toBe("11");
    expect(
      await result("let [p1, { q1 }] = [1, { q1: 2 }]; const both = () => p1 + q1", "q1 = 40; both()"),
    ).toBe("41");
  });

  test("keep what a loop or a branch assigned", async () => {
    expect(
      await result("let total = 0; for (let i = 0; i < 5; i++) { if (i > 1) total += i }", "total"),
    ).toBe("9");
    expect(await result("total = 1; total++; [total] = [total * 10]", "total")).toBe("20");
    expect(await result("let last = 3; last = 4", "last")).toBe("4");
    expect(await result("for (var index = 0; index < 3; index++);", "index")).toBe("3");
  });

  test("keep what a loop assigned before it failed", async () => {
    const { reply } = await kernel.run(
      "let done = 0; for (;;) { done++; if (done === 3) throw new Error() }",
    );
    expect(reply.status).toBe("error");
    expect(await result("done")).toBe("3");
  });

  test("of a failing cell survive", async () => {
    const { reply } = await kernel.run(
      'const early = 7; function stays() { return early }\nthrow new Error("x"); let never = 1',
    );
    expect(reply.status).toBe("error");
    expect(await result("early + stays()")).toBe("14");
  });

  test("may be declared anew, with another type", async () => {
    expect(await result("let again = 1", 'let again = "s"', "again.length")).toBe("1");
    expect(
      await result(
        "function twice() { return 1 }",
        "const callsTwice = () => twice()",
        "function twice() { return 2 }",
        "callsTwice()",
      ),
    ).toBe("2");
  });

  test("may be classes, enums, generics and types", async () => {
    expect(
      await result(
        "enum Colour { Red, Green }; class Box<T> { constructor(readonly value: T) {} }; type Pair<T> = [T, T]; interface Named { name: string }",
        'const pair: Pair<Box<Colour>> = [new Box(Colour.Green), new Box(Colour.Red)]; const n: Named = { name: "n" }; pair[0].value',
      ),
    ).toBe("1");
  });

  test("are exported or not, all the same", async () => {
    expect(await result("export const shown = 3; export function f2() { return shown }", "f2()")).toBe("3");
  });

  test("are exported by a list, all the same", async () => {
    expect(await result("const listed = 4;\nexport { listed,\n  listed as other };\nlisted + 1")).toBe("5");
    expect(await result("listed")).toBe("4");
  });

  test("are called without a receiver", async () => {
    expect(await result("function receiver(this: unknown) { return this }", "receiver() === undefined")).toBe(
      "true",
    );
  });

  test("do not clash with the names that the kernel hands to a cell", async () => {
    expect(await result("const exports = 1, module = 2; exports + module", "exports")).toBe("1");
  });
});

describe("modules", () => {
  test("named, default, namespace, side effect and dynamic imports", async () => {
    expect(
      await result(
        'import path, { sep as separator } from "path"; import * as os from "node:os"; import "node:fs"; const dynamic = await import("util"); [path.join("a", "b"), separator, typeof os.cpus, dynamic.inspect(1)]',
      ),
    ).toBe("[ 'a/b', '/', 'function', '1' ]");
    expect(await result('path.basename("/x/y")')).toBe("'y'");
  });

  test("a cell can define a module that others import", async () => {
    expect(
      await result("/** @module shapes */\nexport const area = (r: number) => 3 * r * r;"),
    ).toBeUndefined();
    expect(await result('import { area } from "./shapes"; area(2)')).toBe("12");
  });

  test("require, __dirname and the globals of Node are there", async () => {
    expect(await result('require("fs").existsSync(__dirname)')).toBe("true");
    expect(
      await result("typeof Buffer.from([1]) + typeof process.pid + typeof setTimeout + typeof URL"),
    ).toBe("'objectnumberfunctionfunction'");
  });
});

test("a loop over a top-level variable is compiled as in plain Node", {
  timeout: 120_000,
}, async () => {
  const work = "let s = 0.5; for (let i = 0; i < 1e8; i++) s += i % 7;";
  // Both are timed in the same process, one after the other, and the best of each counts.
  const time = `const t = performance.now();\n${work}\nconst ms = performance.now() - t; ms`;
  const plainly = `require("vm").runInThisContext(${JSON.stringify(`(() => { const t = performance.now(); ${work} return performance.now() - t })()`)})`;
  let [best, plain] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // A proxy takes far longer; the limit finds only that.
  for (let round = 0; round < 20 && !(round > 1 && best < 5 * plain); round++) {
    best = Math.min(best, Number(await result(time)));
    plain = Math.min(plain, Number(await result(plainly)));
  }
  expect(plain).toBeGreaterThan(10);
  expect(best / plain).toBeLessThan(5);
});
