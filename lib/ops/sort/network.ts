/**
 * Sorting networks: which elements to compare and exchange, whatever they are.
 *
 * Source: Batcher's merge exchange for any number of elements, Knuth, The Art of Computer Programming 3, algorithm 5.2.2M.
 */

/** Elements that are compared at once: afterwards the one at `low[i]` is at most the one at `high[i]`. */
export interface Level {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

type Exchange = readonly [low: number, high: number];

/**
 * Plan to sort `length` elements, as far as some places of the result are concerned.
 *
 * @param wanted - the places. Default: all.
 * @returns levels; in each, every element is compared at most once
 */
export function sortingNetwork(length: number, wanted?: readonly number[]): Level[] {
  const all = mergeExchange(length);
  return inLevels(length, wanted ? needed(all, wanted) : all);
}

function mergeExchange(length: number): Exchange[] {
  const exchanges: Exchange[] = [];
  const top = 2 ** (Math.ceil(Math.log2(Math.max(2, length))) - 1);
  for (let p = top; p > 0; p = Math.floor(p / 2)) {
    let [q, r, d] = [top, 0, p];
    for (;;) {
      for (let i = 0; i < length - d; i++) if ((i & p) === r) exchanges.push([i, i + d]);
      if (q === p) break;
      d = q - p;
      q /= 2;
      r = p;
    }
  }
  return exchanges;
}

/** Leave out what no wanted place depends on. */
function needed(exchanges: readonly Exchange[], wanted: readonly number[]): Exchange[] {
  const places = new Set(wanted);
  const kept: Exchange[] = [];
  for (const exchange of [...exchanges].reverse()) {
    if (!exchange.some((place) => places.has(place))) continue;
    kept.push(exchange);
    for (const place of exchange) places.add(place);
  }
  return kept.reverse();
}

/** Put each exchange in the first level in which both elements are ready. */
function inLevels(length: number, exchanges: readonly Exchange[]): Level[] {
  const ready = new Array<number>(length).fill(0);
  const levels: { low: number[]; high: number[] }[] = [];
  for (const [low, high] of exchanges) {
    const at = Math.max(ready[low]!, ready[high]!);
    levels[at] ??= { low: [], high: [] };
    levels[at].low.push(low);
    levels[at].high.push(high);
    ready[low] = at + 1;
    ready[high] = at + 1;
  }
  return levels;
}
