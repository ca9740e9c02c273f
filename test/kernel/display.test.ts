/** The display of values in the notebook, besides their text. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "./client";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(() => kernel?.stop());

// biome-ignore lint/suspicious/noExplicitAny: a bundle holds anything
async function shown(code: string): Promise<Record<string, any>> {
  const { all, traceback } = await kernel.run(code);
  expect(traceback, code).toBe("");
  return all("execute_result")[0]!.data;
}

/** The texts of the cells of an HTML table, row by row. */
function cells(html: string): string[][] {
  const inside = (tag: string, text: string) =>
    [...text.matchAll(new RegExp(`<(?:${tag})\\b[^>]*>(.*?)</(?:${tag})>`, "g"))].map((match) => match[1]!);
  return inside("tr", html).map((row) => inside("td|th", row));
}

describe("a value's own display", () => {
  const key = '[Symbol.for("Jupyter.display")]';

  test("sends the entries that a front end can take, and leaves out the others", async () => {
    const data = await shown(
      `({ ${key}() { const cycle: any = {}; cycle.me = cycle; return { "text/html": 5, "no type": "x", "application/json": { a: [1] }, "application/x+json": cycle, "text/markdown": ["a", "b"], "image/png": new Uint8Array([1, 2]), "image/gif": { a: 1 }, "text/latex": null } } })`,
    );
    expect(data).toEqual({
      "application/json": { a: [1] },
      "text/markdown": "ab",
      "image/png": "AQI=",
      "text/plain": expect.stringContaining("Jupyter.display"),
    });
  });

  test("goes before what the value looks like", async () => {
    const data = await shown(`Object.assign([[1, 2]], { ${key}: () => ({ "text/plain": "mine" }) })`);
    expect(data).toEqual({ "text/plain": "mine" });
  });

  test("may decline", async () => {
    const data = await shown(`Object.assign([[1, 2]], { ${key}: () => undefined })`);
    expect(cells(data["text/html"])[1]).toEqual(["0", "1", "2"]);
  });
});

describe("templates", () => {
  test("html escapes values, not other html", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in a cell
    const code = 'html`<ul title="${"\\"<x>"}">${["a&b", html`<b>c</b>`]}</ul>`';
    const source = '<ul title="&#34;&#60;x&#62;">a&#38;b<b>c</b></ul>';
    expect(await shown(code)).toEqual({ "text/plain": source, "text/html": source });
  });

  test("html does not trust Markdown, and as a function takes the text as it is", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in a cell
    expect((await shown("html`${md`<b>`}`"))["text/html"]).toBe("&#60;b&#62;");
    expect((await shown('html("<b>x</b>")'))["text/html"]).toBe("<b>x</b>");
  });

  test("md, svg and latex", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in a cell
    expect((await shown('md`**${"<script>"}** ${html`<i>i</i>`}`'))["text/markdown"]).toBe(
      "**&lt;script>** <i>i</i>",
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in a cell
    expect((await shown('svg`<svg>${"<g>"}${svg`<g/>`}</svg>`'))["image/svg+xml"]).toBe(
      "<svg>&#60;g&#62;<g/></svg>",
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in a cell
    expect(await shown('latex`\\frac{${1}}{${"a_b"}} ${latex`\\nu`}`')).toEqual({
      "text/plain": "\\frac{1}{a\\_b} \\nu",
      "text/latex": "$$\\frac{1}{a\\_b} \\nu$$",
    });
    expect((await shown("latex`$x$`"))["text/latex"]).toBe("$x$");
  });

  test("are typed and explained, and a cell may use their names", async () => {
    const { data } = await kernel.request("inspect_request", {
      code: "latex",
      cursor_pos: 2,
      detail_level: 0,
    });
    expect(data["text/plain"]).toContain("RichText");
    expect(data["text/plain"]).toContain("formula in LaTeX");
    expect((await kernel.run("const wrong: number = md`x`")).traceback).toContain("RichText");
    expect((await shown("const svg = 3; svg"))["text/plain"]).toBe("3");
  });
});

