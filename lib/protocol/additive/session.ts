import type { OperationLink } from "../../channel/operation-link";
import type { Needs } from "../../preprocessing/kinds/kinds";
import { Pool, type Progress } from "../../preprocessing/pool/pool";
import type { Producer } from "../../preprocessing/producer";
import { type RingVector, ring64 } from "../../ring";
import { closeWhenIdle } from "../close";
import type { Demand } from "../demand";
import { MatrixMasks } from "../matrix-masks";
import type { Setting } from "../protocol";
import type { Issued, SharingSession } from "../sharing-session";
import type { AdditiveContext } from "./context";
import { additiveScheme } from "./scheme";

/** One party's end of a session on additive shares mod 2^64, with any producer of correlated randomness. */
export class AdditiveSession implements SharingSession<RingVector, AdditiveContext> {
  readonly scheme = additiveScheme;
  readonly pool: Pool;
  readonly setting: Setting;
  #settleReady!: { resolve(): void; reject(error: Error): void };
  readonly #ready: Promise<void>;

  /**
   * @param producer - makes correlated randomness without MACs; destroyed with this session
   * @param ahead - see Pool. Default: 0.
   */
  constructor(producer: Producer, onProgress?: (progress: Progress) => void, ahead = 0) {
    this.pool = new Pool(producer, onProgress, undefined, ahead);
    this.setting = { can: producer.capabilities, masks: new MatrixMasks() };
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => undefined);
  }

  async setUp(link: OperationLink, control?: OperationLink): Promise<void> {
    try {
      await this.pool.setUp(link, control);
      this.#settleReady.resolve();
    } catch (error) {
      this.abort(error as Error);
      throw error;
    }
  }

  issue(demand: Demand): Issued<AdditiveContext> {
    const items = this.pool.reserve(demand.items);
    const { can } = this.setting;
    return {
      async run(link, body) {
        const ctx: AdditiveContext = { ring: ring64, link, items, can };
        try {
          return await body(ctx);
        } finally {
          items.discard();
        }
      },
      abort: () => items.discard(),
    };
  }

  drain(): undefined {
    return undefined;
  }

  prefetch(needs: Needs): void {
    this.pool.prefetch(needs);
  }

  async prefetched(): Promise<void> {
    await this.#ready;
    await this.pool.idle();
  }

  close(error: Error): void {
    closeWhenIdle(error, () => this.abort(error));
  }

  abort(error: Error): void {
    this.pool.destroy(error);
    this.#settleReady.reject(error);
  }
}
