// A peer lies about its store. This bounds the damage to the own store.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLinkPair } from "../../../test/support/links";
import { expectTriples, Stores } from "../../../test/support/stores";
import { InsecureFirstPartyDealer } from "../dealer/party/insecure-first-party-dealer";
import type { Kind } from "../kinds/kinds";
import { PLAIN } from "../kinds/raw";
import { encodeHoldings, exchangeGreetings } from "./agreement";
import { readContent } from "./content";
import { FileKeeper } from "./file-keeper";
import type { Holding } from "./runs";
import { SealedDb } from "./sealed-db";

let folder: string;
let stores: Stores;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-lies-"));
  stores = new Stores(folder, () => new InsecureFirstPartyDealer());
  await (await stores.open()).prepare({ triple: 100 });
  await stores.sessions[0]!.end();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function contentOf(party: 0 | 1) {
  const db = await SealedDb.open(stores.paths[party], stores.secrets[party]);
  try {
    return await readContent(db, PLAIN, () => undefined);
  } finally {
    await db.close();
  }
}

/** Party 0 meets a party 1 that sends this list, and ends. */
async function meetLiar(lie: [Kind, Holding][]): Promise<unknown> {
  const { head } = await contentOf(1);
  const [mine, theirs] = createLinkPair();
  const list = encodeHoldings(new Map(lie));
  const keeper = new FileKeeper(stores.options(0), PLAIN);
  const meeting = keeper.meet(mine).catch((error: unknown) => error);
  await exchangeGreetings(theirs, {
    id: Buffer.from(head!.id, "hex"),
    generation: head!.generation,
    listBytes: list.length,
    keeps: true,
  });
  theirs.send(list, "lies");
  const met = await meeting;
  await keeper.close(new Error("over"));
  return met;
}

const all: [Kind, Holding] = ["triple", { burnt: 0, runs: [] }];

test("a mark beyond this party's items burns all of them, and no higher mark is written", async () => {
  await meetLiar([["triple", { burnt: 2 ** 31, runs: [] }]]);
  const { marks, items } = await contentOf(0);
  expect(marks.get("triple")).toBe(100);
  expect(items).toEqual([]);
});

test("kinds that this party does not hold are not written, however many there are", async () => {
  const strange = Array.from({ length: 2000 }, (_, i): [Kind, Holding] => [
    `truncation ${i}`,
    { burnt: 7, runs: [{ tag: "x", start: 9, end: 2 ** 20 }] },
  ]);
  await meetLiar([all, ...strange]);
  const { marks } = await contentOf(0);
  expect([...marks.keys()]).toEqual([]);
});

test.each([
  ["a mark", { burnt: 2 ** 40, runs: [] }],
  ["an item", { burnt: 0, runs: [{ tag: "x", start: 5, end: 2 ** 48 }] }],
])("%s far beyond any loss is refused, and the store stays as it is", async (_, holding) => {
  const before = await contentOf(0);
  for (const kind of ["triple", "random"] as const)
    expect(await meetLiar([[kind, holding]])).toMatchObject({
      code: "transport-malformed",
      message: expect.stringMatching(/cannot be of the same sessions.* left as it is/),
    });
  expect(await contentOf(0)).toEqual(before);
  const next = await stores.open();
  expect(next.left("triple")).toEqual([100, 100]);
  expectTriples(await next.take("triple", 100), 100);
  await next.end();
});

test("new items get numbers above those that only the other party knows, within the bound", async () => {
  // Party 1 has a kind, and a later batch, that party 0 has lost.
  const kept = await contentOf(0);
  const tag = kept.items[0]!.record.tag;
  await meetLiar([["triple", { burnt: 40, runs: [{ tag, start: 40, end: 5000 }] }]]);
  expect((await contentOf(0)).marks.get("triple")).toBe(40);
  const session = await stores.open();
  expect(session.left("triple")).toEqual([60, 60]);
  await session.prepare({ triple: 80 });
  await session.end();
  for (const party of [0, 1] as const)
    for (const { record } of (await contentOf(party)).items)
      expect(record.start + record.count).toBeLessThanOrEqual(200);
});
