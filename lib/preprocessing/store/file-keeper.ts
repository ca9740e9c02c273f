import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { readWord, wordBytes } from "../../crypto/bytes";
import { CheckError, SpdzError, StoreError } from "../../errors";
import type { Kind } from "../kinds";
import type { SetUp } from "../producer/producer";
import type { Layout, RawVector } from "../raw";
import {
  agreeOnItems,
  belongTogether,
  encodeHoldings,
  exchangeGreetings,
  type Greeting,
  type Holdings,
  nameSession,
} from "./agreement";
import { doom, wipe } from "./erase";
import { type ItemRecord, itemName, packItems, readItemName, sliceItems, unpackItems } from "./items";
import type { Keeper, Kept, KeptBatch } from "./keeper";
import { Ledger } from "./ledger";
import { joinRuns, type Run } from "./runs";
import type { StoreSecret } from "./seal";
import { announceClosing, type Change, damaged, Shelf } from "./shelf";

export interface StoreOptions {
  /** The store's folder. */
  readonly path: string;
  readonly secret: StoreSecret;
  readonly party: Party;
  /** What must be the same for items to be of use: how secrets are shared and where randomness comes from. */
  readonly settings: string;
  /** Tells a person what became of the store. */
  readonly onNotice?: (text: string) => void;
}

/** Which store it is; sealed like everything else. */
interface Head {
  readonly party: Party;
  readonly settings: string;
  readonly id: string;
  /** Every generation before this one may have been used. */
  readonly generation: number;
}

/** What was in the store when it was opened. */
interface Content {
  readonly head: Head | undefined;
  readonly alpha: bigint;
  readonly seeds: Uint8Array;
  readonly marks: ReadonlyMap<Kind, number>;
  readonly items: readonly { record: ItemRecord; fields: RawVector[] }[];
  /** Names of items that were used up while the session ended. */
  readonly used: readonly string[];
}

const HEAD = "head";
const SECRETS = "secrets";
const MARKS = "burnt/";
const ITEMS = "items/";
const WORD = 8;

/**
 * Keeps items in a folder of this machine, sealed, and what production goes on with under the same MAC key.
 *
 * An item that lies there is burnt there before it is used: a mark, ahead of the last used item by a stride, is on the
 * disk first. What the mark has passed is used no more, whether or not it was used. Each session is a generation: it
 * goes on from seeds that no session has used, and before it makes anything the seeds of the next one take their place.
 */
export class FileKeeper implements Keeper {
  /** Settles when the store is open; rejects if it cannot be used. */
  readonly opened: Promise<void>;
  /** Settles when no opening is under way. */
  #opening: Promise<unknown>;
  readonly #options: StoreOptions;
  readonly #layout: Layout;
  readonly #ledgers = new Map<Kind, Ledger>();
  /** What lies in the store and is not burnt, in the order of its numbers. */
  readonly #records = new Map<Kind, ItemRecord[]>();
  #shelf: Shelf | undefined;
  #content: Content = nothingIn();
  #head: Head | undefined;
  #tag = "";
  #alpha: bigint | undefined;
  /** Nothing is kept from the set-up on, because it would be of no use. */
  #idle = false;
  #marking: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #doomed = false;
  /** Settles when it is closed and others may open it. */
  readonly closed: Promise<void>;
  #settleClosed!: (closing: Promise<void>) => void;

  constructor(options: StoreOptions, layout: Layout) {
    this.#options = options;
    this.#layout = layout;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.closed.catch(() => undefined);
    this.opened = this.#open();
    this.#opening = this.opened.catch(() => undefined);
  }

