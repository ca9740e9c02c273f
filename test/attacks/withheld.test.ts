// A party sees the other's share of a check, or of coins, and withholds its own: at every opening, while a result waits to
// be revealed in another operation. Nothing may be revealed, and the keys must be destroyed.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CheckError } from "../../lib/errors";
import type { Needs } from "../../lib/preprocessing/kinds/kinds";
import { input } from "../../lib/protocol/authenticated/input";
import { multiply, multiplyShares } from "../../lib/protocol/authenticated/multiply";
import { reveal } from "../../lib/protocol/authenticated/reveal";
import { AuthenticatedSession } from "../../lib/protocol/authenticated/session";
import { addDemands } from "../../lib/protocol/demand";
import { ring64 } from "../../lib/ring";
import { createLinkPair, endLink, type Passing } from "../support/links";
import { dealOtStates, dealSessions } from "../support/machines";

const OPENING = "opened commitment";
/** Bytes of opened coins; a share of a check is longer. */
const COINS_BYTES = 48;
const OWED_MS = 400;

/** Wait until a session has ended, which must happen within its deadline. */
async function caught(session: AuthenticatedSession): Promise<void> {
  while (!session.failure) await sleep(5);
}

/** Party 1's treatment of one opening on the production link, by its number since party 1 began to cheat. */
interface Cheat {
  readonly opening: number;
  readonly how: "withholds" | "hangs up";
}

/**
 * Party 0 multiplies and reveals while other items are made in the background.
 *
 * @returns the value that party 0 received, the error that ended its session, and the number of openings party 1 owed
 */
async function run(cheat?: Cheat, made: Needs = { triple: 32 }) {
  const states = dealOtStates(11);
  const sessions = states.map(
    (state) => new AuthenticatedSession({ owedMs: OWED_MS, insecureOtState: () => Promise.resolve(state) }),
  ) as [AuthenticatedSession, AuthenticatedSession];
  let openings = 0;
  let cheating = false;
  let silent = false;
  let ofCheck = false;
  const production = createLinkPair((message: Passing) => {
    if (message.from !== 1 || !cheating) return;
    if (message.what === OPENING && openings++ === cheat?.opening) {
      silent = true;
      ofCheck = message.payload.length > COINS_BYTES;
      if (cheat.how === "hangs up") setImmediate(() => endLink(production[0]));
    }
    if (silent) message.withheld = true;
  });
  await Promise.all(sessions.map((session, party) => session.setUp(production[party as 0 | 1])));
  const demand = addDemands(input.demand({ owner: 0, length: 2 }), multiply.demand({ length: 1 }));
  const links = createLinkPair();
  const operations = sessions.map((session) =>
    session.issue(addDemands(demand, reveal.demand({ length: 1 }))),
  );
  await Promise.all(sessions.map((session) => session.prefetched()));
  cheating = true;
  for (const session of sessions) session.prefetch(made);
  // The reveal reaches its gate after this opening is owed.
  while (cheat && !silent) await sleep(1);
  let revealed: bigint[] | undefined;
  const running = operations.map((operation, party) =>
    operation.run(links[party as 0 | 1], async (ctx) => {
      const x = await input.run(ctx, [party === 0 ? ring64.fromBigInts([6n, 7n]) : undefined], {
        owner: 0,
        length: 2,
      });
      const [a, b] = [0, 1].map((i) => ({
        value: x.value.ring.slice(x.value, i, i + 1),
        mac: x.mac.ring.slice(x.mac, i, i + 1),
      }));
      return ring64.toBigInts(await ctx.reveal(await multiplyShares(ctx, a!, b!)));
    }),
  );
  const honest = running[0]!.then(
    (value) => {
      revealed = value;
    },
    () => undefined,
  );
  running[1]!.catch(() => undefined);
  if (cheat) await caught(sessions[0]);
  else await Promise.all([...sessions.map((session) => session.prefetched()), honest]);
  for (const link of [...production, ...links]) endLink(link);
  const failure = sessions[0].failure;
  for (const session of sessions) session.close();
  await honest;
  const keys = await sessions[0].ready().catch((error: Error) => error);
  const { keeper, sender } = states[0];
  return { revealed, failure, openings, ofCheck, keys, alpha: keeper.alpha, delta: sender.delta };
}

test("if neither party withholds, the product is correct", async () => {
  const { revealed, failure, openings } = await run();
  expect(revealed).toEqual([42n]);
  expect(failure).toBeUndefined();
  // The coins of extension, combination, authentication, sacrifice and noise, and the shares of two checks.
  expect(openings).toBeGreaterThanOrEqual(8);
});

test.each([
  ["withholds", { triple: 32 }, 2],
  ["hangs up", { triple: 32 }, 2],
  // The sacrifice. The share of the last check is as long as coins, so it is not told apart.
  ["withholds", { bits: 16 }, 1],
  ["hangs up", { bits: 16 }, 1],
  // The comparison of leaky ANDs.
  ["withholds", { andtriple: 512 }, 1],
  ["hangs up", { andtriple: 512 }, 1],
] as const)(
  "a party that %s at any opening is caught, and the other one's keys are gone, making %o",
  async (how, made, ofChecks) => {
    const { openings } = await run(undefined, made);
    let checks = 0;
    for (let opening = 0; opening < openings; opening++) {
      const { failure, keys, alpha, delta, revealed, ofCheck } = await run({ opening, how }, made);
      const which = `opening ${opening}`;
      expect(failure, which).toBeInstanceOf(CheckError);
      expect((failure as CheckError).check, which).toBe("withheld");
      expect(keys, which).toBeInstanceOf(CheckError);
      expect(alpha, which).toBe(0n);
      expect(delta, which).toEqual(new Uint8Array(16));
      // An output does not wait for coins.
      expect(revealed ?? [42n], which).toEqual([42n]);
      if (!ofCheck) continue;
      expect(revealed, which).toBeUndefined();
      checks++;
    }
    expect(checks).toBe(ofChecks);
  },
);

test("a party that withholds at any opening of a reveal is caught, and nothing is returned", async () => {
  const revealWith = async (withheld?: number) => {
    let silent = false;
    const sessions = await dealSessions(12, { owedMs: OWED_MS });
    let openings = 0;
    const links = createLinkPair((message) => {
      if (message.from !== 1) return;
      if (message.what === OPENING && openings++ === withheld) silent = true;
      if (silent) message.withheld = true;
    });
    const demand = addDemands(input.demand({ owner: 0, length: 1 }), multiply.demand({ length: 1 }));
    const running = sessions.map((session, party) =>
      session
        .issue(addDemands(demand, reveal.demand({ length: 1 })))
        .run(links[party as 0 | 1], async (ctx) => {
          const x = await input.run(ctx, [party === 0 ? ring64.fromBigInts([9n]) : undefined], {
            owner: 0,
            length: 1,
          });
          return ring64.toBigInts(await ctx.reveal(await multiplyShares(ctx, x, x)));
        }),
    );
    running[1]!.catch(() => undefined);
    // The interface does this once its session has ended.
    if (withheld !== undefined) void caught(sessions[0]).then(() => endLink(links[0]));
    const result = await running[0]!.catch((error: Error) => error);
    endLink(links[1]);
    return { result, openings };
  };
  const honest = await revealWith();
  expect(honest.result).toEqual([81n]);
  // Coins and a share each, of the check before the result and of the check after it.
  expect(honest.openings).toBe(4);
  for (let withheld = 0; withheld < honest.openings; withheld++)
    expect((await revealWith(withheld)).result).toMatchObject({ code: "check-withheld" });
});
