import type { Party } from "../../channel/channel";
import type { Kind } from "../../preprocessing/kinds/kinds";
import { PLAIN, type RawVector } from "../../preprocessing/kinds/raw";
import { Pool } from "../../preprocessing/pool/pool";
import type { Producer, SetUp } from "../../preprocessing/producer";
import { type RingVector, ring128 } from "../../ring";
import { MatrixMasks } from "../matrix-masks";
import type { Setting } from "../protocol";
import type { Issued, SharingSession } from "../sharing-session";
import type { PlainContext } from "./context";
import { plainScheme } from "./scheme";

/** Nothing in the clear needs correlated randomness. */
const nothing: Producer = {
  layout: PLAIN,
  capabilities: { truncation: "truncation", matrices: true },
  concurrency: 1,
  batch: () => ({ least: 1, most: 1 }),
  cost: () => ({ bytes: 0, rounds: 0, micros: 0 }),
  setUp: (): Promise<SetUp> => Promise.reject(notMade()),
  make: (_kind: Kind): Promise<RawVector[]> => Promise.reject(notMade()),
  destroy: async () => undefined,
};

function notMade(): TypeError {
  return new TypeError("a session in the clear makes no correlated randomness");
}

/** A session in the clear: one party holds every value, and nothing is sent. */
export class PlainSession implements SharingSession<RingVector, PlainContext> {
  readonly scheme = plainScheme;
  readonly pool = new Pool(nothing);
  readonly setting: Setting = { can: nothing.capabilities, masks: new MatrixMasks() };
  readonly #ctx: PlainContext;

  constructor(party: Party) {
    this.#ctx = { ring: ring128, party, cut: () => undefined };
  }

  async setUp(): Promise<void> {}

  issue(): Issued<PlainContext> {
    return { run: (_link, body) => body(this.#ctx), abort: () => undefined };
  }

  prefetch(): void {}

  async prefetched(): Promise<void> {}

  drain(): undefined {
    return undefined;
  }

  close(error: Error): void {
    this.abort(error);
  }

  abort(error: Error): void {
    this.pool.destroy(error);
  }
}
