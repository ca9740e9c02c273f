/** The errors that a user sees. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Execution, KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel?.stop());

async function failure(code: string): Promise<Execution> {
  const execution = await kernel.run(code);
  expect(execution.reply.status).toBe("error");
  expect(execution.all("error")).toHaveLength(1);
  const { ename, evalue, traceback } = execution.all("error")[0]!;
  expect(execution.reply).toMatchObject({ ename, evalue, traceback });
  return execution;
}

describe("type errors", () => {
  test("are found before the cell runs, and say where", async () => {
    const { reply, text, traceback } = await failure('console.log("ran");\nlet n: number =\n  "text";');
    expect(text()).toBe("");
    expect(reply.ename).toBe("TypeScriptError");
    expect(reply.evalue).toBe("line 2, column 5: Type 'string' is not assignable to type 'number'.");
    expect(traceback).toBe(
      [
        `In [${reply.execution_count}], line 2, column 5 (TS2322)`,
        "Type 'string' is not assignable to type 'number'.",
        "2 | let n: number =",
        "        ~",
      ].join("\n"),
    );
  });

  test("underline what they mean, behind tabs and wide characters", async () => {
    const { traceback } = await failure('\tconst wide = "🙂"; missing(wide)');
    expect(traceback).toContain('1 | \tconst wide = "🙂"; missing(wide)\n    \t                   ~~~~~~~');
  });

  test("are all shown, each at its place", async () => {
    const { traceback } = await failure("one;\ntwo");
    expect(traceback).toContain("line 1, column 1 (TS2304)\nCannot find name 'one'.");
    expect(traceback).toContain("line 2, column 1 (TS2304)\nCannot find name 'two'.");
  });

  test("of nested types keep their explanation", async () => {
    const { traceback } = await failure(
      'const deep: { a: { b: number } } = { a: { b: "s" as unknown as { c: 1 } } };',
    );
    expect(traceback).toContain("is not assignable to type 'number'");
  });

  test("name the library and what it declares, not where they are installed", async () => {
    const { traceback } = await failure(
      'spdz.version; const v: LongTensor = new FloatTensor([[1]]); import { nothing } from "spdz"; import * as js from "jsbi"; js.nothing',
    );
    expect(traceback).toContain("Property 'version' does not exist on type 'typeof import(\"spdz\")'.");
    expect(traceback).toContain(
      "Type 'FloatTensor' is missing the following properties from type 'LongTensor'",
    );
    expect(traceback).toContain("has no exported member 'nothing'");
    await kernel.run("class Own { #private = 1 }");
    expect((await failure("const own: Own = new (class Own {})()")).traceback).toContain("'Own'");
    expect(traceback).not.toContain("/");
  });

  test("leave the names of the cell undeclared", async () => {
    await failure("let ghost = 1; ghost.missing");
    expect((await failure("ghost")).traceback).toContain("Cannot find name 'ghost'");
  });

  test.each([
    ["1;\nexport default 5", "line 2, column 1", "export default 5"],
    ["export default function named() {}", "line 1, column 8", "default"],
    ["export default class {}", "line 1, column 8", "default"],
  ])("say that a cell has no default export: %s", async (code, place, underlined) => {
    const { reply, traceback } = await failure(code);
    expect(reply.ename).toBe("TypeScriptError");
    expect(traceback).toContain(
      `${place} (TS1319)\n\`export default\` is not available in a notebook cell. Declare a name instead`,
    );
    expect(traceback).toMatch(new RegExp(` ~{${underlined.length}}$`));
  });

  test("say that a cell has no import.meta", async () => {
    const { traceback } = await failure("const here = import.meta.url");
    expect(traceback).toContain(
      "line 1, column 14 (TS1343)\n`import.meta` is not available in a notebook cell.",
    );
  });

  test("syntax errors are reported likewise", async () => {
    const { reply, traceback } = await failure("let = 5 +");
    expect(reply.ename).toBe("TypeScriptError");
    expect(traceback).toMatch(/line 1, column \d+ \(TS1\d+\)/);
  });
});

describe("a forgotten await", () => {
  const hint = "Did you forget to put `await` before it?";

  test.each([
    "Promise.resolve([1]).length",
    "const soon = Promise.resolve(1); const n: number = soon",
    "const later = Promise.resolve(2); later + 1",
    "const product = Promise.resolve(3); 2 * product",
    "for (const v of Promise.resolve([1])) v",
    "Math.abs(Promise.resolve(1))",
  ])("%s", async (code) => {
    expect((await failure(code)).traceback).toContain(hint);
  });

  test("is not suspected elsewhere", async () => {
    expect((await failure('const s: number = "s"')).traceback).not.toContain(hint);
    expect((await failure('"a" * 2')).traceback).not.toContain(hint);
  });
});

describe("runtime errors", () => {
  test("lead into the cell's own lines", async () => {
    const { reply, traceback } = await failure(
      'interface Gone { a: number }\n\nfunction inner(x: Gone): never {\n  throw new RangeError("oops " + x.a);\n}\n\ninner({ a: 1 });',
    );
    expect(reply).toMatchObject({ ename: "RangeError", evalue: "oops 1" });
    const cell = `In [${reply.execution_count}]`;
    expect(traceback.split("\n")).toEqual([
      "RangeError: oops 1",
      `    at inner, ${cell}, line 4, column 9`,
      "        2 | ",
      "        3 | function inner(x: Gone): never {",
      '      → 4 |   throw new RangeError("oops " + x.a);',
      "                    ~~~~~~~~~~~~~~",
      "        5 | }",
      "        6 | ",
      `    at ${cell}, line 7, column 1`,
    ]);
  });

  test("in a function of an earlier cell lead there", async () => {
    const { reply } = await kernel.run("\n\nfunction fails() { throw new Error('there') }");
    const { reply: later, traceback } = await failure("fails()");
    expect(traceback).toContain(`at fails, In [${reply.execution_count}], line 3`);
    expect(traceback).toContain(`at In [${later.execution_count}], line 1`);
  });

  test("after an await keep their place", async () => {
    const { traceback } = await failure("await null;\nconst o = undefined as any;\no.x;");
    expect(traceback).toMatch(/TypeError: Cannot read properties of undefined/);
    expect(traceback).toContain("→ 3 | o.x;");
  });

  test("fold the frames of Node and of the kernel", async () => {
    const { traceback } = await failure('JSON.parse("{")');
    expect(traceback).toContain("SyntaxError");
    expect(traceback).not.toMatch(/node:|dist\/kernel/);
  });

  test("name their cause", async () => {
    const { traceback } = await failure('throw new Error("outer", { cause: new TypeError("inner") })');
    expect(traceback).toContain("Error: outer");
    expect(traceback).toContain("Caused by:\nTypeError: inner");
  });

  test("may be anything that is thrown", async () => {
    expect((await failure('throw "text"')).reply).toMatchObject({ ename: "Thrown", evalue: "'text'" });
    expect((await failure("throw undefined")).reply).toMatchObject({ ename: "Thrown", evalue: "undefined" });
    expect((await failure("throw { code: 1 }")).reply.evalue).toBe("{ code: 1 }");
  });

  test("of the library are a short block with their code", async () => {
    const { reply, traceback } = await failure('throw new DesyncError("the parties parted")');
    expect(reply).toMatchObject({ ename: "DesyncError", evalue: "the parties parted" });
    expect(traceback).toMatch(
      /^DesyncError \[desync\]: the parties parted\n {4}at In \[\d+\], line 1, column 7/,
    );
  });
});
