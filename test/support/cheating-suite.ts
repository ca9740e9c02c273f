import { afterAll, describe, expect, test } from "vitest";
import { cheat, Totals } from "./cheating";
import { scenarios } from "./scenarios";

/**
 * A test for each protocol and each cheater: every message altered, and nothing gained.
 *
 * @param ways - of a protocol that is slow, the alterations tried; all of them where there is no entry
 */
export function describeCheating<Key extends keyof typeof scenarios>(
  title: string,
  keys: readonly Key[],
  ways: { readonly [key in Key]?: readonly string[] | undefined } = {},
): void {
  const totals = new Totals();
  describe(title, () => {
    for (const key of keys) {
      for (const cheater of [0, 1] as const) {
        test(`${scenarios[key].name}: party ${cheater} cheats and gains nothing`, async () => {
          const tally = await cheat(scenarios[key], cheater, ways[key]);
          totals.add(tally);
          expect(tally.check).toBeGreaterThan(0);
        });
      }
    }

    afterAll(() => console.log(String(totals)));
  });
}
