import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ClassicLevel } from "classic-level";
import { StoreError } from "../../errors";
import { isDoomed, look, requireFolder, requireOurs, sweep, wipe } from "./erase";
import { StoreSeal, type StoreSecret } from "./store-seal";

type Database = ClassicLevel<string, Uint8Array>;

const SALT_BYTES = 32;
/** Stores of version 1 may hold a MAC key that a cheating party has learned. */
const VERSION = 2;
/** The name of the only value that is not sealed: the parameters to derive the key. */
const LOCK_PLATE = "seal";

/** Databases of this process that are being closed. Opening one of them again waits for that. */
const closing = new Map<string, Promise<void>>();

/** Something to write or, without a value, to delete. */
export interface Change {
  readonly name: string;
  readonly value?: Uint8Array | undefined;
}

/**
 * Sealed values by name in a LevelDB database, a folder that one process may have open at a time. The names are not
 * sealed.
 */
export class SealedDb {
  readonly #pending = new Set<Promise<unknown>>();

  private constructor(
    readonly path: string,
    readonly database: Database,
    readonly seal: StoreSeal,
  ) {}

  /**
   * Open a database.
   *
   * @param path - a folder; created if there is none
   * @throws {StoreError} another session has it open, the key is wrong, or it is damaged; the message says what to do
   */
  static async open(path: string, secret: StoreSecret): Promise<SealedDb> {
    const folder = resolve(path);
    await closing.get(folder);
    sweep(folder);
    if (isDoomed(folder)) wipe(folder);
    prepareFolder(folder);
    const database = await openDatabase(folder);
    try {
      const seal = await openSeal(folder, database, secret);
      return new SealedDb(folder, database, seal);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Return the names that begin with a prefix, in order. */
  names(prefix: string): Promise<string[]> {
    return this.#try(this.database.keys({ gte: prefix, lt: `${prefix}\uffff` }).all());
  }

  /** @throws {StoreError} the value was changed */
  async get(name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.#try(this.database.get(name));
    if (sealed === undefined) return undefined;
    try {
      return this.seal.open(name, sealed);
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }

  /**
   * Write all changes or none.
   *
   * @param durable - whether they must be on disk when this settles
   */
  write(changes: readonly Change[], durable: boolean): Promise<void> {
    const operations = changes.map(({ name, value }) =>
      value
        ? { type: "put" as const, key: name, value: this.seal.seal(name, value) }
        : { type: "del" as const, key: name },
    );
    const written = this.database.batch(operations, { sync: durable }).catch((cause: unknown) => {
      throw new StoreError(
        "write",
        `the store ${this.path} cannot be written (${String((cause as Error).message)}): see that the disk has space, ` +
          "then make a new DistributedInterface on both sides",
        { cause },
      );
    });
    this.#pending.add(written);
    written.catch(() => undefined).finally(() => this.#pending.delete(written));
    return written;
  }

  /**
   * Wait for writes in progress, and close it so that others may open it.
   *
   * @param tidy - whether to write the files anew, without deleted and replaced values
   */
  async close(tidy = false): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled([...this.#pending]);
    if (tidy) await this.database.compactRange("", "\uffff").catch(() => undefined);
    await this.database.close();
    this.seal.destroy();
    restrict(this.path);
  }

  async #try<T>(read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }
}

/** Make every later opening of the path in this process wait for this first. */
export function announceClosing(path: string, closed: Promise<void>): void {
  const folder = resolve(path);
  const after = Promise.allSettled([closing.get(folder), closed]).then(() => {
    if (closing.get(folder) === after) closing.delete(folder);
  });
  closing.set(folder, after);
}

function prepareFolder(folder: string): void {
  const found = look(folder);
  if (found) requireFolder(folder, found);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireOurs(folder);
  restrict(folder);
}

/** Let only its owner read it, whatever the process's umask is. */
function restrict(folder: string): void {
  try {
    chmodSync(folder, 0o700);
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      // chmod would follow a link.
      if (look(file)?.isFile()) chmodSync(file, 0o600);
    }
  } catch {
    // It is gone, or not ours: opening it will report that.
  }
}

async function openDatabase(folder: string): Promise<Database> {
  // Load it only if a store is used.
  const { ClassicLevel } = await import("classic-level");
  const database: Database = new ClassicLevel(folder, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    compression: false,
    writeBufferSize: 16 * 1024 * 1024,
  });
  try {
    await database.open();
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined;
    if (cause?.code === "LEVEL_LOCKED")
      throw new StoreError(
        "locked",
        `the store ${folder} is in use by another session: close that one, or give this party a store of its own`,
        { cause: error },
      );
    throw damaged(folder, error);
  }
  return database;
}

async function openSeal(folder: string, database: Database, secret: StoreSecret): Promise<StoreSeal> {
  const plate = await database.get(LOCK_PLATE).catch((cause: unknown) => {
    throw damaged(folder, cause);
  });
  if (plate === undefined) {
    const [other] = await database.keys({ limit: 1 }).all();
    if (other !== undefined) throw damaged(folder);
    const salt = randomBytes(SALT_BYTES);
    const seal = await StoreSeal.create(secret, salt);
    const content = { version: VERSION, from: secret.from, salt: salt.toString("hex"), check: seal.check };
    await database.put(LOCK_PLATE, Buffer.from(JSON.stringify(content)), { sync: true });
    return seal;
  }
  const { version, from, salt, check } = readPlate(folder, plate);
  if (version !== VERSION)
    throw new StoreError(
      "foreign",
      `the store ${folder} was made by another version: delete it to start afresh, or name another path`,
    );
  if (from !== secret.from) {
    const how = from === "curve" ? "this party's CURVE key" : "a passphrase";
    throw new StoreError(
      "key",
      `the store ${folder} is sealed with ${how}: open it with that (an encrypted session takes the party's key, ` +
        "storePassphrase or SPDZ_STORE_PASSPHRASE a passphrase), or delete it to start afresh",
    );
  }
  const seal = await StoreSeal.create(secret, Buffer.from(salt, "hex"));
  if (seal.check === check) return seal;
  const what = from === "curve" ? "this party's key (SPDZ_CONFIG says where it lies)" : "the passphrase";
  throw new StoreError(
    "key",
    `${what} does not open the store ${folder}: use the one that it was made with, or delete the store to start afresh`,
  );
}

function readPlate(folder: string, plate: Uint8Array): Record<string, string | number> & { salt: string } {
  try {
    const content = JSON.parse(Buffer.from(plate).toString());
    if (typeof content.salt === "string") return content;
  } catch {
    // The value is not what we wrote.
  }
  throw damaged(folder);
}

export function damaged(folder: string, cause?: unknown): StoreError {
  return new StoreError(
    "damaged",
    `the store ${folder} was damaged or changed, and nothing of it is used: delete it to start afresh`,
    { cause },
  );
}
