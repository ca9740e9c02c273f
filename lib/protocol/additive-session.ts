import type { OperationLink } from "../channel/operation-link";
import type { Needs } from "../preprocessing/kinds";
import { Pool, type Progress } from "../preprocessing/pool";
import type { Producer } from "../preprocessing/producer/producer";
import { additiveScheme } from "./additive-scheme";
import { leave } from "./leave";
import { MatrixMasks } from "./matrix-masks";
import { planOf } from "./needs";
import type { Scheme, Work } from "./scheme";
import type { IssuedWork, SharingSession } from "./sharing-session";

/** One party's end of a session on plain additive shares mod 2^64, whatever makes its correlated randomness. */
export class AdditiveSession implements SharingSession {
  readonly scheme = additiveScheme as Scheme;
  readonly #pool: Pool;
  readonly #masks = new MatrixMasks();

  /** @param producer - of shares without MACs; destroyed with this */
  constructor(producer: Producer, onProgress?: (progress: Progress) => void) {
    this.#pool = new Pool(producer, onProgress);
  }

  async setUp(link: OperationLink): Promise<void> {
    await this.#pool.setUp(link);
  }

  issue(work: Work): IssuedWork {
    const { needs, product, triples } = planOf(work, this.#pool.offers, this.#masks);
    const items = this.#pool.reserve(needs);
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

  prefetch(needs: Needs): void {
    this.#pool.prefetch(needs);
  }

  prefetched(): Promise<void> {
    return this.#pool.idle();
  }

  lose(error: Error): void {
    leave(error, () => this.fail(error));
  }

  fail(error: Error): void {
    this.#pool.destroy(error);
  }
}
