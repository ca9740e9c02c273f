/** From rows of the extension to pads: the hash that breaks the correlation, and what both forms of it need. */

import { permuteForHash } from "../../crypto/block-hash";
import type { Kernels } from "../wasm/kernels";

/** Both parties' transfers, and both halves of wide pads, have their own tweaks. */
const DIRECTIONS = 2;
/** Kept between what one call reads and writes: at a distance of whole pages a load would wait for the store before. */
const APART = 192;

/** Addresses of the pads of `count` transfers, 16 bytes each, and of 16 more where they are wide; soon overwritten. */
export interface Pads {
  readonly count: number;
  readonly low: number;
  readonly top: number;
}

/** Hashes the rows of all runs of one direction by `hashBlocks`, in bulk. */
export class PadHash {
  /** Transfers of earlier runs, so that no tweak comes twice. */
  #made = 0n;

  /** @param domain - 0 or 1, the party that sends */
  constructor(
    readonly kernels: Kernels,
    readonly domain: number,
  ) {}

  /** Memory for `hash` to work in, for as many rows at once: the pads, and what comes before them. */
  allocate(count: number): number {
    return this.kernels.allocate(3 * count * 16 + APART);
  }

  /**
   * @param rows - address of `count` rows
   * @param first - number in this run of the first one
   * @param wide - whether to hash under a second tweak too
   * @param at - from `allocate`
   */
  hash(rows: number, count: number, first: bigint, wide: boolean, at: number): Pads {
    const { kernels, domain } = this;
    const size = count * 16;
    const inner = at + 2 * size + APART;
    const tweak = this.#made + first;
    kernels.write(inner, permuteForHash(kernels.view(rows, size)));
    const domains = wide ? [domain, domain + DIRECTIONS] : [domain];
    for (const [i, each] of domains.entries())
      kernels.run.xorTweak(at + i * size, inner, size, tweak, BigInt(each));
    kernels.write(at, permuteForHash(kernels.view(at, domains.length * size)));
    for (const i of domains.keys()) kernels.run.xorInto(at + i * size, inner, size);
    return { count, low: at, top: at + size };
  }

  /** A run of `count` transfers is over. */
  advance(count: number): void {
    this.#made += BigInt(count);
  }
}
