import type { OperationLink } from "../../channel/operation-link";
import type { Needs } from "../../preprocessing/kinds/kinds";
import { Pool, type Progress } from "../../preprocessing/pool/pool";
import type { Producer } from "../../preprocessing/producer";
import { leave } from "../leave";
import { MatrixMasks, openedBy } from "../matrix-masks";
import { planOf, refuseLargest } from "../needs";
import type { Scheme, Work } from "../scheme";
import type { Estimate, IssuedWork, PlanState, SharingSession } from "../sharing-session";
import { createAdditiveScheme } from "./scheme";

/** One party's end of a session on plain additive shares mod 2^64, whatever makes its correlated randomness. */
export class AdditiveSession implements SharingSession {
  readonly scheme: Scheme;
  readonly pool: Pool;
  readonly masks = new MatrixMasks();
  #settleReady!: { resolve(): void; reject(error: Error): void };
  readonly #ready: Promise<void>;

  /** @param producer - of shares without MACs; destroyed with this; `ahead` is Pool's */
  constructor(producer: Producer, onProgress?: (progress: Progress) => void, ahead = 0) {
    this.pool = new Pool(producer, onProgress, undefined, ahead);
    this.scheme = createAdditiveScheme(producer.offers) as Scheme;
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => undefined);
  }

  async setUp(link: OperationLink): Promise<void> {
    try {
      await this.pool.setUp(link);
      this.#settleReady.resolve();
    } catch (error) {
      this.fail(error as Error);
      throw error;
    }
  }

  refuse(work: Work): void {
    refuseLargest(work, this.pool.offers);
  }

  issue(work: Work): IssuedWork {
    const { needs, product, triples } = planOf(work, this.pool.offers, this.masks);
    const items = this.pool.reserve(needs);
    return {
      triples,
      async run(_, body) {
        try {
          return await body({ items, product });
        } finally {
          items.discard();
        }
      },
      abandon(error) {
        items.discard();
        for (const mask of product?.fresh ?? []) mask.fail(error);
      },
    };
  }

  estimate(work: Work, { masks }: PlanState): Estimate {
    const { needs, product, triples } = planOf(work, this.pool.offers, masks);
    const { inputs, truncations = 0, reveals = 0, swaps = 0 } = work;
    const passed = reveals + swaps + (inputs?.length ?? 0);
    const opened = 2 * (needs.triple ?? 0) + openedBy(product);
    const wraps = needs.wrap === undefined ? 8 * truncations : Math.ceil(truncations / 8);
    const rounds = [opened, truncations, passed].filter((elements) => elements > 0).length;
    return { needs, triples, rounds, bytes: 8 * (opened + passed) + wraps };
  }

  planState(): PlanState {
    return { masks: new MatrixMasks(this.masks), unchecked: 0 };
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

  lose(error: Error): void {
    leave(error, () => this.fail(error));
  }

  fail(error: Error): void {
    this.pool.destroy(error);
    this.#settleReady.reject(error);
  }
}
