/** The names that a notebook starts with, in any folder. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "./client";

const scratch = mkdtempSync(join(tmpdir(), "spdzlab-prelude-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A folder with packages of its own, among them one that has our name. */
function withPackages(): string {
  const path = folder("other");
  for (const [name, code, types] of [
    ["spdz", "exports.other = 1;", "export declare const other: number;"],
    ["mathjs", "exports.mine = 'mine';", "export declare const mine: string;"],
    ["plain", "exports.answer = 42;", "export declare const answer: number;"],
  ]) {
    const at = join(path, "node_modules", name!);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", types: "index.d.ts" }));
    writeFileSync(join(at, "index.js"), code!);
    writeFileSync(join(at, "index.d.ts"), types!);
  }
  writeFileSync(join(path, "helper.ts"), "export function triple(x: number): number { return 3 * x; }\n");
  return path;
}

async function results(kernel: KernelClient, cells: string[]): Promise<(string | undefined)[]> {
  const out = [];
  for (const code of cells) {
    const { reply, result, traceback } = await kernel.run(code);
    expect(traceback, code).toBe("");
    expect(reply.status, code).toBe("ok");
    out.push(result);
  }
  return out;
}

const symlink = () => {
  const path = join(scratch, "link");
  symlinkSync(folder("target"), path);
  return path;
};

test.each([
  ["an empty folder", () => folder("empty")],
  ["the root", () => "/"],
  ["a path with spaces and accents", () => folder("dossier à moi, été/日本 1")],
  ["a symbolic link", symlink],
  ["a folder with another spdz", withPackages],
])("the library is in scope and typed in %s", async (_name, cwd) => {
  const kernel = await KernelClient.start({ cwd: cwd() });
  try {
    expect(
      await results(kernel, [
        "[typeof DesyncError, spdz.DesyncError === DesyncError]",
        'import { SpdzError as Again, type SpdzError as Type } from "spdz"; Again === spdz.SpdzError',
        'import * as whole from "spdzlab"; whole.DesyncError === DesyncError',
        'import * as whole2 from "spdz"; whole2.DesyncError === DesyncError && require("spdz").DesyncError === DesyncError',
        'const typed: string = new spdz.DesyncError("m").code; typed',
        'import JSBI from "jsbi"; JSBI.toNumber(JSBI.add(JSBI.BigInt(2), JSBI.BigInt(3)))',
      ]),
    ).toEqual(["[ 'function', true ]", "true", "true", "true", "'desync'", "5"]);
    // Typed means that a wrong use is found before it runs.
    expect((await kernel.run("const wrong: number = new DesyncError('m').code")).traceback).toContain(
      "Type 'string' is not assignable to type 'number'",
    );
  } finally {
    await kernel.stop();
  }
});

describe("in a folder with packages of its own", () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await KernelClient.start({ cwd: withPackages() });
  });
  afterAll(() => kernel?.stop());

  test("cells find them, and its own mathjs takes precedence over ours", async () => {
    expect(
      await results(kernel, [
        'import { answer } from "plain"; answer',
        'import { mine } from "mathjs"; mine',
      ]),
    ).toEqual(["42", "'mine'"]);
  });

  test("cells find a package that is installed while the kernel runs", async () => {
    expect((await kernel.run('import { late } from "late"')).traceback).toContain(
      "Cannot find module 'late'",
    );
    const at = join(scratch, "other/node_modules/late");
    mkdirSync(at);
    writeFileSync(join(at, "package.json"), '{ "name": "late", "version": "1.0.0", "types": "index.d.ts" }');
    writeFileSync(join(at, "index.js"), "exports.late = 1;");
    writeFileSync(join(at, "index.d.ts"), "export declare const late: number;");
    // The file system notifies the compiler after a while.
    let found = await kernel.run('import { late } from "late"; late');
    for (let tries = 0; tries < 50 && found.reply.status !== "ok"; tries++) {
      await kernel.run("await new Promise((resolve) => setTimeout(resolve, 100))");
      found = await kernel.run('import { late } from "late"; late');
    }
    expect(found.result).toBe("1");
  });

  test("its own TypeScript files are compiled and imported", async () => {
    expect(await results(kernel, ['import { triple } from "./helper"; triple(14)'])).toEqual(["42"]);
  });
});

describe("a preloaded name", () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await KernelClient.start();
  });
  afterAll(() => kernel?.stop());

  test("can be declared anew, by any kind of declaration, or imported again", async () => {
    expect(
      await results(kernel, [
        "const CheckError = 5; CheckError + 1",
        "CheckError + 2",
        "class TransportError { own = 1 }; new TransportError().own",
        "let DesyncError: string = 'd'; DesyncError",
        'import { DesyncError } from "spdz"; DesyncError.name',
        "function display(x: number) { return x }; display(3)",
        "let spdz = 1; spdz",
        'import * as spdz from "spdz"; typeof spdz.DesyncError',
      ]),
    ).toEqual(["6", "7", "1", "'d'", "'DesyncError'", "3", "1", "'function'"]);
  });

  test("a missing module is a precise error", async () => {
    const { reply, traceback } = await kernel.run('import { x } from "no-such-package"');
    expect(reply.ename).toBe("TypeScriptError");
    expect(traceback).toContain("Cannot find module 'no-such-package'");
  });

  test("mathjs is found where the folder has none", { timeout: 60_000 }, async () => {
    expect(
      await results(kernel, [
        'import { create, all } from "mathjs"; create(all).evaluate("1 + 2") as number',
      ]),
    ).toEqual(["3"]);
  });
});
