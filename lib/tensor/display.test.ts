import { describe, expect, it } from "vitest";
import { ring64 } from "../ring";
import { factsHtml } from "../text/html";
import { jupyterDisplay } from "../text/mime";
import { FloatTensor } from "./float-tensor";
import { LongTensor, longTensor } from "./long-tensor";

/** The lines above the caption. */
function body(tensor: FloatTensor | LongTensor): string[] {
  return String(tensor).split("\n").slice(0, -1);
}

const plain = (markup: string) => markup.replace(/ style="[^"]*"/g, "");

/** The HTML without its styles. */
const html = (tensor: FloatTensor | LongTensor) => plain(tensor[jupyterDisplay]()["text/html"]!);

describe("numbers are printed as PyTorch prints them", () => {
  it.each([
    [
      "whole numbers bare, with the sign of negative zero",
      [-0, 0, 1200, -3],
      [-0, 0, 1200, -3].map((x) => (Object.is(x, -0) ? "-0" : `${x}`)),
    ],
    ["NaN and infinities among whole numbers", [1, NaN, Infinity, -Infinity], ["1", "nan", "inf", "-inf"]],
    ["four decimals", [0.5, -20.25, -0], ["0.5000", "-20.2500", "-0.0000"]],
    ["NaN and infinities among fractions", [0.5, NaN, -Infinity], ["0.5000", "nan", "-inf"]],
    ["nothing but NaN", [NaN], ["nan"]],
    ["an exponent above 1e8", [123456789.5], ["1.2346e+08"]],
    ["an exponent below 1e-4", [0.00005, 0], ["5.0000e-05", "0.0000e+00"]],
    ["an exponent for a wide range", [1000.5, 0.5], ["1.0005e+03", "5.0000e-01"]],
    ["four decimals up to a thousandfold", [500, 0.5], ["500.0000", "0.5000"]],
    ["an exponent of three digits", [1e-200, 1.5e200], ["1.0000e-200", "1.5000e+200"]],
    ["whole numbers that need an exponent", [1e15, 1], ["1.0000e+15", "1.0000e+00"]],
    ["large whole numbers to the last digit", [999999999999999], ["999999999999999"]],
  ] as const)("%s", (_, values, texts) => {
    const lines = body(new FloatTensor([...values]));
    expect(lines.map((line) => line.trim())).toEqual(texts);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  it("in a format chosen by the visible elements only", () => {
    const values = FloatTensor.arange(2000);
    const hidden = FloatTensor.concat([values.slice([0, 1000]), [0.00001], values.slice([1001])]);
    expect(body(hidden).map((line) => line.trim())).toEqual(["0", "1", "2", "…", "1997", "1998", "1999"]);
  });
});

describe("tensors are printed", () => {
  it("as a caption only, if they have no elements", () => {
    for (const shape of [[0], [2, 0], [0, 2], [2, 0, 3], [2, 2, 0]]) {
      expect(String(FloatTensor.zeros(...shape))).toBe(`[FloatTensor of size ${shape.join("x")}]`);
      expect(String(LongTensor.zeros(...shape))).toBe(`[LongTensor of size ${shape.join("x")}]`);
      expect(html(FloatTensor.zeros(...shape))).not.toContain("<table");
    }
  });

  it("as matrices titled by their index, with equal columns, if they have three or four axes", () => {
    const x = FloatTensor.arange(9, 13).reshape(2, 1, 2);
    expect(String(x)).toBe("(0,.,.) =\n  9  10\n\n(1,.,.) =\n 11  12\n\n[FloatTensor of size 2x1x2]");
    const y = LongTensor.arange(4).reshape(2, 2, 1, 1);
    expect(body(y).filter((line) => line.startsWith("("))).toEqual([
      "(0,0,.,.) =",
      "(0,1,.,.) =",
      "(1,0,.,.) =",
      "(1,1,.,.) =",
    ]);
    expect(html(y).match(/<table>/g)).toHaveLength(4);
    expect(html(y)).toContain("<code>(1,0,.,.) =</code>");
  });

  it("abbreviated above 200 elements, along each axis separately", () => {
    expect(String(FloatTensor.zeros(200))).not.toContain("…");
    expect(body(FloatTensor.zeros(201)).map((line) => line.trim())).toEqual([
      "0",
      "0",
      "0",
      "…",
      "0",
      "0",
      "0",
    ]);
    const x = FloatTensor.zeros(10, 10, 2, 10);
    const titles = body(x).filter((line) => line.startsWith("("));
    expect(titles).toHaveLength(36);
    expect(titles[3]).toBe("(0,7,.,.) =");
    // One gap within each of six rows of blocks, and one between the third and the fourth row.
    expect(body(x).filter((line) => line === "…")).toHaveLength(7);
    expect(body(x)).toContain(" 0  0  0  …  0  0  0");
    expect(html(x)).not.toContain("<table><tbody></tbody></table>");
    expect(html(x)).toContain("<div><code>…</code></div>");
  });

  it("abbreviated with the elements at the ends", () => {
    const x = LongTensor.arange(100 * 100).reshape(100, 100);
    expect(body(x)[0]!.trim().split(/ +/)).toEqual(["0", "1", "2", "…", "97", "98", "99"]);
    expect(body(x)[6]!.trim().split(/ +/)).toEqual(["9900", "9901", "9902", "…", "9997", "9998", "9999"]);
    expect(body(x)[3]!.trim().split(/ +/)).toEqual(new Array(7).fill("…"));
  });

  it("in blocks of columns, if a row is wider than 80 characters", () => {
    const lines = body(LongTensor.arange(54).reshape(2, 27));
    expect(lines.filter((line) => line.startsWith("Column"))).toEqual([
      "Columns 0 to 19",
      "Columns 20 to 26",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(4)).toEqual([" 20  21  22  23  24  25  26", " 47  48  49  50  51  52  53"]);
    expect(body(LongTensor.arange(21).reshape(1, 21)).at(-2)).toBe("Column 20");
    expect(body(LongTensor.arange(20).reshape(1, 20))).toHaveLength(1);
  });

  it("on one line, if columns are already left out", () => {
    const lines = body(LongTensor.full([2, 1000], -(2n ** 63n)));
    expect(lines).toHaveLength(2);
    expect(lines[0]!.trim().split(/ +/)).toHaveLength(7);
  });

  it("quickly at any size, because only visible elements are read", () => {
    const large = longTensor(ring64.full(4_000_000, 7n), [2000, 2000], 0);
    let asked = 0;
    const original = ring64.toSignedBigInts;
    ring64.toSignedBigInts = (x) => {
      asked += x.length;
      return original.call(ring64, x);
    };
    try {
      expect(String(large)).toContain("…");
    } finally {
      ring64.toSignedBigInts = original;
    }
    expect(asked).toBe(36);
  });

  it("in HTML, with all markup escaped", () => {
    expect(html(new FloatTensor([[1, 2]]))).toBe(
      '<div class="spdzlab-tensor"><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>' +
        "<div>FloatTensor of size 1x2 · doubles · plain values</div></div>",
    );
    expect(html(new FloatTensor([-0, NaN]))).toContain("<tr><td>-0</td></tr><tr><td>nan</td></tr>");
    expect(plain(factsHtml("<a>", [["<b>", "<c>"]]))).toBe(
      '<div class="spdzlab-tensor"><b>&#60;a&#62;</b><table><tbody><tr><th>&#60;b&#62;</th><td>&#60;c&#62;</td></tr></tbody></table></div>',
    );
  });
});
