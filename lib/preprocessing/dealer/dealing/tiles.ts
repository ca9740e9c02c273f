/** Cuts a batch into pieces, so that the memory and time of each piece are bounded for every batch. */

/** The most bytes of one piece of corrections. */
export const MAX_PIECE_BYTES = 2 ** 21;
/** Bytes of a piece of elements that are in no matrix. */
const RUN_BYTES = 2 ** 19;
/** The most rows of a tile. Parts of a factor's rows are read one by one, so make them few and long. */
const MOST_ROWS = 2 ** 12;
/** Elements of the parts of both factors, and products of numbers, in one step of a product. */
const STEP_ELEMENTS = 2 ** 18;
const STEP_PRODUCTS = 2 ** 26;

/** Elements in rows, cut into tiles. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly tileRows: number;
  readonly tileColumns: number;
}

/** From `top` to before `bottom`, and from `left` to before `right`. */
export interface Tile {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * @param bytes - bytes that a piece has for each element
 */
export function gridOf(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  bytes: number,
): Grid {
  const most = powerOfTwoBelow((rows === 1 ? RUN_BYTES : MAX_PIECE_BYTES) / bytes);
  // Make tiles as square as possible, so that a factor's rows and columns are made again less often.
  const side = 2 ** Math.floor(Math.log2(most) / 2);
  const tileColumns = Math.min(columns, Math.max(side, Math.floor(most / rows)));
  const tileRows = Math.min(rows, MOST_ROWS, Math.max(1, Math.floor(most / tileColumns)));
  return { rows, columns, tileRows, tileColumns };
}

export function* tilesOf({ rows, columns, tileRows, tileColumns }: Grid): Iterable<Tile> {
  for (let top = 0; top < rows; top += tileRows)
    for (let left = 0; left < columns; left += tileColumns) {
      const [bottom, right] = [Math.min(rows, top + tileRows), Math.min(columns, left + tileColumns)];
      yield { top, bottom, left, right };
    }
}

/** Where a tile's rows are in the grid's elements. Whole rows are joined into one. */
export function* rowsOf({ columns }: Grid, tile: Tile): Iterable<{ start: number; length: number }> {
  const { top, bottom, left, right } = tile;
  if (right - left === columns) yield { start: top * columns, length: (bottom - top) * columns };
  else for (let row = top; row < bottom; row++) yield { start: row * columns + left, length: right - left };
}

/** The parts of the inner dimension of a product, one for each step. */
export function* blocksOf(
  rows: number,
  inner: number,
  columns: number,
): Iterable<[from: number, to: number]> {
  const most = Math.min(STEP_PRODUCTS / (rows * columns), STEP_ELEMENTS / (rows + columns));
  const step = Math.max(1, Math.floor(most));
  for (let from = 0; from < inner; from += step) yield [from, Math.min(inner, from + step)];
}

function powerOfTwoBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, value)));
}