  async meet(link: OperationLink): Promise<Kept> {
    await this.opened;
    this.#requireOpen();
    const { head } = this.#content;
    const holdings = this.#holdings();
    const list = encodeHoldings(holdings);
    const greetings = await exchangeGreetings(link, {
      id: head ? Buffer.from(head.id, "hex") : new Uint8Array(32),
      generation: head?.generation ?? 0,
      listBytes: list.length,
      keeps: true,
    });
    this.#requireOpen();
    if (!belongTogether(...greetings)) return this.#startAfresh(link, greetings);
    const generation = Math.max(greetings[0].generation, greetings[1].generation);
    const session = nameSession(link, "session", greetings, generation);
    this.#head = { ...head!, generation };
    this.#tag = tagOf(session);
    const agreed = await agreeOnItems(link, holdings, list, greetings[1].listBytes);
    this.#requireOpen();
    const batches = await this.#takeOver(agreed);
    const { seeds, alpha } = this.#content;
    this.#content = nothingIn();
    if (seeds.length === 0) return { batches, resumption: undefined };
    this.#alpha = alpha;
    return { batches, resumption: { session, seeds, steps: generation - head!.generation } };
  }

  async begin({ alpha, seeds = new Uint8Array(0) }: SetUp): Promise<void> {
    if (this.#idle) return;
    this.#requireOpen();
    if (this.#alpha !== undefined && this.#alpha !== alpha)
      throw new SpdzError("internal", "the stored seeds lead to another MAC key than before");
    if (this.#layout.mac > 0 && seeds.length === 0) {
      // Nothing could be made under the same key after a restart.
      this.#idle = true;
      this.#notice("in this mode nothing can be kept for a later session; the store stays empty");
      return;
    }
    const head = { ...this.#head!, generation: this.#head!.generation + 1 };
    const secrets = new Uint8Array(WORD + seeds.length);
    secrets.set(wordBytes(alpha));
    secrets.set(seeds, WORD);
    await this.#shelf!.write(
      [
        { name: HEAD, value: Buffer.from(JSON.stringify(head)) },
        { name: SECRETS, value: secrets },
      ],
      true,
    );
    secrets.fill(0);
  }

  add(kind: Kind, start: number, count: number, fields: readonly RawVector[]): void {
    if (this.#idle || this.#closing || count === 0) return;
    const ledger = this.#ledger(kind);
    const record: ItemRecord = { kind, start: start + ledger.offset, count, tag: this.#tag };
    ledger.add(start, record.start, count);
    const records = this.#records.get(kind);
    if (records) records.push(record);
    else this.#records.set(kind, [record]);
    const value = packItems(fields);
    // What is lost when this fails was not needed yet.
    this.#shelf!.write([{ name: itemName(record), value }], false).catch(() => undefined);
    value.fill(0);
  }

  burn(kind: Kind, end: number): Promise<void> | undefined {
    if (this.#idle) return undefined;
    this.#requireOpen();
    const ledger = this.#ledgers.get(kind);
    if (!ledger) return undefined;
    const file = ledger.fileEnd(end);
    ledger.used = Math.max(ledger.used, file);
    if (file <= ledger.mark) return undefined;
    if (file > ledger.asked) {
      const mark = ledger.stride(file);
      ledger.asked = mark;
      // One after the other, so that no lower mark is written over a higher one.
      this.#marking = this.#marking.then(() => this.#mark(kind, ledger, mark));
      this.#marking.catch(() => undefined);
    }
    return this.#marking;
  }

  close(error: Error): Promise<void> {
    const doomed = error instanceof CheckError && !this.#doomed;
    if (doomed) {
      this.#doomed = true;
      // Durably before anything else, whatever becomes of this process.
      if (this.#shelf) doom(this.#shelf.path);
    }
    if (doomed || !this.#closing) {
      const shut = this.#closing ?? this.#shut();
      this.#closing = doomed ? shut.then(() => this.#shelf && wipe(this.#shelf.path)) : shut;
      this.#closing.catch(() => undefined);
      this.#settleClosed(this.#closing);
      announceClosing(this.#options.path, this.#closing);
    }
    return this.#closing;
  }

  async #mark(kind: Kind, ledger: Ledger, mark: number): Promise<void> {
    await this.#shelf!.write([{ name: MARKS + kind, value: wordBytes(BigInt(mark)) }], true);
    ledger.mark = mark;
    this.#dropUsed(kind, ledger.used);
  }

  async #shut(): Promise<void> {
    await this.#opening;
    if (!this.#shelf) return;
    try {
      await this.#marking.catch(() => undefined);
      // Nothing is used any more, so what the strides went too far is good for the next session.
      const marks = [...this.#ledgers]
        .filter(([, { used, mark }]) => used < mark)
        .map(([kind, { used }]) => ({ name: MARKS + kind, value: wordBytes(BigInt(used)) }));
      if (!this.#doomed && marks.length > 0) await this.#shelf.write(marks, true);
    } finally {
      await this.#shelf.close();
    }
  }

  async #open(): Promise<void> {
    const { path, secret, party, settings } = this.#options;
    const shelf = await Shelf.open(path, secret);
    try {
      this.#content = await read(shelf, this.#layout, (head) => {
        if (head.party === party && head.settings === settings) return;
        throw new StoreError(
          "foreign",
          `the store ${path} belongs to party ${head.party} with ${head.settings}, and this is party ${party} with ` +
            `${settings}: name another path, or delete it to start afresh`,
        );
      });
      this.#head = this.#content.head;
      this.#shelf = shelf;
    } catch (error) {
      await shelf.close();
      throw error;
    }
  }

  /** The stores do not belong together: what was kept is destroyed. */
  async #startAfresh(link: OperationLink, greetings: [Greeting, Greeting]): Promise<Kept> {
    const { party, settings } = this.#options;
    const { head, seeds } = this.#content;
    seeds.fill(0);
    this.#content = nothingIn();
    const [, { keeps }] = greetings;
    if (head) {
      const why = keeps ? "is not of the same sessions" : "is not there";
      this.#notice(
        `the other party's store ${why}, so what was kept here is of no use: it is destroyed, and both start afresh`,
      );
      const replacing = this.#replace();
      this.#opening = replacing.catch(() => undefined);
      await replacing;
      this.#requireOpen();
    }
    this.#idle = !keeps;
    if (!keeps && !head) this.#notice("the other party keeps no store, so nothing is kept here either");
    const blank: [Greeting, Greeting] = [{ ...greetings[0], id: new Uint8Array(32) }, greetings[1]];
    const id = nameSession(link, "id", blank, 0);
    this.#head = { party, settings, id: Buffer.from(id).toString("hex"), generation: 0 };
    this.#tag = tagOf(id);
    return { batches: [], resumption: undefined };
  }

  /** An empty store in the place of this one. */
  async #replace(): Promise<void> {
    const old = this.#shelf!;
    this.#shelf = undefined;
    await old.close();
    wipe(old.path);
    this.#requireOpen();
    this.#shelf = await Shelf.open(old.path, this.#options.secret);
  }

  /** Makes the agreed items the pool's first ones; what only this party has is dropped. */
  async #takeOver(agreed: Awaited<ReturnType<typeof agreeOnItems>>): Promise<KeptBatch[]> {
    const batches: KeptBatch[] = [];
    const changes: Change[] = this.#content.used.map((name) => ({ name }));
    for (const [kind, { burnt, runs, next }] of agreed) {
      let pool = 0;
      const places: [number, number, number][] = [];
      const records: ItemRecord[] = [];
      for (const { record, fields } of this.#content.items) {
        if (record.kind !== kind) continue;
        const parts = runs.map((run) => overlap(run, record)).filter((part) => part !== undefined);
        for (const { start, end } of parts) {
          const count = end - start;
          batches.push({
            kind,
            count,
            fields: sliceItems(fields, record.count, start - record.start, count),
          });
          places.push([pool, start, count]);
          pool += count;
        }
        if (parts.length > 0) records.push(record);
        else changes.push({ name: itemName(record) });
      }
      const ledger = new Ledger(burnt, next - pool);
      for (const place of places) ledger.add(...place);
      this.#ledgers.set(kind, ledger);
      this.#records.set(kind, records);
      changes.push({ name: MARKS + kind, value: wordBytes(BigInt(burnt)) });
    }
    for (const { fields } of this.#content.items)
      for (const { values, macs } of fields) {
        values.fill(0);
        macs.fill(0);
      }
    await this.#shelf!.write(changes, true);
    return batches;
  }

  #holdings(): Holdings {
    const kinds = new Set([
      ...this.#content.marks.keys(),
      ...this.#content.items.map(({ record }) => record.kind),
    ]);
    return new Map(
      [...kinds].map((kind) => {
        const burnt = this.#content.marks.get(kind) ?? 0;
        const runs: Run[] = this.#content.items
          .filter(({ record }) => record.kind === kind)
          .map(({ record: { tag, start, count } }) => ({ tag, start, end: start + count }));
        return [kind, { burnt, runs: joinRuns(runs, burnt) }];
      }),
    );
  }

  #ledger(kind: Kind): Ledger {
    let ledger = this.#ledgers.get(kind);
    if (!ledger) {
      ledger = new Ledger(0, 0);
      this.#ledgers.set(kind, ledger);
    }
    return ledger;
  }

