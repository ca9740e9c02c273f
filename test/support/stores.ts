import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { encodeZ85 } from "../../lib/channel/keys/z85";
import type { Kind, Needs } from "../../lib/preprocessing/kinds/kinds";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { Pool } from "../../lib/preprocessing/pool/pool";
import type { Producer } from "../../lib/preprocessing/producer";
import { FileKeeper, type FileKeeperOptions } from "../../lib/preprocessing/store/file-keeper";
import type { StoreSecret } from "../../lib/preprocessing/store/store-seal";
import { ring64 } from "../../lib/ring";
import type { MacKey } from "../../lib/sharing/authenticated";
import { createLinkPair, runBoth } from "./links";

/** Both parties' stores in one process. */
export class Stores {
  readonly paths: readonly [string, string];
  readonly secrets: [StoreSecret, StoreSecret];
  readonly notices: string[] = [];
  readonly sessions: Sessions[] = [];

  constructor(
    folder: string,
    /** The same for both parties. */
    readonly createProducer: () => Producer,
    readonly settings = "these settings",
  ) {
    this.paths = [`${folder}/zero`, `${folder}/one`];
    this.secrets = [randomSecret(), randomSecret()];
  }

  options(party: 0 | 1): FileKeeperOptions {
    return {
      path: this.paths[party],
      secret: this.secrets[party],
      party,
      settings: this.settings,
      onNotice: (text) => this.notices.push(text),
    };
  }

  /** Both parties begin a session. */
  async open(keeps: readonly [boolean, boolean] = [true, true]): Promise<Sessions> {
    const begun = { bytes: 0 };
    const links = createLinkPair(({ payload }) => {
      begun.bytes += payload.length;
    });
    const pools = ([0, 1] as const).map((party) => {
      const producer = this.createProducer();
      const pool = new Pool(producer);
      if (!keeps[party]) return { pool, keeper: undefined };
      const keeper = new FileKeeper(this.options(party), producer.layout);
      pool.keepIn(keeper);
      return { pool, keeper };
    });
    const session = new Sessions(pools);
    this.sessions.push(session);
    session.keys = await runBoth(
      links,
      (link) => pools[0]!.pool.setUp(link),
      (link) => pools[1]!.pool.setUp(link),
    );
    session.bytes = begun.bytes;
    return session;
  }
}

export function randomSecret(): StoreSecret {
  return { from: "curve", secretKey: encodeZ85(randomBytes(32)) };
}

/** One session of both parties. */
export class Sessions {
  keys!: [MacKey, MacKey];
  /** Both parties' first messages. */
  bytes = 0;

  constructor(readonly ends: readonly { pool: Pool; keeper: FileKeeper | undefined }[]) {}

  get pools(): readonly Pool[] {
    return this.ends.map(({ pool }) => pool);
  }

  /** Makes items that nobody takes. */
  async prepare(needs: Needs): Promise<void> {
    for (const { pool } of this.ends) pool.prefetch(needs);
    await Promise.all(this.ends.map(({ pool }) => pool.idle()));
  }

  /** Both parties' next items of a kind. */
  take(kind: Kind, count: number): Promise<RawVector[][]> {
    return Promise.all(this.ends.map(({ pool }) => pool.reserve({ [kind]: count }).take(kind, count)));
  }

  /** How many items of a kind lie ready, at each party. */
  left(kind: Kind): number[] {
    return this.ends.map(({ pool }) => pool.levels().find((level) => level.kind === kind)?.ready ?? 0);
  }

  /** Ends it, and waits until the stores can be opened again. */
  async end(error: Error = new Error("over")): Promise<void> {
    for (const { pool } of this.ends) pool.destroy(error);
    await Promise.all(this.ends.map(({ keeper }) => keeper?.closed));
  }
}

/** Each item as text, a field after the other. */
export function texts(fields: readonly RawVector[], count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    fields
      .map(({ values }) => {
        const unit = values.length / count;
        return Buffer.from(values.subarray(i * unit, (i + 1) * unit)).toString("hex");
      })
      .join(" "),
  );
}

/** Sees that a, b, c of both parties are triples. */
export function expectTriples([mine, theirs]: RawVector[][], count: number): void {
  const [a, b, c] = mine!.map(({ values }, i) =>
    ring64.add(ring64.fromBytes(values, count), ring64.fromBytes(theirs![i]!.values, count)),
  );
  expect(ring64.equals(ring64.mul(a!, b!), c!)).toBe(true);
}
