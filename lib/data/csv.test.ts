import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ring64 } from "../ring";
import { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { type CsvOptions, readCsv, writeCsv } from "./csv";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-csv-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string | Uint8Array, name = "table.csv"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (text: string | Uint8Array, options?: CsvOptions) => readCsv(file(text), options);

test("reads numbers and text, with quotes, CRLF, a byte-order mark and empty lines", async () => {
  const table = await read('\uFEFFage,"name, first",kg\r\n63,"O""Hara\nJr.",71.5\r\n\r\n 37 ,Ö,-8e1\r\n');
  expect(table.columns).toEqual(["age", "name, first", "kg"]);
  expect([table.rows, table.size(), table.size(1)]).toEqual([2, [2, 3], 3]);
  expect(table.column("name, first")).toEqual(['O"Hara\nJr.', "Ö"]);
  const numbers = table.drop("name, first").toTensor();
  expect(numbers.toArray()).toEqual([
    [63, 71.5],
    [37, -80],
  ]);
  expect(table.select("kg", "age").toTensor().toArray()).toEqual([
    [71.5, 63],
    [-80, 37],
  ]);
});

test("reads files without names and with other delimiters", async () => {
  expect((await read("1;2\n3;4\n", { header: false, delimiter: ";" })).toTensor().toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect((await read("\tx\n1\t2\n", { delimiter: "\t" })).columns).toEqual(["0", "x"]);
  expect((await read("x,y\n")).size()).toEqual([0, 2]);
});

test("missing cells are refused by row and column, left out, or kept", async () => {
  const text = "age,kg,name\n63,71,a\nNA,80,NA\n37,,\n";
  await expect(read(text)).rejects.toThrow(
    'readCsv table.csv: row 1, column "age" is missing; pass { missing: "drop" }',
  );
  expect((await read(text, { missing: "drop" })).rows).toBe(1);
  const kept = await read(text, { missing: "keep" });
  expect(kept.column("age")).toEqual([63, null, 37]);
  expect(kept.column("name")).toEqual(["a", "NA", null]);
  expect(() => kept.select("kg").toTensor()).toThrow('row 2, column "kg" is missing; leave out such rows');
  expect(kept.select("kg").dropMissing().toTensor().toArray()).toEqual([[71], [80]]);
});

test("a column that is not numbers says so by its name and the first odd row", async () => {
  // The texts before the surprise come back as they were written.
  const table = await read("id,n\n007,1\n1.50,2\nx7,3\n");
  expect(table.column("id")).toEqual(["007", "1.50", "x7"]);
  expect(() => table.toTensor()).toThrow(
    'column "id" holds text, not numbers: row 2 is "x7". Leave it out with drop("id")',
  );
  expect(() => table.select("id").toTensor()).toThrow(TypeError);
  const large = await read("id\n9007199254740993\n");
  expect(large.column("id")).toEqual(["9007199254740993"]);
  expect(() => large.toTensor()).toThrow('row 0 is "9007199254740993"');
  const endless = "1".repeat(400);
  expect((await read(`id\n${endless}\n`)).column("id")).toEqual([endless]);
  expect((await read("x\ninf\n-Infinity\n")).column("x")).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
  const infinite = await read("x\n1\ninf\n");
  expect(() => infinite.toTensor()).toThrow('row 1, column "x" is Infinity');
  for (const text of ["0x10", "1,5", "1_000", "--1", "1 2", "true"])
    expect((await read(`x\n"${text}"\n`)).column("x")).toEqual([text]);
});

test.each<[string, string | Uint8Array, CsvOptions, string | RegExp]>([
  ["a row that is too long", "a,b\n1,2\n3,4,5\n", {}, "line 3 has 3 cells, and the first line 2"],
  ["a row that is too short at once", "a,b\n1\n", {}, "line 2 has 1 cells, and the first line 2"],
  ["an open quote", 'a,b\n1,"2\n', {}, /double quote that is never closed/],
  ["a stray quote", 'a,b\n1,2"2\n', {}, /correct the file/],
  ["an empty file", "", {}, "the file is empty"],
  ["two columns of one name", "a,a\n1,2\n", {}, 'two columns are named "a"'],
  ["the wrong delimiter", "a;b\n1;2\n", {}, 'pass { delimiter: ";" }'],
  [
    "another encoding",
    Buffer.from("name\nJ\xfcrg\n", "latin1"),
    {},
    'row 0, column "name" holds bytes that are not UTF-8',
  ],
  ["an unknown option", "a\n1\n", { headers: true } as never, 'unknown option "headers"'],
  ["a wrong choice", "a\n1\n", { missing: "skip" as never }, 'missing must be "throw", "drop" or "keep"'],
  ["a delimiter of two characters", "a\n1\n", { delimiter: "::" }, "delimiter must be one character"],
])("refuses %s", async (_, text, options, message) => {
  await expect(read(text, options)).rejects.toThrow(message);
});

test("a file that is missing, or a folder, says what to do", async () => {
  await expect(readCsv("no-such.csv")).rejects.toThrow(
    /there is no file \/.*no-such\.csv \(the working folder is .*\): check the name/,
  );
  await expect(readCsv(folder)).rejects.toThrow(/is a folder: name a file/);
});

test("an unknown column is named, with those that exist", async () => {
  const table = await read("age,kg\n1,2\n");
  for (const call of [() => table.select("ago"), () => table.drop("ago"), () => table.column("ago")])
    expect(call).toThrow('there is no column "ago"; the columns are "age", "kg"');
});

test("shows both ends of a long table, and its types", async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `${i},<b>${i}`).join("\n");
  const table = await read(`n,<text>\n${rows}\n`);
  const html = (table as never as Record<symbol, () => Record<string, string>>)[
    Symbol.for("Jupyter.display")
  ]!();
  expect(html["text/html"]).toContain("100 rows, 2 columns: 1 of numbers, 1 of text");
  expect(html["text/html"]).toContain("&#60;b&#62;99");
  expect(html["text/html"]).not.toContain("<b>");
  expect(html["text/html"]).not.toMatch(/>50</);
  expect(String(table).split("\n")).toHaveLength(11);
});

