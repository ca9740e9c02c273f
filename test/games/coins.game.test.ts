// Coin tossing against an adversary that tries to steer the result.
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { tossCoins } from "../../lib/crypto/coins";
import { broken, mend } from "./broken";
import { against, type Exchange, pastOf, strategies, VALUES } from "./committing";
import { max, mean, report, upTo } from "./game";

vi.mock("../../lib/crypto/hash", async (original) =>
  (await import("./broken.js")).breaking(await original()),
);
afterEach(mend);

/** Draw a party's share of the coins from a few values, with real nonces. The coin is one bit of the result. */
const exchange: Exchange = async (link, identity, value) => {
  const fill = (bytes: Uint8Array) => {
    if (bytes.length === 16) bytes.fill(value);
    else identity.random.fill(bytes);
  };
  return (await tossCoins(link, { ...identity, random: { fill } }, "game"))[0]! & 1;
};
const withValue = (opening: Uint8Array, value: number) => {
  const changed = opening.slice();
  changed.fill(value, opening.length - 16);
  return changed;
};
const values = upTo(VALUES);

/** The coin that both shares give if both parties are honest. It comes from a hash, so it is fair only on average. */
const coins = values.map(() => values.map(() => 0));
beforeAll(async () => {
  for (const mine of values) {
    const [honest] = strategies(await pastOf(exchange, mine), withValue);
    for (const theirs of values)
      coins[mine]![theirs] = (await against(exchange, mine, { ...honest!, value: theirs }))!;
  }
});

/** An adversary that chooses its share before it has seen anything. */
const blind = (aim: number) =>
  max(values, (theirs) => mean(values, (mine) => Number(coins[mine]![theirs] === aim)));

/** The probability that the honest party accepts the best adversary's aim. Its opening depends on all it has seen. */
async function best(aim: number): Promise<number> {
  const outcomes = new Map<string, Map<number, number>>();
  for (const mine of values)
    for (const strategy of strategies(await pastOf(exchange, mine), withValue)) {
      const commitment = strategy.name.slice(0, strategy.name.indexOf(","));
      const hit = (await against(exchange, mine, strategy)) === aim ? 1 : 0;
      const row = outcomes.get(commitment) ?? new Map<number, number>();
      row.set(mine, Math.max(row.get(mine) ?? 0, hit));
      outcomes.set(commitment, row);
    }
  return max(outcomes.values(), (row) => mean(values, (value) => row.get(value)!));
}

const toy = `${VALUES} shares each, a coin of one bit`;

test.each([0, 1])("no adversary gets the coin %d more often than by chance", async (aim) => {
  const row = report({ check: `coins, steered to ${aim}`, toy, bound: blind(aim), best: await best(aim) });
  expect(row.best).toBe(row.bound);
  expect(row.bound).toBeLessThan(1);
});

test("the game finds the mutant whose commitments do not bind the share", async () => {
  broken.value = true;
  const value = await best(1);
  report({ check: "mutant: the share is not bound", toy, bound: blind(1), best: value });
  expect(value).toBeGreaterThan(blind(1));
});