describe("pictures", () => {
  test("PNG and JPEG are known by their first bytes", async () => {
    const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7];
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 7];
    expect((await shown(`new Uint8Array([${png}])`))["image/png"]).toBe(Buffer.from(png).toString("base64"));
    // A Buffer that lies within a larger one.
    const data = await shown(`Buffer.from([1, ${jpeg}, 9]).subarray(1, 6)`);
    expect(data["image/jpeg"]).toBe(Buffer.from(jpeg).toString("base64"));
    expect(data["text/plain"]).toBe("<Buffer ff d8 ff e0 07>");
    expect(Object.keys(await shown(`new Uint8Array([${png.slice(0, 7)}])`))).not.toContain("image/png");
  });

  test.each([
    ["vega/v5.json", ["vega.v5"]],
    ["vega/v6.json", ["vega.v6", "vega.v5"]],
    ["vega-lite/v4.17.0.json", ["vegalite.v4"]],
    ["vega-lite/v5.json", ["vegalite.v5"]],
    ["vega-lite/v6.json", ["vegalite.v6", "vegalite.v5"]],
  ])("a plot by its schema, %s", async (path, types) => {
    const data = await shown(`({ $schema: "https://vega.github.io/schema/${path}", mark: "bar" })`);
    const spec = { $schema: `https://vega.github.io/schema/${path}`, mark: "bar" };
    const text = data["text/plain"];
    expect(text).toContain("mark: 'bar'");
    const entries = types.map((type) => [`application/vnd.${type}+json`, spec]);
    expect(data).toEqual({ "text/plain": text, ...Object.fromEntries(entries) });
  });

  test("no other schema is a plot", async () => {
    expect(Object.keys(await shown('({ $schema: "https://example.org/vega/v5.json" })'))).toEqual([
      "text/plain",
    ]);
  });
});

describe("matrices of mathjs", () => {
  test("are formulas", async () => {
    expect((await shown("math.matrix([[1, 0.1 + 0.2], [-1e-7, 2e21]])"))["text/latex"]).toBe(
      "$$\\begin{bmatrix}1 & 0.3 \\\\ -1 \\cdot 10^{-7} & 2 \\cdot 10^{21}\\end{bmatrix}$$",
    );
    expect(
      (
        await shown(
          'import * as mathjs from "mathjs"; mathjs.matrix([mathjs.complex(1, -1), mathjs.fraction(-1, 3) as any, "a_b" as any])',
        )
      )["text/latex"],
    ).toBe("$$\\begin{bmatrix}1 - i & -\\frac{1}{3} & \\text{a\\_b}\\end{bmatrix}$$");
  });

  test("large ones are abbreviated", async () => {
    const latex = (await shown("mathjs.zeros(20, 30)"))["text/latex"];
    expect(latex.split("\\\\")).toHaveLength(9);
    expect(latex.match(/\\ddots/g)).toHaveLength(1);
    expect(latex.match(/\\vdots/g)).toHaveLength(8);
  });
});

describe("arrays", () => {
  test("typed ones are short tables", async () => {
    const data = await shown("Float64Array.from({ length: 12 }, (_, i) => i / 2)");
    expect(cells(data["text/html"])).toEqual([
      ["0", "1", "2", "3", "…", "8", "9", "10", "11"],
      ["0", "0.5", "1", "1.5", "…", "4", "4.5", "5", "5.5"],
    ]);
    expect(data["text/html"]).toContain("Float64Array, 12 elements");
    expect(data["text/plain"]).toContain("Float64Array(12) [");
  });

  test("of rows are tables, with everything escaped", async () => {
    const data = await shown('[["<b>", 1n], [null, true]]');
    expect(cells(data["text/html"])).toEqual([
      ["", "0", "1"],
      ["0", "&#60;b&#62;", "1"],
      ["1", "null", "true"],
    ]);
    expect(data["text/plain"]).toBe("[ [ '<b>', 1n ], [ null, true ] ]");
  });

  test.each(["[1, 2]", "[]", "[[]]", "[[1], [1, 2]]", "[[{}]]", "new Uint8Array()"])(
    "%s is text alone",
    async (code) => {
      expect(Object.keys(await shown(code))).toEqual(["text/plain"]);
    },
  );

  test("records with the same names are a table under their names, abbreviated when long", async () => {
    const data = await shown(`[{ a: 1, "<b>": "x" }, { "<b>": "y", a: null }]`);
    expect(cells(data["text/html"])).toEqual([
      ["", "a", "&#60;b&#62;"],
      ["0", "1", "x"],
      ["1", "null", "y"],
    ]);
    const long = await shown(`Array.from({ length: 50 }, (_, i) => ({ n: i }))`);
    expect(cells(long["text/html"]).map(([name]) => name)).toEqual([
      "",
      "0",
      "1",
      "2",
      "3",
      "…",
      "46",
      "47",
      "48",
      "49",
    ]);
    expect(long["text/html"]).toContain("50 rows, 1 column");
    for (const code of [
      "[{ a: 1 }, { b: 1 }]",
      "[{ a: {} }]",
      "[{}]",
      "[{ a: 1 }, null]",
      "[new (class A { a = 1 })()]",
      "[{ get a() { return 1 } }]",
    ])
      expect(Object.keys(await shown(code)), code).toEqual(["text/plain"]);
  });
});

