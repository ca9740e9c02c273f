import { expect, test } from "vitest";
import { logTo } from "./dealer-log";

test("a flood of events is logged in a few lines, and the next line counts the omitted events", async () => {
  const lines: string[] = [];
  const tell = logTo((text) => lines.push(text));
  for (let i = 0; i < 10_000; i++) tell({ type: "refused", why: `reason ${i}` });
  for (let i = 0; i < 10_000; i++) tell({ type: "stranger" });
  expect(lines.length).toBeLessThan(70);
  expect(lines[0]).toBe("refused: reason 0");
  const before = lines.length;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  tell({ type: "refused", why: "another" });
  tell({ type: "stranger" });
  expect(lines.slice(before)).toEqual([
    expect.stringMatching(/^\(99\d\d lines left out: too many at once\)$/),
    "refused: another",
    "refused: a connection without a key that is served (10001 so far)",
  ]);
});
