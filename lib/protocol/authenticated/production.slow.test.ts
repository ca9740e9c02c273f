import { afterEach, expect, test } from "vitest";
import { createLinkPair, type Passing, runBoth } from "../../../test/support/links";
import { CheckError } from "../../errors";
import type { Progress } from "../../preprocessing/pool/pool";
import { addDemands, NO_DEMAND } from "../demand";
import { multiply } from "./multiply";
import { reveal } from "./reveal";
import { AuthenticatedSession } from "./session";

/** Sessions as they are by default: each makes its randomness in a thread of its own. */
const sessions: AuthenticatedSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.close();
});

async function start(onProgress?: (progress: Progress) => void, tap?: (message: Passing) => void) {
  const pair = [new AuthenticatedSession(onProgress && { onProgress }), new AuthenticatedSession()] as const;
  sessions.push(...pair);
  await runBoth(
    createLinkPair(tap),
    (link) => pair[0].setUp(link),
    (link) => pair[1].setUp(link),
  );
  return pair;
}

test("production in a thread reports its progress", async () => {
  const told: Progress[] = [];
  const pair = await start((progress) => told.push(progress));
  for (const session of pair) session.prefetch({ triple: 100 });
  await Promise.all(pair.map((session) => session.prefetched()));
  expect(told.at(-1)).toMatchObject({ kind: "triple", made: told.at(-1)!.planned });
});

test("a check that fails in a thread ends the session", async () => {
  let cheating = false;
  const pair = await start(undefined, (message) => {
    if (cheating && message.from === 1 && message.payload.length > 1000) message.payload[500]! ^= 1;
  });
  cheating = true;
  const operations = pair.map((session) =>
    session.issue(addDemands(multiply.demand({ length: 50 }), reveal.demand({ length: 1 }))),
  );
  const [link] = createLinkPair();
  const running = operations[0]!.run(link, async (ctx) => ctx.items.take("triple", 50));
  await expect(running).rejects.toBeInstanceOf(CheckError);
  expect(pair[0].failure).toBeInstanceOf(CheckError);
  expect(() => pair[0].issue(NO_DEMAND)).toThrow(CheckError);
});

test("a session that is closed during production hands out no more items", async () => {
  const pair = await start();
  const operations = pair.map((session) => session.issue(multiply.demand({ length: 5000 })));
  const [link] = createLinkPair();
  const running = operations[0]!.run(link, async (ctx) => ctx.items.take("triple", 5000));
  pair[0].close();
  await expect(running).rejects.toMatchObject({ code: "closed" });
  await expect(pair[0].prefetched()).rejects.toMatchObject({ code: "closed" });
});
