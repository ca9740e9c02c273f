import type { Kind } from "../kinds/kinds";
import type { StoreContent } from "./content";
import { markChange } from "./content";
import { type ItemRecord, itemName, sliceItems } from "./items";
import type { KeptBatch } from "./keeper";
import { Ledger } from "./ledger";
import type { Common, Run } from "./runs";
import type { Change } from "./sealed-db";

/** The content that a session takes over from the previous one. */
export interface TakenOver {
  /** The pool's first items. */
  readonly batches: KeptBatch[];
  readonly ledgers: Map<Kind, Ledger>;
  /** The batches that stay in the store, in the order of their numbers. */
  readonly records: Map<Kind, ItemRecord[]>;
  /** Changes to write before anything is used. */
  readonly changes: Change[];
}

/** Give the pool the items that both parties have as its first ones, and drop those that only this party has. */
export function takeOver(content: StoreContent, agreed: ReadonlyMap<Kind, Common>): TakenOver {
  const taken: TakenOver = {
    batches: [],
    ledgers: new Map(),
    records: new Map(),
    changes: content.used.map((name) => ({ name })),
  };
  for (const [kind, common] of agreed) takeKind(content, kind, common, taken);
  return taken;
}

function takeKind(content: StoreContent, kind: Kind, { burnt, runs, next }: Common, taken: TakenOver): void {
  let pool = 0;
  const before = content.marks.get(kind) ?? 0;
  let end = before;
  const places: [pool: number, file: number, count: number][] = [];
  const records: ItemRecord[] = [];
  for (const { record, fields } of content.items) {
    if (record.kind !== kind) continue;
    end = Math.max(end, record.start + record.count);
    const parts = runs.map((run) => overlap(run, record)).filter((part) => part !== undefined);
    for (const { start, end } of parts) {
      const count = end - start;
      const some = sliceItems(fields, record.count, start - record.start, count);
      taken.batches.push({ kind, count, fields: some });
      places.push([pool, start, count]);
      pool += count;
    }
    if (parts.length > 0) records.push(record);
    else taken.changes.push({ name: itemName(record) });
  }
  // Follow the other party's mark only up to the last item that this party holds.
  const mark = Math.min(burnt, end);
  const ledger = new Ledger(mark, next - pool);
  for (const place of places) ledger.add(...place);
  taken.ledgers.set(kind, ledger);
  taken.records.set(kind, records);
  if (mark > before) taken.changes.push(markChange(kind, mark));
}

function overlap(run: Run, { tag, start, count }: ItemRecord): Run | undefined {
  const part = { tag, start: Math.max(run.start, start), end: Math.min(run.end, start + count) };
  return run.tag === tag && part.start < part.end ? part : undefined;
}