test("what writeCsv writes, readCsv reads", async () => {
  const cell = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('"', ",", "a\r\nb", " x ", "ü"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ n: fc.double({ noNaN: true, noDefaultInfinity: true }), "t,": cell }), {
        minLength: 1,
      }),
      async (records) => {
        const path = join(folder, "written.csv");
        // One row that is certainly text.
        const all = [{ n: 0.5, "t,": "x" }, ...records];
        await writeCsv(path, all);
        const table = await readCsv(path);
        expect(table.column("n").map((n) => (n as number) + 0)).toEqual(all.map(({ n }) => n + 0));
        expect(table.column("t,")).toEqual(all.map((record) => record["t,"]));
        await writeCsv(path, table);
        expect((await readCsv(path)).toRecords()).toEqual(table.toRecords());
      },
    ),
    { numRuns: 50 },
  );
});

test("writes tensors and rows, and refuses shares and odd shapes", async () => {
  const path = join(folder, "tensor.csv");
  await writeCsv(path, new FloatTensor([[1, 2.5]]), { header: ["a", "b"] });
  expect(readFileSync(path, "utf8")).toBe("a,b\r\n1,2.5\r\n");
  await writeCsv(path, new LongTensor([2n ** 62n, 1n]));
  expect(readFileSync(path, "utf8")).toBe("4611686018427387904\r\n1\r\n");
  const share = longTensor(ring64.fromBigInts([12345n]), [1], 0, { isShare: true });
  await expect(writeCsv(path, share)).rejects.toThrow("one party's share of a secret");
  await expect(writeCsv(path, [[1], [2, 3]])).rejects.toThrow("row 1 has 2 cells, and row 0 has 1");
  await expect(writeCsv(path, FloatTensor.zeros(1, 1, 1))).rejects.toThrow("at most two axes");
  await expect(writeCsv(path, [[1, 2]], { header: ["a"] })).rejects.toThrow("1 names for 2 columns");
  await expect(writeCsv(join(folder, "none/x.csv"), [[1]])).rejects.toThrow(/there is no folder .*create it/);
  // A write that failed leaves the earlier file.
  expect(readFileSync(path, "utf8")).toContain("4611686018427387904");
  symlinkSync(path, join(folder, "link.csv"));
  await expect(writeCsv(join(folder, "link.csv"), [[1]])).rejects.toThrow("is a link, and is left as it is");
});

test("a large file takes memory for its values only", async () => {
  const path = join(folder, "large.csv");
  const line = `${"1.2345678901234567,".repeat(9)}1.5\n`;
  writeFileSync(path, `${Array.from({ length: 10 }, (_, i) => `c${i}`).join(",")}\n`);
  for (let i = 0; i < 10; i++) writeFileSync(path, line.repeat(10_000), { flag: "a" });
  let most = 0;
  const before = process.memoryUsage().arrayBuffers;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 20);
  const table = await readCsv(path);
  clearInterval(timer);
  expect(table.size()).toEqual([100_000, 10]);
  // The file has 18 MB of text, its values 8 MB, and a growing column is there twice for a moment.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(32e6);
});
