/** The content of a store: its identity, the seeds for the next session, items, and marks up to which they are burnt. */

import type { Party } from "../../channel/channel";
import { concatBytes, readWord, wordBytes } from "../../crypto/bytes";
import type { Kind } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";
import type { Holdings } from "./agreement";
import { type ItemRecord, readItemName, readKeptKind, unpackItems } from "./items";
import { joinRuns, type Run } from "./runs";
import { type Change, damaged, type SealedDb } from "./sealed-db";

/** The identity of a store, sealed like everything else. */
export interface StoreHead {
  readonly party: Party;
  readonly settings: string;
  readonly id: string;
  /** Every generation before this one may have been used. */
  readonly generation: number;
}

/** The content of a store when it was opened. */
export interface StoreContent {
  readonly head: StoreHead | undefined;
  readonly alpha: bigint;
  readonly seeds: Uint8Array;
  readonly marks: ReadonlyMap<Kind, number>;
  readonly items: readonly { record: ItemRecord; fields: RawVector[] }[];
  /** Names of batches that were used up while the session ended. */
  readonly used: readonly string[];
  /** A check share of this party may have left unanswered. */
  readonly unsettled: boolean;
}

const HEAD = "head";
const SECRETS = "secrets";
const MARKS = "burnt/";
const ITEMS = "items/";
const UNSETTLED = "unsettled";
const WORD = 8;

export const NOTHING: StoreContent = {
  head: undefined,
  alpha: 0n,
  seeds: new Uint8Array(0),
  marks: new Map(),
  items: [],
  used: [],
  unsettled: false,
};

/** Note that a check is open, or, without `open`, that none is. */
export function unsettledChange(open: boolean): Change {
  return { name: UNSETTLED, value: open ? new Uint8Array(1) : undefined };
}

/** Note that every item of a kind before a number is burnt. */
export function markChange(kind: Kind, mark: number): Change {
  return { name: MARKS + kind, value: wordBytes(BigInt(mark)) };
}

/** Write the identity of the store, and the secrets from which the next session continues. */
export function headChanges(head: StoreHead, alpha: bigint, seeds: Uint8Array): Change[] {
  return [
    { name: HEAD, value: Buffer.from(JSON.stringify(head)) },
    { name: SECRETS, value: concatBytes(wordBytes(alpha), seeds) },
  ];
}

/** List what this party holds, for the other party. */
export function holdingsOf({ marks, items }: StoreContent): Holdings {
  const kinds = new Set([...marks.keys(), ...items.map(({ record }) => record.kind)]);
  return new Map(
    [...kinds].map((kind) => {
      const burnt = marks.get(kind) ?? 0;
      const runs: Run[] = items
        .filter(({ record }) => record.kind === kind)
        .map(({ record: { tag, start, count } }) => ({ tag, start, end: start + count }));
      return [kind, { burnt, runs: joinRuns(runs, burnt) }];
    }),
  );
}

/** Overwrite the secrets of a content. */
export function destroyContent({ seeds, items }: StoreContent): void {
  seeds.fill(0);
  for (const { fields } of items)
    for (const { values, macs } of fields) {
      values.fill(0);
      macs.fill(0);
    }
}

/**
 * Read a store.
 *
 * @param check - must throw if this is another store than the caller wants
 * @throws {StoreError} the store was damaged or changed
 */
export async function readContent(
  db: SealedDb,
  layout: ShareLayout,
  check: (head: StoreHead) => void,
): Promise<StoreContent> {
  const head = await db.get(HEAD);
  if (!head) {
    const rest = await db.names("");
    if (rest.some((name) => name !== "seal")) throw damaged(db.path);
    return NOTHING;
  }
  const parsed: StoreHead = JSON.parse(Buffer.from(head).toString());
  check(parsed);
  const secrets = await db.get(SECRETS);
  if (!secrets) throw damaged(db.path);
  const marks = new Map<Kind, number>();
  for (const name of await db.names(MARKS)) {
    const kind = readKeptKind(name.slice(MARKS.length));
    if (kind === undefined) throw damaged(db.path);
    marks.set(kind, Number(readWord((await db.get(name))!)));
  }
  const items: { record: ItemRecord; fields: RawVector[] }[] = [];
  const used: string[] = [];
  for (const name of await db.names(ITEMS)) {
    const record = readItemName(name);
    if (!record) throw damaged(db.path);
    if (record.start + record.count <= (marks.get(record.kind) ?? 0)) used.push(name);
    else items.push({ record, fields: unpackItems((await db.get(name))!, record, layout) });
  }
  const unsettled = (await db.get(UNSETTLED)) !== undefined;
  return {
    head: parsed,
    alpha: readWord(secrets),
    seeds: secrets.slice(WORD),
    marks,
    items,
    used,
    unsettled,
  };
}