describe("the library's values", () => {
  test("tensors say whether they are plain or a share", async () => {
    const plain = (await shown("encode(new FloatTensor([[1.5, -2]]))"))["text/html"];
    expect(plain).toMatch(/LongTensor of size 1x2, \d+ fractional bits · 64-bit integers · plain values/);
    expect((await shown("new FloatTensor([[1.5, -2]])"))["text/html"]).toContain("doubles · plain values");
    const share = (await shown("const [mine] = share(new LongTensor([[7, 8]])); mine"))["text/html"];
    expect(share).toContain("share of one party");
    expect(cells(share)[0]).toHaveLength(2);
  });

  test("hidden shares show no word", async () => {
    const { "text/html": html, "text/plain": text } = await shown("showShares(false); mine");
    expect(cells(html)).toEqual([]);
    expect(html).toContain("share of one party");
    expect(text).toBe("[share, LongTensor of size 1x2]");
    await kernel.run("showShares(true)");
  });

  test("a SharedVariable shows what is public about it, and the share only when asked for it", async () => {
    const data = await shown(
      'const [iface] = simulate({ preprocessing: "insecureFirstPartyDealer" }); const [mine] = spdz.share(new LongTensor([[7, 7]])); const secret = new SharedVariable(new Variable(mine), iface); secret',
    );
    const { result } = await kernel.run("String(mine.at(0, 0).item())");
    const word = result!.replaceAll("'", "");
    expect(word).toMatch(/^-?\d{12,}$/);
    expect(JSON.stringify(data)).not.toContain(word);
    expect(data["text/plain"]).toMatch(/^SharedVariable\n {2}shape {6}1 × 2\n {2}scale {6}integers\n/);
    expect((await shown("secret.data"))["text/plain"]).toContain(word);
    expect(cells(data["text/html"])).toEqual([
      ["shape", "1 × 2"],
      ["scale", "integers"],
      ["gradient", "not wanted"],
      ["session", "party 0 of 2"],
      ["visibility", expect.stringContaining("secret")],
    ]);
  });
});

describe("errors of the library", () => {
  test("as a value are a block: name, what happened, what to do, the traceback folded", async () => {
    const data = await shown('new CheckError("mac", "The <peer> lied. Close the session.")');
    const html: string = data["text/html"];
    expect(html).toContain("CheckError");
    expect(html).toContain("<code>check-mac</code>");
    expect(html).toContain("<div>The &#60;peer&#62; lied.</div><div>What to do: Close the session.</div>");
    expect(html).toMatch(/<details><summary[^>]*>Traceback<\/summary>/);
    expect(data["text/plain"]).toContain("The <peer> lied.");
  });

  test("of an operation that nobody awaits show the cell's line", async () => {
    await kernel.run(
      "const [al, bo] = spdz.simulate(); const mine = al.lift([1, 2]), theirs = bo.lift([1, 2]); await al.settled(); 0",
    );
    const { reply, traceback, all } = await kernel.run(
      "const k = 1;\nmine.mul(mine);\ntheirs.add(theirs).sum();\n0",
    );
    expect(reply.ename).toBe("DesyncError");
    expect(traceback).toMatch(/at In \[\d+\], line [23], column/);
    expect(all("display_data").filter(({ data }) => data["text/html"]?.includes("<details>"))).toEqual([]);
  });

  test("that are thrown say what to do, in one box", async () => {
    const { reply, traceback, all } = await kernel.run('await null;\nthrow new DesyncError("none <left>")');
    expect(reply.ename).toBe("DesyncError");
    expect(traceback).toBe(
      [
        "DesyncError [desync]: none <left>",
        `    at In [${reply.execution_count}], line 2, column 7`,
        "        1 | await null;",
        '      → 2 | throw new DesyncError("none <left>")',
        "                  ~~~~~~~~~~~~~~~",
        "What to do: Run the same cells in the same order on both sides. Run `await iface.resync()` on both sides to start again.",
      ].join("\n"),
    );
    expect(all("display_data")).toEqual([]);
  });
});
