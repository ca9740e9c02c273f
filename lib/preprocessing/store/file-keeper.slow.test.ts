import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLinkPair } from "../../../test/support/links";
import { expectTriples, Sessions, Stores, texts } from "../../../test/support/stores";
import { wordBytes } from "../../crypto/bytes";
import { CheckError, StoreError } from "../../errors";
import { ring128 } from "../../ring";
import { InsecureFirstPartyDealer } from "../dealer/party/insecure-first-party-dealer";
import { AUTHENTICATED, PLAIN, type RawVector } from "../kinds/raw";
import { Pool } from "../pool/pool";
import { LocalProducer } from "../producers/local-producer";
import { PRODUCTIONS } from "../producers/productions";
import type { Production } from "../production";
import { decodeHoldings } from "./agreement";
import { FileKeeper } from "./file-keeper";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const dealt = () => new Stores(folder, () => new InsecureFirstPartyDealer());
const transferred = () => new Stores(folder, () => new LocalProducer(PRODUCTIONS.malicious));
const caught = new CheckError("mac", "caught");

function bytesOf(path: string): Buffer {
  return Buffer.concat(readdirSync(path).map((file) => readFileSync(join(path, file))));
}

/** Everything in a store, by name, sealed as it lies there. */
async function valuesOf(path: string): Promise<Map<string, string>> {
  const database = new ClassicLevel<string, Uint8Array>(path, { valueEncoding: "view" });
  const values = new Map<string, string>();
  for await (const [name, value] of database.iterator()) values.set(name, Buffer.from(value).toString("hex"));
  await database.close();
  return values;
}

