// A short part of the soak test, with fixed seeds. `npm run test:soak` runs it for minutes.
import { beforeAll, expect, test } from "vitest";
import { assertBuilt } from "../kernel/client";
import { emptyTally, soakSession, summary } from "./soak/soak";

beforeAll(() => assertBuilt());

for (const [encrypted, seed] of [
  [false, 20_261],
  [true, 20_262],
] as const) {
  test(`products continue through 40 faults ${encrypted ? "with" : "without"} CURVE, seed ${seed}`, async () => {
    const tally = emptyTally();
    await soakSession(seed, encrypted, 40, tally);
    const text = `seed ${seed}: ${summary(tally)}`;
    expect(tally.attempts, text).toBeGreaterThanOrEqual(40);
    expect([...tally.aborts, ...tally.hangs, ...tally.wrong, ...tally.ended], text).toEqual([]);
    expect(tally.mostRss, text).toBeLessThan(600 * 2 ** 20);
  }, 300_000);
}
