import { describe, expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import type { OperationLink } from "../../channel/operation-link";
import { createPrg } from "../../crypto/prg";
import { ring64 } from "../../ring";
import { addShares } from "../../sharing/authenticated";
import { addDemands, type Demand, NO_DEMAND } from "../demand";
import { MatrixMasks } from "../matrix-masks";
import { enter } from "./enter";
import { input } from "./input";
import { matmul } from "./matmul";
import { multiply, multiplyShares } from "./multiply";
import { reveal, revealTo } from "./reveal";
import { AuthenticatedSession, type AuthenticatedSessionOptions } from "./session";
import { square } from "./square";
import { truncate } from "./truncate";

const seed = (n: number) => new Uint8Array(16).fill(n);

async function createSessions(options: AuthenticatedSessionOptions = {}) {
  const sessions = [0, 1].map(
    (p) => new AuthenticatedSession({ random: createPrg(seed(p + 1)), ...options }),
  ) as [AuthenticatedSession, AuthenticatedSession];
  await runBoth(
    createLinkPair(),
    (l) => sessions[0].setUp(l),
    (l) => sessions[1].setUp(l),
  );
  return sessions;
}

async function both<T>(
  sessions: readonly [AuthenticatedSession, AuthenticatedSession],
  body: (session: AuthenticatedSession, link: OperationLink) => Promise<T>,
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
    const demand = addDemands(
      input.demand({ owner: 0, length: 3 }),
      input.demand({ owner: 1, length: 3 }),
      multiply.demand({ length: 3 }),
      square.demand({ length: 3 }),
      reveal.demand({ length: 3 }),
    );
    const results = await both(sessions, (session, link) =>
      session.issue(demand).run(link, async (ctx) => {
        const x = await input.run(ctx, [link.party === 0 ? v(3, -4, 5n << 40n) : undefined], {
          owner: 0,
          length: 3,
        });
        const y = await input.run(ctx, [link.party === 1 ? v(7, 11, -1) : undefined], {
          owner: 1,
          length: 3,
        });
        const z = addShares(await multiplyShares(ctx, x, y), await square.run(ctx, [x]));
        return ring64.toSignedBigInts(await ctx.reveal(z));
      }),
    );
    const expected = [21n + 9n, -44n + 16n, -(5n << 40n) + BigInt.asIntN(64, 25n << 80n)];
    expect(results).toEqual([expected, expected]);
  });

  test("multiplies matrices of classic shares, truncates, and reveals to one party", async () => {
    const sizes = [1, 2, 1] as const;
    const setting = { can: { truncation: "bits", matrices: false }, masks: new MatrixMasks() } as const;
    const factors = { sizes, left: {}, right: {} };
    const product = matmul.demand(factors, setting);
    const demand = addDemands(
      enter.demand({ length: 2 }),
      enter.demand({ length: 2 }),
      product,
      truncate.demand({ length: 1, bits: 16 }, setting),
      revealTo.demand({ to: 1, length: 1 }),
    );
    const results = await both(sessions, (session, link) =>
      session.issue(demand).run(link, async (ctx) => {
        const one = 1n << 16n;
        const x = await enter.run(ctx, [link.party ? v(-5, 0) : v(5n + one * 2n, one * 3n)], { length: 2 });
        const w = await enter.run(ctx, [link.party ? v(0, 77) : v(one * 3n, -77n + one * 2n)], { length: 2 });
        const exact = await matmul.run(ctx, [x, w], factors, product);
        const rounded = await truncate.run(ctx, [exact], { length: 1, bits: 16 });
        const value = await revealTo.run(ctx, [rounded], { to: 1, length: 1 });
        return value && ring64.toBigInts(value);
      }),
    );
    expect(results).toEqual([undefined, [12n << 16n]]);
  });

  test("operations interleave", async () => {
    const pairs = Array.from({ length: 6 }, () => createLinkPair());
    const run = (session: AuthenticatedSession, party: 0 | 1) => {
      const operations = pairs.map((_, i) =>
        session.issue(
          addDemands(
            input.demand({ owner: 0, length: 1 }),
            multiply.demand({ length: 1 }),
            i % 2 ? reveal.demand({ length: 1 }) : NO_DEMAND,
          ),
        ),
      );
      const order = party === 0 ? [0, 1, 2, 3, 4, 5] : [5, 4, 3, 2, 1, 0];
      return Promise.all(
        order.map(async (i) => {
          const link = pairs[i]![party];
          const value = await operations[i]!.run(link, async (ctx) => {
            const x = await input.run(ctx, [party === 0 ? v(i + 1) : undefined], { owner: 0, length: 1 });
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

test("openings are checked in time even if nothing is revealed, and the logs stay short", async () => {
  const sessions = await createSessions({ checkAllEvery: 20 });
  const demand: Demand = addDemands(input.demand({ owner: 0, length: 3 }), multiply.demand({ length: 3 }));
  const sizes: number[] = [];
  for (let i = 0; i < 9; i++) {
    // Each opens 6; every fourth finds more than 20 and checks them all.
    const operations = sessions.map((session) => session.issue(demand));
    await runBoth(
      createLinkPair(),
      ...(operations.map(
        (operation) => (link: OperationLink) =>
          operation.run(link, async (ctx) => {
            const x = await input.run(ctx, [link.party === 0 ? v(1, 2, 3) : undefined], {
              owner: 0,
              length: 3,
            });
            await multiplyShares(ctx, x, x);
          }),
      ) as [(link: OperationLink) => Promise<void>, (link: OperationLink) => Promise<void>]),
    );
    sizes.push(operations[0]!.log.size);
  }
  expect(sizes).toEqual([6, 6, 6, 0, 6, 6, 6, 0, 6]);
});
