// The committed notebooks: outputs of a real run, the values they should be, and nothing that a share or key shows in.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { root } from "./root";

interface Output {
  output_type: string;
  data?: Record<string, string | string[]>;
  text?: string | string[];
}
interface Cell {
  cell_type: string;
  execution_count: number | null;
  metadata: { spdzlab?: { expect?: string; secret?: boolean } };
  outputs: Output[];
  source: string | string[];
}

const joined = (text: string | string[] | undefined) => (Array.isArray(text) ? text.join("") : (text ?? ""));
const numbers = (text: string) => (text.match(/(?<![\w.])-?\d+(\.\d+)?/g) ?? []).map(Number);
/** The values of a result; the size in its last line is none. */
const shown = (text: string) => numbers(text.replace(/\[\w+ of size [^\]]*\]\s*$/, ""));

/** The things that a notebook must not hold, each with a sentence. */
function leaks(text: string, cells: Cell[]): string[] {
  const found = cells
    .filter((cell) => cell.metadata.spdzlab?.secret === true && cell.outputs.length > 0)
    .map((cell) => `the share that ${joined(cell.source)} shows is saved`);
  const outputs = JSON.stringify(cells.map((cell) => cell.outputs));
  // A word of a share is uniform mod 2^64, so nearly always longer than any number that the demo opens.
  if (/(?<![\w.])-?\d{12,}/.test(outputs))
    found.push("an output holds a number as long as a word of a share");
  if (/spdzlab-key-|secretKey|publicKey/.test(text)) found.push("a key");
  if (/token=/.test(text)) found.push("a token");
  return found;
}

const names = readdirSync(`${root}notebooks`).filter((name) => name.endsWith(".ipynb"));

describe.each(names)("%s", (name) => {
  const text = readFileSync(`${root}notebooks/${name}`, "utf8");
  const cells = (JSON.parse(text).cells as Cell[]).filter((cell) => cell.cell_type === "code");

  // The lesson on cheating ends in errors; test/setup/cheating.test.ts runs it.
  const replayed = !name.startsWith("cheating-");

  if (replayed)
    test("was run from its beginning to its end", () => {
      expect(cells.map((cell) => cell.execution_count)).toEqual(cells.map((_, index) => index + 1));
      expect(
        cells.flatMap((cell) => cell.outputs).filter((output) => output.output_type === "error"),
      ).toEqual([]);
    });

  if (replayed)
    test("holds the values it expects", () => {
      const checked = cells.filter((cell) => cell.metadata.spdzlab?.expect !== undefined);
      expect(checked.length).toBeGreaterThan(0);
      for (const cell of checked) {
        const result = cell.outputs.find((output) => output.output_type === "execute_result");
        expect(shown(joined(result?.data?.["text/plain"])), joined(cell.source)).toEqual(
          numbers(cell.metadata.spdzlab!.expect!),
        );
      }
    });

  test("holds no share and no key", () => {
    expect(leaks(text, cells)).toEqual([]);
  });
});

test("the test finds a share or a key in a notebook", () => {
  const output = { output_type: "execute_result", data: { "text/plain": ["-4611686018427387904"] } };
  const cell: Cell = { cell_type: "code", execution_count: 1, metadata: {}, outputs: [output], source: "x" };
  expect(leaks("", [cell])).toHaveLength(1);
  expect(leaks("", [{ ...cell, metadata: { spdzlab: { secret: true } } }])).toHaveLength(2);
  expect(leaks("spdzlab-key-AAAA", [])).toEqual(["a key"]);
});
