import { expect, test } from "vitest";
import { createLinkPair, endLink } from "../../test/support/links";
import { dealOtStates } from "../../test/support/machines";
import { CheckError } from "../errors";
import { maliciousProduction } from "../preprocessing/malicious/production";
import { type CommitmentRecord, Committed } from "./commitment";
import { SessionGate } from "./gate";
import { openZero, type Settlement, type ZeroCheck } from "./settlement";

/** A check that waits to be opened: plain data, which could go to another thread or machine. */
interface Deferred {
  readonly record: CommitmentRecord;
  readonly theirs: Uint8Array;
  readonly check: ZeroCheck;
}

/** Make triples whose checks are committed to but not opened. */
async function makeDeferred(tamper = false) {
  const deferred: [Deferred[], Deferred[]] = [[], []];
  const opened: unknown[] = [];
  const states = dealOtStates(9);
  const links = createLinkPair((message) => {
    if (message.what === "opened commitment" && message.payload.length > 48) opened.push(message);
    // The masked sums of b, one of which is wrong.
    if (tamper && message.from === 1 && message.payload.length === 64 * 21) message.payload[0]! ^= 1;
  });
  const fields = await Promise.all(
    ([0, 1] as const).map(async (party) => {
      const settlement: Settlement = {
        async settle(link, identity, check) {
          const mine = Committed.to(identity, "check", check.purpose, check.share);
          const theirs = await link.exchange(mine.commitment.slice(), "commitment");
          deferred[party].push({ record: mine.record, theirs, check });
        },
      };
      const production = maliciousProduction(async (link) => states[link.party]!, settlement);
      const state = await production.open(links[party], states[party].identity.random);
      return state.make(links[party], "triple", 32);
    }),
  );
  expect(opened).toEqual([]);
  return { deferred, fields };
}

/** Open them elsewhere, over another link and through another gate. */
async function settle(deferred: readonly Deferred[][]) {
  const links = createLinkPair();
  const gates = [new SessionGate(), new SessionGate()];
  const results = await Promise.allSettled(
    ([0, 1] as const).map(async (party) => {
      try {
        for (const { record, theirs, check } of deferred[party]!) {
          const moved = structuredClone({ record, theirs, check });
          await openZero(
            links[party],
            Committed.from(moved.record, gates[party]!),
            moved.theirs,
            moved.check,
          );
        }
      } catch (error) {
        setImmediate(() => endLink(links[1 - party]!));
        throw error;
      }
    }),
  );
  return { results, gates };
}

test("checks that were committed to in one place can be opened in another", async () => {
  const { deferred } = await makeDeferred();
  // The sacrifice and the noise.
  expect(deferred.map((checks) => checks.length)).toEqual([2, 2]);
  const { results, gates } = await settle(deferred);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  expect(gates.map(({ owed }) => owed)).toEqual([false, false]);
});

test("a failed check throws where it is opened, and the gate keeps it unsettled", async () => {
  const { deferred } = await makeDeferred(true).catch((error: unknown) => {
    // The stated bits differ from the sums, which is noticed before any share is opened.
    expect(error).toBeInstanceOf(CheckError);
    return { deferred: undefined };
  });
  if (!deferred) return;
  const { results, gates } = await settle(deferred);
  expect(results[0]).toMatchObject({ status: "rejected", reason: { check: "sacrifice" } });
  expect(gates[0]!.owed).toBe(true);
});
