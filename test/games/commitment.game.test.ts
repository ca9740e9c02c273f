// Commitments against an adversary that tries to open a value derived from the honest party's.
import { afterEach, expect, test, vi } from "vitest";
import { exchangeCommitted } from "../../lib/crypto/commitment";
import { hashLabelled } from "../../lib/crypto/hash";
import { broken, mend } from "./broken";
import { against, type Exchange, pastOf, SESSION, type Strategy, strategies, VALUES } from "./committing";
import { max, mean, report, upTo } from "./game";

vi.mock("../../lib/crypto/hash", async (original) =>
  (await import("./broken.js")).breaking(await original()),
);
afterEach(mend);

const exchange: Exchange = async (link, identity, value) =>
  (await exchangeCommitted(link, identity, "game", Uint8Array.of(value)))[0]!;
const withValue = (opening: Uint8Array, value: number) => {
  const changed = opening.slice();
  changed[changed.length - 1] = value;
  return changed;
};

/** The value that the adversary aims at: the honest party's own, or one that depends on it. */
const aims: [string, (value: number) => number][] = [
  ["the same value", (value) => value],
  ["its negative", (value) => (VALUES - value) % VALUES],
  ["one more", (value) => (value + 1) % VALUES],
];

/**
 * The probability that the honest party accepts the value that the best adversary aims at. The adversary's commitment
 * cannot depend on a value that is hidden; its opening can depend on everything opened before.
 */
async function best(aim: (value: number) => number): Promise<number> {
  const values = upTo(VALUES);
  const outcomes = new Map<string, Map<number, number>>();
  for (const honest of values) {
    const all: Strategy[] = strategies(await pastOf(exchange, honest), withValue);
    for (const strategy of all) {
      const commitment = strategy.name.slice(0, strategy.name.indexOf(","));
      const hit = (await against(exchange, honest, strategy)) === aim(honest) ? 1 : 0;
      const row = outcomes.get(commitment) ?? new Map<number, number>();
      row.set(honest, Math.max(row.get(honest) ?? 0, hit));
      outcomes.set(commitment, row);
    }
  }
  return max(outcomes.values(), (row) => mean(values, (value) => row.get(value)!));
}

test.each(aims)("no adversary opens %s more often than by a guess", async (name, aim) => {
  const row = report({
    check: `commitment, ${name}`,
    toy: `${VALUES} values`,
    bound: 1 / VALUES,
    best: await best(aim),
  });
  expect(row.best).toBe(row.bound);
});

test.each([
  ["an echoed commitment is accepted", { sender: true }, aims[0]![1]],
  ["the value is not bound", { value: true }, aims[2]![1]],
])("the game finds the mutant in which %s", async (name, how, aim) => {
  Object.assign(broken, how);
  const value = await best(aim);
  report({ check: `mutant: ${name}`, toy: `${VALUES} values`, bound: 1 / VALUES, best: value });
  expect(value).toBe(1);
});

test("a commitment hides: an adversary that hashes every value itself finds it only if the nonce is left out", async () => {
  const found = async (honest: number) => {
    const [commitment] = (await pastOf(exchange, honest)).theirs;
    // The first exchange of this purpose, by party 0.
    const hash = (value: number) =>
      hashLabelled("commitment/game", SESSION, new Uint8Array(9), new Uint8Array(32), Uint8Array.of(value));
    return upTo(VALUES).filter((value) => Buffer.compare(hash(value), commitment!) === 0);
  };
  for (const honest of upTo(VALUES)) expect(await found(honest)).toEqual([]);
  broken.nonce = true;
  for (const honest of upTo(VALUES)) expect(await found(honest)).toEqual([honest]);
});