  /** Whole batches that are used need not lie there. */
  #dropUsed(kind: Kind, used: number): void {
    const records = this.#records.get(kind) ?? [];
    const gone = records.filter(({ start, count }) => start + count <= used);
    if (gone.length === 0) return;
    this.#records.set(kind, records.slice(gone.length));
    const changes = gone.map((record) => ({ name: itemName(record) }));
    this.#shelf!.write(changes, false).catch(() => undefined);
  }

  #requireOpen(): void {
    if (this.#closing) throw new SpdzError("closed", "the store is closed");
  }

  #notice(text: string): void {
    this.#options.onNotice?.(`The store ${this.#options.path}: ${text}.`);
  }
}

function nothingIn(): Content {
  return { head: undefined, alpha: 0n, seeds: new Uint8Array(0), marks: new Map(), items: [], used: [] };
}

const tagOf = (session: Uint8Array) => Buffer.from(session.subarray(0, 9)).toString("base64url");

function overlap(run: Run, { tag, start, count }: ItemRecord): Run | undefined {
  const part = { tag, start: Math.max(run.start, start), end: Math.min(run.end, start + count) };
  return run.tag === tag && part.start < part.end ? part : undefined;
}

/** @throws {StoreError} something in it was changed */
async function read(shelf: Shelf, layout: Layout, check: (head: Head) => void): Promise<Content> {
  const head = await shelf.get(HEAD);
  if (!head) {
    const rest = await shelf.names("");
    if (rest.some((name) => name !== "seal")) throw damaged(shelf.path);
    return nothingIn();
  }
  const parsed: Head = JSON.parse(Buffer.from(head).toString());
  check(parsed);
  const secrets = await shelf.get(SECRETS);
  if (!secrets) throw damaged(shelf.path);
  const marks = new Map<Kind, number>();
  for (const name of await shelf.names(MARKS))
    marks.set(name.slice(MARKS.length) as Kind, Number(readWord((await shelf.get(name))!)));
  const items: { record: ItemRecord; fields: RawVector[] }[] = [];
  const used: string[] = [];
  for (const name of await shelf.names(ITEMS)) {
    const record = readItemName(name);
    if (!record) throw damaged(shelf.path);
    if (record.start + record.count <= (marks.get(record.kind) ?? 0)) used.push(name);
    else items.push({ record, fields: unpackItems((await shelf.get(name))!, record, layout) });
  }
  return { head: parsed, alpha: readWord(secrets), seeds: secrets.slice(WORD), marks, items, used };
}