describe("the items left when a session ends", () => {
  test("are available once in the next session, and no more are lost than were used", async () => {
    const stores = dealt();
    const first = await stores.open();
    await first.prepare({ triple: 100, random: 64 });
    const used = await first.take("triple", 10);
    await first.end();

    const second = await stores.open();
    expect(second.left("triple")).toEqual([90, 90]);
    expect(second.left("random")).toEqual([64, 64]);
    const again = await second.take("triple", 90);
    expectTriples(again, 90);
    const seen = [used[0]!, again[0]!].flatMap((fields, i) => texts(fields, [10, 90][i]!));
    expect(new Set(seen).size).toBe(100);
    // New items come after those that were left.
    const made = await second.take("triple", 20);
    expectTriples(made, 20);
    await second.end();

    const third = await stores.open();
    expect(third.left("random")).toEqual([64, 64]);
    await third.end();
    expect(stores.notices).toEqual([]);
  });

  test("leave no bytes of used items behind", async () => {
    const stores = dealt();
    const size = () => bytesOf(stores.paths[0]).length;
    const first = await stores.open();
    await first.prepare({ triple: 4000 });
    await first.end();
    expect(size()).toBeGreaterThan(4000 * 24);
    const second = await stores.open();
    await second.take("triple", 3900);
    await second.take("triple", second.left("triple")[0]!);
    await second.end();
    expect(size()).toBeLessThan(20_000);
  });

  test("also serve operations that were issued before the store was opened", async () => {
    const stores = dealt();
    await (await stores.open()).prepare({ triple: 80 });
    await stores.sessions[0]!.end();
    const links = createLinkPair();
    const ends = ([0, 1] as const).map((party) => {
      const pool = new Pool(new InsecureFirstPartyDealer());
      const keeper = new FileKeeper(stores.options(party), PLAIN);
      pool.keepIn(keeper);
      return { pool, keeper };
    });
    const session = new Sessions(ends);
    const taken = session.take("triple", 100);
    await Promise.all(ends.map(({ pool }, i) => pool.setUp(links[i]!)));
    expectTriples(await taken, 100);
    // 20 more were needed, and a batch has as many as there were before.
    expect(session.left("triple")).toEqual([60, 60]);
    await session.end();
  });

  test("are those that both have, after one party stops without a message at any point", async () => {
    const stores = dealt();
    const session = await stores.open();
    await session.prepare({ triple: 200 });
    // Party 1's store as it lies there now, as if its process had been killed.
    cpSync(stores.paths[1], join(folder, "killed"), { recursive: true });
    const used = texts((await session.take("triple", 30))[0]!, 30);
    await session.prepare({ triple: 100 });
    await session.end();
    rmSync(stores.paths[1], { recursive: true });
    cpSync(join(folder, "killed"), stores.paths[1], { recursive: true });

    const next = await stores.open();
    // Party 0 knows what is burnt, though party 1's store has forgotten; party 0's later batch is of no use.
    expect(next.left("triple")).toEqual([170, 170]);
    const rest = await next.take("triple", 170);
    expectTriples(rest, 170);
    for (const item of texts(rest[0]!, 170)) expect(used).not.toContain(item);
    await next.end();
  });

  test("cannot be used without the other party's store: both start afresh, and the items are destroyed", async () => {
    const stores = dealt();
    await (await stores.open()).prepare({ triple: 100 });
    await stores.sessions[0]!.end();
    const before = bytesOf(stores.paths[0]);
    rmSync(stores.paths[1], { recursive: true });
    const next = await stores.open();
    expect(next.left("triple")).toEqual([0, 0]);
    expect(stores.notices).toEqual([expect.stringMatching("is destroyed, and both start afresh")]);
    expect(bytesOf(stores.paths[0]).includes(before.subarray(0, 256))).toBe(false);
    await next.prepare({ triple: 100 });
    await next.end();
    const last = await stores.open();
    expect(last.left("triple")).toEqual([100, 100]);
    await last.end();
  });

  test("are not kept if the other party keeps none", async () => {
    const stores = dealt();
    const session = await stores.open([true, false]);
    await session.prepare({ triple: 100 });
    expectTriples(await session.take("triple", 5), 5);
    await session.end();
    expect(stores.notices).toEqual([expect.stringMatching("keeps no store")]);
    const next = await stores.open();
    expect(next.left("triple")).toEqual([0, 0]);
    await next.end();
  });

  test.each([
    ["dealt", dealt],
    ["from oblivious transfer", transferred],
  ])(
    "%s stays as it is through a session to which the other party brings no store, even one that fails",
    async (_, make) => {
      for (const keeps of [
        [true, false],
        [false, true],
      ] as const) {
        const stores = make();
        const first = await stores.open();
        await first.prepare({ triple: 64 });
        const used = texts((await first.take("triple", 4))[0]!, 4);
        const left = first.left("triple");
        await first.end();
        const before = [await valuesOf(stores.paths[0]), await valuesOf(stores.paths[1])];

        for (const error of [new Error("over"), caught]) {
          const apart = await stores.open(keeps);
          expect(apart.left("triple")).toEqual([0, 0]);
          if (first.keys[0].alpha !== 0n) expect(apart.keys[0].alpha).not.toBe(first.keys[0].alpha);
          await apart.prepare({ triple: 32 });
          used.push(...texts((await apart.take("triple", 8))[0]!, 8));
          await apart.end(error);
          expect(stores.notices.splice(0)).toEqual([
            expect.stringMatching("brought no store.*stays as it is"),
          ]);
        }
        expect([await valuesOf(stores.paths[0]), await valuesOf(stores.paths[1])]).toEqual(before);

        const next = await stores.open();
        expect(next.left("triple")).toEqual(left);
        expect(next.keys.map(({ alpha }) => alpha)).toEqual(first.keys.map(({ alpha }) => alpha));
        // The items that were left, and new ones from the seeds that were kept.
        const count = left[0]! + 32;
        used.push(...texts((await next.take("triple", count))[0]!, count));
        expect(new Set(used).size).toBe(4 + 2 * 8 + count);
        await next.end();
        expect(stores.notices).toEqual([]);
        for (const path of stores.paths) rmSync(path, { recursive: true });
      }
    },
  );

  test("are not handed out when the disk accepts no more marks", async () => {
    const stores = dealt();
    await (await stores.open()).prepare({ triple: 100 });
    await stores.sessions[0]!.end();
    const session = await stores.open();
    const full = vi.spyOn(ClassicLevel.prototype, "batch").mockRejectedValue(new Error("no space left"));
    const error = await session.take("triple", 5).catch((reason: unknown) => reason);
    full.mockRestore();
    expect(error).toMatchObject({
      code: "store-write",
      message: expect.stringMatching("no space left.*see that"),
    });
    expect(() => session.pools[0]!.reserve({ triple: 1 })).toThrow(StoreError);
    await session.end();
    const next = await stores.open();
    // No item went out, and none is lost.
    expect(next.left("triple")).toEqual([100, 100]);
    await next.end();
  });

  test("are destroyed when a check fails, even if the session was over before", async () => {
    for (const errors of [[caught], [new Error("over"), caught]]) {
      const stores = dealt();
      const session = await stores.open();
      await session.prepare({ triple: 100 });
      for (const error of errors) await session.end(error);
      for (const path of stores.paths) await expect.poll(() => existsSync(path)).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test("are destroyed by the next session if this one was interrupted while it did so", async () => {
    const stores = dealt();
    await (await stores.open()).prepare({ triple: 100 });
    await stores.sessions[0]!.end();
    closeSync(openSync(join(stores.paths[0], "DOOMED"), "w"));
    mkdirSync(join(folder, "zero.destroyed-00"));
    writeFileSync(join(folder, "zero.destroyed-00", "000001.log"), "left");
    const next = await stores.open();
    expect(next.left("triple")).toEqual([0, 0]);
    expect(existsSync(join(folder, "zero.destroyed-00"))).toBe(false);
    await next.end();
  });
});

describe("a store from oblivious transfer", () => {
  test("adds new items under the same MAC key without base OTs, from seeds that no session has used", async () => {
    const stores = transferred();
    const first = await stores.open();
    const alpha = first.keys[0].alpha + first.keys[1].alpha;
    await first.prepare({ triple: 32 });
    const session = first.pools[0]!.identity.session;
    await first.end();

    const seen = new Set<string>();
    const check = async (sessions: Sessions, count: number) => {
      const taken = await sessions.take("triple", count);
      expectMacs(taken, alpha);
      for (const item of texts(taken[0]!, count)) {
        expect(seen.has(item)).toBe(false);
        seen.add(item);
      }
    };
    const next = await stores.open();
    expect(next.keys.map(({ alpha }) => alpha)).toEqual(first.keys.map(({ alpha }) => alpha));
    expect(next.pools[0]!.identity.session).toEqual(next.pools[1]!.identity.session);
    expect(next.pools[0]!.identity.session).not.toEqual(session);
    // Items that were left and new ones in one operation.
    await check(next, 48);
    await next.end();

    // And once more, from other seeds.
    const later = await stores.open();
    await check(later, 32);
    await later.end();
  });

  test("makes nothing twice, even if both parties restore old copies", async () => {
    const stores = transferred();
    await (await stores.open()).end();
    cpSync(folder, `${folder}-copy`, { recursive: true });
    const made: string[] = [];
    for (let i = 0; i < 2; i++) {
      const session = await stores.open();
      made.push(...texts((await session.take("random", 8))[0]!, 8));
      await session.end();
      for (const path of stores.paths) rmSync(path, { recursive: true });
      cpSync(`${folder}-copy`, folder, { recursive: true });
    }
    rmSync(`${folder}-copy`, { recursive: true });
    expect(new Set(made).size).toBe(16);
  });

  test("replaces the set-up's 30 kB by 150 bytes", async () => {
    const stores = transferred();
    const bytes: number[] = [];
    const times: number[] = [];
    for (let i = 0; i < 2; i++) {
      const begun = performance.now();
      const session = await stores.open();
      times.push(performance.now() - begun);
      bytes.push(session.bytes);
      await session.end();
    }
    console.log(`set-up: ${times.map((ms) => ms.toFixed(0)).join(" ms, then from the store ")} ms`);
    expect(bytes[0]).toBeGreaterThan(25_000);
    // A greeting and an empty list each way.
    expect(bytes[1]).toBe(2 * (73 + 2));
  });

  test("is left empty if nothing could be made under the same key later", async () => {
    const method = PRODUCTIONS.malicious;
    const forgetful: Production = {
      ...method,
      open: async (link, random) => ({ ...(await method.open(link, random)), seeds: new Uint8Array(0) }),
    };
    const stores = new Stores(folder, () => new LocalProducer(forgetful));
    const session = await stores.open();
    const alpha = session.keys[0].alpha + session.keys[1].alpha;
    await session.prepare({ random: 64 });
    expectMacs(await session.take("random", 8), alpha);
    await session.end();
    expect(stores.notices).toEqual(Array(2).fill(expect.stringMatching("nothing can be kept")));
    const alone = new FileKeeper(stores.options(0), AUTHENTICATED);
    await alone.opened;
    await alone.close(new Error("over"));
    expect(bytesOf(stores.paths[0]).length).toBeLessThan(2000);
  });

  test("catches up if one party is some sessions behind", async () => {
    const stores = transferred();
    await (await stores.open()).end();
    cpSync(stores.paths[1], join(folder, "old"), { recursive: true });
    for (let i = 0; i < 3; i++) await (await stores.open()).end();
    rmSync(stores.paths[1], { recursive: true });
    cpSync(join(folder, "old"), stores.paths[1], { recursive: true });
    const session = await stores.open();
    const alpha = session.keys[0].alpha + session.keys[1].alpha;
    expectMacs(await session.take("random", 8), alpha);
    await session.end();
    expect(stores.notices).toEqual([]);
  });

  test("reveals nothing of its items in its bytes", async () => {
    const stores = transferred();
    const session = await stores.open();
    await session.prepare({ random: 64 });
    await session.end();
    const bytes = bytesOf(stores.paths[0]);
    expect(bytes.length).toBeGreaterThan(64 * 32);
    // The next session hands out the same items, whose bytes must not lie there.
    const next = await stores.open();
    const [taken] = await next.take("random", 64);
    expect(bytes.includes(Buffer.from(wordBytes(session.keys[0].alpha)))).toBe(false);
    for (let at = 0; at < 64 * 16; at += 16) {
      expect(bytes.includes(Buffer.from(taken![0]!.values.subarray(at, at + 8)))).toBe(false);
      expect(bytes.includes(Buffer.from(taken![0]!.macs.subarray(at, at + 8)))).toBe(false);
    }
    await next.end();
    const modes = [
      stores.paths[0],
      ...readdirSync(stores.paths[0]).map((file) => join(stores.paths[0], file)),
    ];
    for (const path of modes) expect(statSync(path).mode & 0o077).toBe(0);
  });

  function expectMacs([mine, theirs]: RawVector[][], alpha: bigint): void {
    mine!.forEach((field, i) => {
      const [value, mac] = (["values", "macs"] as const).map((half) => {
        const count = field[half].length / 16;
        return ring128.add(
          ring128.fromBytes(field[half], count),
          ring128.fromBytes(theirs![i]![half], count),
        );
      });
      expect(ring128.equals(ring128.mulScalar(value!, alpha), mac!)).toBe(true);
    });
  }
});

test("an impossible list from the other party is refused", () => {
  const lists = [
    "",
    "{}",
    '[["triple",-1,[]]]',
    '[["triple",0.5,[]]]',
    '[["thing",0,[]]]',
    '[["constructor",0,[]]]',
    '[["truncation 16/..",0,[]]]',
    '[["triple",281474976710657,[]]]',
    '[["matrix 0 5",0,[]]]',
    '[["triple",0,[["a",0,5],["a",4,9]]]]',
    '[["triple",0,[["a",5,4]]]]',
    '[["triple",0,[[7,0,5]]]]',
    '[["triple",0]]',
  ];
  for (const list of lists)
    expect(() => decodeHoldings(new TextEncoder().encode(list)), list).toThrow("cannot be read");
  expect(
    decodeHoldings(new TextEncoder().encode('[["triple",3,[["a",0,5],["b",5,9]]]]')).get("triple"),
  ).toEqual({
    burnt: 3,
    runs: [
      { tag: "a", start: 0, end: 5 },
      { tag: "b", start: 5, end: 9 },
    ],
  });
});
