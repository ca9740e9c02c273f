import { describe, expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import { addNeeds } from "../../preprocessing/kinds/kinds";
import { ring64 } from "../../ring";
import { addShares } from "../../sharing/authenticated";
import { authenticateNeeds, authenticateShare, input, inputNeeds } from "./input";
import {
  multiplyMatrices,
  multiplyMatricesNeeds,
  multiplyNeeds,
  multiplyShares,
  squareNeeds,
  squareShares,
} from "./multiply";
import { MaliciousSession, type MaliciousSessionOptions, revealToNeeds } from "./session";
import { truncateNeeds, truncateShares } from "./truncate";

const seed = (n: number) => new Uint8Array(16).fill(n);

async function createSessions(options: MaliciousSessionOptions = {}) {
  const sessions = [0, 1].map(
    (p) => new MaliciousSession({ random: createPrg(seed(p + 1)), ...options }),
  ) as [MaliciousSession, MaliciousSession];
  await runBoth(
    createLinkPair(),
    (l) => sessions[0].setUp(l),
    (l) => sessions[1].setUp(l),
  );
  return sessions;
}

async function both<T>(
  sessions: readonly [MaliciousSession, MaliciousSession],
  body: (session: MaliciousSession, link: OperationLink) => Promise<T>,
): Promise<[T, T]> {
  return runBoth(
    createLinkPair(),
    (l) => body(sessions[0], l),
    (l) => body(sessions[1], l),
  );
}

const v = (...values: (number | bigint)[]) => ring64.fromBigInts(values.map(BigInt));

describe("a session with malicious security", async () => {
  const sessions = await createSessions();

  test("computes on inputs of both parties", async () => {
    const needs = addNeeds(inputNeeds(0, 3), inputNeeds(1, 3), multiplyNeeds(3), squareNeeds(3));
    const results = await both(sessions, (session, link) =>
      session.issue({ needs, reveals: 3 }).run(link, async (ctx) => {
        const x = await input(ctx, 0, 3, link.party === 0 ? v(3, -4, 5n << 40n) : undefined);
        const y = await input(ctx, 1, 3, link.party === 1 ? v(7, 11, -1) : undefined);
        const z = addShares(await multiplyShares(ctx, x, y), await squareShares(ctx, x));
        return ring64.toSignedBigInts(await ctx.reveal(z));
      }),
    );
    const expected = [21n + 9n, -44n + 16n, -(5n << 40n) + BigInt.asIntN(64, 25n << 80n)];
    expect(results).toEqual([expected, expected]);
  });

  test("multiplies matrices of classic shares, truncates, and reveals to one party", async () => {
    const sizes = [1, 2, 1] as const;
    const needs = addNeeds(
      authenticateNeeds(2),
      authenticateNeeds(2),
      multiplyMatricesNeeds(sizes),
      truncateNeeds(1),
      revealToNeeds(1, 1),
    );
    const results = await both(sessions, (session, link) =>
      session.issue({ needs, reveals: 1 }).run(link, async (ctx) => {
        const one = 1n << 16n;
        const x = await authenticateShare(ctx, link.party ? v(-5, 0) : v(5n + one * 2n, one * 3n));
        const w = await authenticateShare(ctx, link.party ? v(0, 77) : v(one * 3n, -77n + one * 2n));
        const product = await truncateShares(ctx, await multiplyMatrices(ctx, x, w, sizes), 16);
        const value = await ctx.revealTo(1, product);
        return value && ring64.toBigInts(value);
      }),
    );
    expect(results).toEqual([undefined, [12n << 16n]]);
  });

  test("operations interleave", async () => {
    const pairs = Array.from({ length: 6 }, () => createLinkPair());
    const run = (session: MaliciousSession, party: 0 | 1) => {
      const operations = pairs.map((_, i) =>
        session.issue({ needs: addNeeds(inputNeeds(0, 1), multiplyNeeds(1)), reveals: i % 2 }),
      );
      const order = party === 0 ? [0, 1, 2, 3, 4, 5] : [5, 4, 3, 2, 1, 0];
      return Promise.all(
        order.map(async (i) => {
          const link = pairs[i]![party];
          const value = await operations[i]!.run(link, async (ctx) => {
            const x = await input(ctx, 0, 1, party === 0 ? v(i + 1) : undefined);
            const z = await multiplyShares(ctx, x, x);
            return i % 2 ? ring64.toBigInts(await ctx.reveal(z))[0] : undefined;
          });
          return [i, value] as const;
        }),
      );
    };
    const [zero, one] = await Promise.all([run(sessions[0], 0), run(sessions[1], 1)]);
    for (const results of [zero, one])
      for (const [i, value] of results) expect(value).toBe(i % 2 ? BigInt((i + 1) ** 2) : undefined);
  });
});

test("openings that nobody reveals are checked in time, and the logs stay short", async () => {
  const sessions = await createSessions({ checkAllEvery: 20 });
  const needs = addNeeds(inputNeeds(0, 3), multiplyNeeds(3));
  const sizes: number[] = [];
  for (let i = 0; i < 9; i++) {
    // Each opens 6; every fourth finds more than 20 and checks them all.
    const operations = sessions.map((session) => session.issue({ needs, openings: 6 }));
    await runBoth(
      createLinkPair(),
      ...(operations.map(
        (operation) => (link: OperationLink) =>
          operation.run(link, async (ctx) => {
            const x = await input(ctx, 0, 3, link.party === 0 ? v(1, 2, 3) : undefined);
            await multiplyShares(ctx, x, x);
          }),
      ) as [(link: OperationLink) => Promise<void>, (link: OperationLink) => Promise<void>]),
    );
    sizes.push(operations[0]!.log.size);
  }
  expect(sizes).toEqual([6, 6, 6, 0, 6, 6, 6, 0, 6]);
});
