import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { wordBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { CheckError, SavedError, SpdzError, StoreError } from "../../errors";
import type { Kind } from "../kinds/kinds";
import { burn, type RawVector, type ShareLayout } from "../kinds/raw";
import type { SetUp } from "../producer";
import {
  agreeOnItems,
  belongTogether,
  encodeHoldings,
  exchangeGreetings,
  nameSession,
  type StoreGreeting,
} from "./agreement";
import {
  destroyContent,
  headChanges,
  holdingsOf,
  markChange,
  NOTHING,
  readContent,
  type StoreContent,
  type StoreHead,
  unsettledChange,
} from "./content";
import { doom, wipe } from "./erase";
import { type ItemRecord, itemName, packItems } from "./items";
import type { Keeper, Kept } from "./keeper";
import { Ledger } from "./ledger";
import { announceClosing, SealedDb } from "./sealed-db";
import type { StoreSecret } from "./store-seal";
import { takeOver } from "./take-over";
import type { Vault } from "./vault";

export interface FileKeeperOptions {
  /** The store's folder. */
  readonly path: string;
  readonly secret: StoreSecret;
  readonly party: Party;
  /** Settings that must be the same for items to be usable: how secrets are shared and where randomness comes from. */
  readonly settings: string;
  /** Called with a sentence for people about what happened to the store. */
  readonly onNotice?: (text: string) => void;
}

/**
 * Keeps items in a folder of this machine, sealed, together with the seeds from which production continues under the
 * same MAC key.
 *
 * Each item is marked as used on disk before it is used: a mark, ahead of the last used item by a stride, is written
 * first. Items that the mark has passed are never used again, whether or not they were used. Each session is a
 * generation. It continues from seeds that no session has used, and before it makes anything it replaces them by the
 * seeds of the next generation.
 *
 * If the peer brings no store, this one is set aside: the session uses nothing of it and changes nothing in it, whatever
 * happens. That cannot lead to a second use of anything. The producer gets no resumption, so it draws a MAC key, base
 * transfers and seeds for that session alone, and reads no stored seed. The pool gets no stored item, and the keeper
 * notes none. Afterwards, generation, seeds, marks and items are what they were before, at both parties if the peer has
 * a store that it did not bring. The two stores still match, and the next session that brings both uses that generation
 * for the first time. A peer that hides its store only forgoes it. A check that fails or is interrupted in such a
 * session says nothing about the stored key, which was not in use, so the store stays.
 */
export class FileKeeper implements Keeper {
  /** Settles when the store is open; rejects if it cannot be used. */
  readonly opened: Promise<void>;
  /** Settles when no opening is under way. */
  #opening: Promise<unknown>;
  readonly #options: FileKeeperOptions;
  readonly #layout: ShareLayout;
  #ledgers = new Map<Kind, Ledger>();
  /** The batches in the store that are not burnt, in the order of their numbers. */
  #records = new Map<Kind, ItemRecord[]>();
  #db: SealedDb | undefined;
  #content: StoreContent = NOTHING;
  #head: StoreHead | undefined;
  #tag = "";
  #alpha: bigint | undefined;
  /** The seeds from which the producer continues, until it has read them. */
  #seeds = new Uint8Array(0);
  /** Nothing is kept from the set-up on, because it would not be usable. */
  #idle = false;
  /** Settles once it is known whether this session's values can be saved. */
  readonly #vault: Promise<Vault>;
  #settleVault!: { resolve(vault: Vault): void; reject(error: Error): void };
  /** The other party brought no store, so this one is set aside and stays as it is. */
  #aside = false;
  #marking: Promise<void> = Promise.resolve();
  /** The store holds a MAC key, and seeds and items under it. */
  #holdsKey = false;
  /** Writes of the mark of unsettled checks, one after the other. */
  #unsettled: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #doomed = false;
  /** Settles when the store is closed and others may open it. */
  readonly closed: Promise<void>;
  #settleClosed!: (closing: Promise<void>) => void;

  constructor(options: FileKeeperOptions, layout: ShareLayout) {
    this.#options = options;
    this.#layout = layout;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.closed.catch(() => undefined);
    this.#vault = new Promise((resolve, reject) => {
      this.#settleVault = { resolve, reject };
    });
    this.#vault.catch(() => undefined);
    this.opened = this.#open();
    this.#opening = this.opened.catch(() => undefined);
  }

  async meet(link: OperationLink): Promise<Kept> {
    await this.opened;
    this.#requireOpen();
    const { head } = this.#content;
    const holdings = holdingsOf(this.#content);
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
    const { batches, ledgers, records, changes } = takeOver(this.#content, agreed);
    this.#ledgers = ledgers;
    this.#records = records;
    await this.#db!.write(changes, true);
    const { alpha } = this.#content;
    this.#seeds = this.#content.seeds.slice();
    this.#destroyContent();
    if (this.#seeds.length === 0) return { batches, resumption: undefined };
    this.#alpha = alpha;
    this.#holdsKey = true;
    return { batches, resumption: { session, seeds: this.#seeds, steps: generation - head!.generation } };
  }

  async begin({ alpha, seeds = new Uint8Array(0) }: SetUp): Promise<void> {
    this.#seeds.fill(0);
    if (this.#idle) {
      this.#settleVault.reject(
        new SavedError(
          "store",
          "the other party has no store in this session, so the MAC key lasts for this session only, and nothing can be " +
            "saved or loaded: name a store on both sides",
        ),
      );
      return;
    }
    this.#requireOpen();
    if (this.#alpha !== undefined && this.#alpha !== alpha)
      throw new SpdzError("internal", "the stored seeds lead to another MAC key than before");
    if (this.#layout.mac > 0 && seeds.length === 0) {
      // Without seeds, nothing can be made under the same key after a restart.
      this.#idle = true;
      this.#notice("in this mode nothing can be kept for a later session; the store stays empty");
      this.#settleVault.reject(
        new SavedError(
          "store",
          "with a dealer and malicious security, every session has a MAC key of its own, and the store cannot keep it, so " +
            'nothing can be saved or loaded: leave out preprocessing: "dealer"',
        ),
      );
      return;
    }
    const head = { ...this.#head!, generation: this.#head!.generation + 1 };
    await this.#db!.write(headChanges(head, alpha, seeds), true);
    this.#holdsKey = true;
    this.#settleVault.resolve(this.#openVault(head.id, alpha));
  }

  /** Whether the other party is known to have no store. It then refuses to save and to load, without a message. */
  get alone(): boolean {
    return this.#aside;
  }

  /**
   * Return what seals saved values, once the session is set up.
   *
   * @throws {SavedError} the store does not outlive the session, or its MAC key does not; the message says why
   */
  vault(): Promise<Vault> {
    return this.#vault;
  }

  set(): Promise<void> | undefined {
    if (!this.#holdsKey || this.#closing) return undefined;
    return this.#noteUnsettled(true);
  }

  clear(): void {
    // If this fails the mark stays, and the next session destroys the store.
    if (this.#holdsKey && !this.#closing) this.#noteUnsettled(false).catch(() => undefined);
  }

  #noteUnsettled(open: boolean): Promise<void> {
    const written = this.#unsettled.then(() => this.#db!.write([unsettledChange(open)], true));
    this.#unsettled = written.catch(() => undefined);
    return written;
  }

  add(kind: Kind, start: number, count: number, fields: readonly RawVector[]): void {
    if (this.#idle || this.#closing || count === 0) {
      fields.forEach(burn);
      return;
    }
    const ledger = this.#ledger(kind);
    const record: ItemRecord = { kind, start: start + ledger.offset, count, tag: this.#tag };
    ledger.add(start, record.start, count);
    const records = this.#records.get(kind);
    if (records) records.push(record);
    else this.#records.set(kind, [record]);
    const value = packItems(fields);
    fields.forEach(burn);
    // If this fails, only items that nobody needs yet are lost.
    this.#db!.write([{ name: itemName(record), value }], false).catch(() => undefined);
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
      // Write one after the other, so that no lower mark replaces a higher one.
      this.#marking = this.#marking.then(() => this.#mark(kind, ledger, mark));
      this.#marking.catch(() => undefined);
    }
    return this.#marking;
  }

  close(error: Error): Promise<void> {
    const doomed = error instanceof CheckError && !this.#doomed && !this.#aside;
    if (doomed) {
      this.#doomed = true;
      // Mark it durably first, whatever happens to this process.
      this.#destroy(doom);
    }
    this.#settleVault.reject(error);
    if (doomed || !this.#closing) {
      const shut = this.#closing ?? this.#closeDb();
      this.#closing = doomed ? shut.catch(() => undefined).then(() => this.#destroy(wipe)) : shut;
      this.#closing.catch(() => undefined);
      this.#settleClosed(this.#closing);
      announceClosing(this.#options.path, this.#closing);
    }
    return this.#closing;
  }

  async #mark(kind: Kind, ledger: Ledger, mark: number): Promise<void> {
    await this.#db!.write([markChange(kind, mark)], true);
    ledger.mark = mark;
    this.#dropUsed(kind, ledger.used);
  }

  #destroy(how: (folder: string) => void): void {
    if (!this.#db) return;
    try {
      how(this.#db.path);
    } catch (error) {
      this.#notice(
        `it cannot be destroyed (${(error as Error).message}): delete it, nothing in it may be used again`,
      );
    }
  }

  async #closeDb(): Promise<void> {
    await this.#opening;
    if (!this.#db) return;
    try {
      await this.#marking.catch(() => undefined);
      await this.#unsettled;
      // Nothing more is used, so the next session may use the items between the last used one and the mark.
      const marks = [...this.#ledgers]
        .filter(([, { used, mark }]) => used < mark)
        .map(([kind, { used }]) => markChange(kind, used));
      if (!this.#doomed && marks.length > 0) await this.#db.write(marks, true);
    } finally {
      // Remove used items and the seeds of this session, which are in the files, sealed, for good.
      await this.#db.close(!this.#doomed && !this.#idle);
    }
  }

  async #open(): Promise<void> {
    const { path, secret, party, settings } = this.#options;
    const db = await SealedDb.open(path, secret);
    try {
      this.#content = await readContent(db, this.#layout, (head) => {
        if (head.party === party && head.settings === settings) return;
        throw new StoreError(
          "foreign",
          `the store ${path} belongs to party ${head.party} with ${head.settings}, and this is party ${party} with ` +
            `${settings}: name another path, or delete it to start afresh`,
        );
      });
      this.#db = this.#content.unsettled ? await this.#destroyUnsettled(db) : db;
      this.#head = this.#content.head;
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** The stores do not belong together, so kept items are not usable, unless the other party only did not bring its store. */
  async #startAfresh(link: OperationLink, greetings: [StoreGreeting, StoreGreeting]): Promise<Kept> {
    const { party, settings } = this.#options;
    const { head } = this.#content;
    this.#destroyContent();
    const [, { keeps }] = greetings;
    this.#idle = !keeps;
    this.#aside = !keeps;
    if (!keeps) {
      this.#notice(
        head
          ? "the other party brought no store to this session, so nothing of this one is used or added: it stays as it " +
              "is, for the next session in which both parties name their stores"
          : "the other party keeps no store, so nothing is kept here either",
      );
      return { batches: [], resumption: undefined };
    }
    if (head) {
      this.#notice(
        "the other party's store is not of the same sessions, so what was kept here is of no use: it is destroyed, and " +
          "both start afresh",
      );
      const replacing = this.#replace();
      this.#opening = replacing.catch(() => undefined);
      await replacing;
      this.#requireOpen();
    }
    const blank: [StoreGreeting, StoreGreeting] = [{ ...greetings[0], id: new Uint8Array(32) }, greetings[1]];
    const id = nameSession(link, "id", blank, 0);
    this.#head = { party, settings, id: Buffer.from(id).toString("hex"), generation: 0 };
    this.#tag = tagOf(id);
    return { batches: [], resumption: undefined };
  }

  /**
   * Destroy the store after a session that ended when this party had opened its share of a check and the other party had
   * not: the other party may have computed the MAC key, so nothing of the store may be used again.
   */
  async #destroyUnsettled(db: SealedDb): Promise<SealedDb> {
    this.#destroyContent();
    this.#notice(
      "an earlier session ended in the middle of a check, when the other party may have learned the MAC key, so what " +
        "was kept here is destroyed, and both parties start afresh",
    );
    await db.close();
    wipe(db.path);
    return SealedDb.open(db.path, this.#options.secret);
  }

  /** Replace this store by an empty one. */
  async #replace(): Promise<void> {
    const old = this.#db!;
    this.#db = undefined;
    this.#holdsKey = false;
    await old.close();
    wipe(old.path);
    this.#requireOpen();
    this.#db = await SealedDb.open(old.path, this.#options.secret);
  }

  #openVault(id: string, alpha: bigint): Vault {
    // Once the store is closed, its key is overwritten.
    const seal = () => {
      this.#requireOpen();
      return this.#db!.seal;
    };
    return {
      id,
      keyPrint: hashLabelled("store/mac key", Buffer.from(id, "hex"), wordBytes(alpha)),
      seal: (name, bytes) => seal().seal(`saved/${name}`, bytes),
      open: (name, sealed) => seal().open(`saved/${name}`, sealed),
    };
  }

  #ledger(kind: Kind): Ledger {
    let ledger = this.#ledgers.get(kind);
    if (!ledger) {
      ledger = new Ledger(0, 0);
      this.#ledgers.set(kind, ledger);
    }
    return ledger;
  }

  /** Delete batches that are used completely. */
  #dropUsed(kind: Kind, used: number): void {
    const records = this.#records.get(kind) ?? [];
    const gone = records.filter(({ start, count }) => start + count <= used);
    if (gone.length === 0) return;
    this.#records.set(kind, records.slice(gone.length));
    const changes = gone.map((record) => ({ name: itemName(record) }));
    this.#db!.write(changes, false).catch(() => undefined);
  }

  #destroyContent(): void {
    destroyContent(this.#content);
    this.#content = NOTHING;
  }

  #requireOpen(): void {
    if (this.#closing) throw new SpdzError("closed", "the store is closed");
  }

  #notice(text: string): void {
    this.#options.onNotice?.(`The store ${this.#options.path}: ${text}.`);
  }
}

const tagOf = (session: Uint8Array) => Buffer.from(session.subarray(0, 9)).toString("base64url");
