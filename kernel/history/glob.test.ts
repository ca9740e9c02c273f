import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fc } from "../../test/support/random";
import { glob } from "./glob";
import { History } from "./history";

/** The same meaning, written down as it is said; takes exponential time. */
function reference(pattern: readonly string[], text: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === "*") {
    return text.some((_, i) => reference(rest, text.slice(i))) || reference(rest, []);
  }
  const [character, ...more] = text;
  if (character === undefined) return false;
  if (head === "?") return reference(rest, more);
  if (head !== "[") return head === character && reference(rest, more);
  const none = rest[0] === "^";
  const from = none ? 1 : 0;
  const end = rest.indexOf("]", from + 1);
  if (end < 0) return false;
  const set = rest.slice(from, end).join("");
  const pieces = [...set.matchAll(/(.)-(.)|(.)/gsu)];
  const inside = pieces.some(([, low, high, one]) =>
    // A range has its beginning in it, even one that ends before it begins.
    one === undefined ? low === character || (low! <= character && character <= high!) : one === character,
  );
  return inside !== none && reference(rest.slice(end + 1), more);
}

/** 20,000 characters, each another one. */
const many = String.fromCodePoint(...Array.from({ length: 20_000 }, (_, i) => 0x4e00 + i));
const of = (alphabet: string, maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((characters) => characters.join(""));
const patterns = of("ab*?*?[]^-c", 12);
const texts = of("abc-]^", 9);

test("a pattern matches what the reference matches", () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      expect(glob(pattern)(text), `${pattern} on ${text}`).toBe(reference([...pattern], [...text]));
    }),
    { numRuns: 20_000 },
  );
});

test("long segments, with and without ? and sets, are found wherever they are", () => {
  const pieces = fc.array(fc.constantFrom("a", "b", "?", "[ab]", "[^b]"), { minLength: 1, maxLength: 70 });
  fc.assert(
    fc.property(pieces, of("ab", 200), of("ab", 60), (segment, before, after) => {
      const middle = segment.map((token) => (token === "b" ? "b" : "a")).join("");
      expect(glob(`*${segment.join("")}*`)(before + middle + after)).toBe(true);
      const text = before + after;
      const somewhere = [...text].some((_, i) =>
        segment.every((token, j) => reference([...token], [...text.slice(i + j, i + j + 1)])),
      );
      expect(glob(`*${segment.join("")}*`)(text)).toBe(somewhere);
    }),
    { numRuns: 2_000 },
  );
});

// Python is there wherever Jupyter is.
const python = spawnSync("python3", ["-c", "import sqlite3"]).status === 0;
test.skipIf(!python)("a pattern matches what it matches in SQLite, which IPython uses", () => {
  const cases = [
    ...fc.sample(fc.tuple(patterns, texts), 4_000),
    ...([
      ["[a-]", "-"],
      ["[]]", "]"],
      ["[^]]", "a"],
      ["[a", "a"],
      ["[", "["],
      ["[z-a]", "b"],
      ["[z-a]", "z"],
      ["[z-a]", "a"],
      ["[--c]", "b"],
      ["?", "😀"],
      ["[😀]", "😀"],
      ["A", "a"],
      ["*\\n*", "a\\nb"],
      ["x\n*", "x\ny"],
    ] as [string, string][]),
  ];
  const script = `
import json, sqlite3, sys
ask = sqlite3.connect(":memory:").execute
print(json.dumps([bool(ask("select ? glob ?", (text, pattern)).fetchone()[0]) for pattern, text in json.load(sys.stdin)]))
`;
  const { stdout, stderr } = spawnSync("python3", ["-c", script], {
    input: JSON.stringify(cases),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const said: boolean[] = JSON.parse(stdout);
  for (const [i, [pattern, text]] of cases.entries())
    expect(glob(pattern)(text), `${JSON.stringify(pattern)} on ${JSON.stringify(text)}`).toBe(said[i]);
});

describe("the time of a search grows no faster than its input", () => {
  const search = (pattern: string, input: string) => {
    const history = new History();
    for (let i = 1; i <= 20; i++) history.add(i, input);
    const begun = performance.now();
    const found = history.find({ hist_access_type: "search", pattern, unique: true });
    return { ms: performance.now() - begun, found };
  };

  test.each([
    ["six stars", "******~", "const x = new SharedVariable(new Variable(raw), iface); x.mul(x).reveal()"],
    ["stars and letters", `${"*a".repeat(2000)}*~`, "a".repeat(20_000)],
    ["a literal that nearly fits everywhere", `*${"a".repeat(9_000)}b*`, "a".repeat(20_000)],
    ["a literal that fits but for its beginning", `*b${"a".repeat(9_000)}*`, "a".repeat(20_000)],
    ["question marks", `*${"?a".repeat(250)}b*`, "a".repeat(20_000)],
    ["sets", `*${"[a-z]".repeat(500)}~*`, "a".repeat(20_000)],
    ["more question marks than a pattern may have", `*${"?".repeat(200_000)}b*`, "a".repeat(20_000)],
    ["a long set", `*[${"x".repeat(200_000)}]*`, "a".repeat(20_000)],
    ["a long set and many characters", `*[^${many}]*`, many],
    ["long sets and many characters", `*${"[a-z]".repeat(400)}[${many}]~*`, many],
    ["sets that are not closed", "[".repeat(20_000), "a".repeat(20_000)],
  ])("%s", (_, pattern, input) => {
    const { ms, found } = search(pattern, input);
    expect(found).toEqual([]);
    expect(ms).toBeLessThan(2_000);
  });

  test("unique inputs are found among many", () => {
    const history = new History();
    for (let i = 0; i < 40_000; i++) history.add(i, `cell ${i % 20_000}`);
    const begun = performance.now();
    const found = history.find({ hist_access_type: "search", pattern: "cell *", unique: true, n: 2 });
    expect(found).toEqual([
      [1, 39_998, "cell 19998"],
      [1, 39_999, "cell 19999"],
    ]);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
