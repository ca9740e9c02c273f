import { join } from "node:path";
import { expect, test } from "vitest";
import { scenarios } from "../../../test/support/scenarios";
import { compareWire } from "../../../test/support/wire";

test("the messages of every protocol match the recorded digests", async () => {
  const starts = Object.entries(scenarios).map(([name, { start }]) => [name, start] as const);
  const { found, committed } = await compareWire(
    join(__dirname, "wire-digests.json"),
    Object.fromEntries(starts),
  );
  expect(found).toEqual(committed);
});
