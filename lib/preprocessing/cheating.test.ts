import { afterAll, describe, expect, test } from "vitest";
import { cheat, slowAlterations, Totals } from "../../test/cheating";
import { scenarios } from "../../test/scenarios";

const totals = new Totals();
const few = {
  setUp: slowAlterations("a flipped bit in each 16 bytes"),
  squares: slowAlterations("a flipped bit in each 16 bytes", "a replay"),
};

describe("every message of preprocessing altered", () => {
  for (const key of [
    "commitment",
    "coins",
    "setUp",
    "extension",
    "randoms",
    "inputMasks",
    "triples",
    "squares",
  ] as const) {
    for (const cheater of [0, 1] as const) {
      test(`${scenarios[key].name}: party ${cheater} cheats and gains nothing`, async () => {
        const names = key === "setUp" || key === "squares" ? few[key] : undefined;
        const tally = await cheat(scenarios[key], cheater, names);
        totals.add(tally);
        expect(tally.check).toBeGreaterThan(0);
      });
    }
  }

  afterAll(() => console.log(String(totals)));
});
