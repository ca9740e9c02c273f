// A store must not survive a check whose outcome only the other party has seen, whether that party hangs up or this
// process is killed before it learns the outcome.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CheckError, TransportError } from "../../lib/errors";
import { AUTHENTICATED } from "../../lib/preprocessing/kinds/raw";
import { maliciousProduction } from "../../lib/preprocessing/malicious/production";
import { Pool } from "../../lib/preprocessing/pool/pool";
import { LocalProducer } from "../../lib/preprocessing/producers/local-producer";
import { FileKeeper } from "../../lib/preprocessing/store/file-keeper";
import { createLinkPair, endLink, type Passing } from "../support/links";
import { dealOtStates } from "../support/machines";
import { Stores } from "../support/stores";

const OPENING = "opened commitment";
const COINS_BYTES = 48;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Two pools with stores. Once `cheat` is called, party 1's withholds its share of a check. */
async function open(stores: Stores) {
  let cheating = false;
  let owes!: () => void;
  const owed = new Promise<void>((resolve) => {
    owes = resolve;
  });
  const links = createLinkPair((message: Passing) => {
    if (!cheating || message.what !== OPENING || message.payload.length <= COINS_BYTES) return;
    if (message.from === 1) message.withheld = true;
    else owes();
  });
  const pools = ([0, 1] as const).map((party) => {
    const pool = new Pool(stores.createProducer());
    const keeper = new FileKeeper(stores.options(party), AUTHENTICATED);
    pool.keepIn(keeper);
    return { pool, keeper };
  });
  const keys = await Promise.all(pools.map(({ pool }, party) => pool.setUp(links[party as 0 | 1])));
  return {
    keys,
    links,
    pools: pools.map(({ pool }) => pool),
    /** Make items, then cheat while more are made. */
    async cheat() {
      for (const { pool } of pools) pool.prefetch({ triple: 32 });
      await Promise.all(pools.map(({ pool }) => pool.idle()));
      cheating = true;
      for (const { pool } of pools) pool.prefetch({ triple: 64 });
      // The honest party's share has been sent, so its mark must be on disk.
      await owed;
    },
    async end(error: Error) {
      for (const link of links) endLink(link);
      for (const { pool } of pools) pool.destroy(error);
      await Promise.all(pools.map(({ keeper }) => keeper.closed));
    },
  };
}

/** Stores whose sessions a trusted dealer sets up, each with its own keys. */
function createStores(at: string): Stores {
  let set = 0;
  const dealt = new Map<number, ReturnType<typeof dealOtStates>>();
  return new Stores(at, () => {
    const seed = 7 + Math.floor(set++ / 2);
    if (!dealt.has(seed)) dealt.set(seed, dealOtStates(seed));
    return new LocalProducer(maliciousProduction(async (link) => dealt.get(seed)![link.party]!));
  });
}

test("a store whose owner was left with an open check is destroyed when the other party hangs up", async () => {
  const stores = createStores(folder);
  const first = await open(stores);
  await first.cheat();
  for (const link of first.links) endLink(link);
  await first.end(new TransportError("timeout", "the connection broke"));
  expect(() => first.pools[0]!.reserve({ triple: 1 })).toThrow(CheckError);

  const second = await open(stores);
  // The new store has nothing of the first session, and another key.
  expect(second.keys[0]!.alpha).not.toBe(first.keys[0]!.alpha);
  expect(second.pools[0]!.levels().every(({ ready }) => ready === 0)).toBe(true);
  await second.end(new Error("over"));
});

test("a store found with an open check, as after a kill, is destroyed with a notice", async () => {
  const stores = createStores(folder);
  const first = await open(stores);
  await first.cheat();
  // These files would be on disk after a kill.
  const crashed = `${folder}-crashed`;
  cpSync(folder, crashed, { recursive: true });
  await first.end(new Error("over"));

  const options = { ...stores.options(0), path: join(crashed, "zero") };
  const notices: string[] = [];
  const keeper = new FileKeeper({ ...options, onNotice: (text) => notices.push(text) }, AUTHENTICATED);
  await keeper.opened;
  expect(notices.join()).toMatch(/ended in the middle of a check.*destroyed/);
  await keeper.close(new Error("over"));
  // Nothing remains of it, not even the note.
  const again = new FileKeeper({ ...options, onNotice: (text) => notices.push(text) }, AUTHENTICATED);
  await again.opened;
  expect(notices).toHaveLength(1);
  await again.close(new Error("over"));
  rmSync(crashed, { recursive: true, force: true });
});

test("a store whose checks have all passed is unchanged", async () => {
  const stores = createStores(folder);
  const first = await open(stores);
  for (const pool of first.pools) pool.prefetch({ triple: 32 });
  await Promise.all(first.pools.map((pool) => pool.idle()));
  const [alpha] = first.keys.map((key) => key.alpha);
  await first.end(new TransportError("timeout", "the connection broke"));
  const second = await open(stores);
  expect(second.keys[0]!.alpha).toBe(alpha);
  expect(second.pools[0]!.levels().find(({ kind }) => kind === "triple")!.ready).toBeGreaterThanOrEqual(32);
  expect(stores.notices).toEqual([]);
  await second.end(new Error("over"));
});
