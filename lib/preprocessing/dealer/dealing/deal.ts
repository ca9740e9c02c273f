import { concatBytes, drawBytes } from "../../../crypto/bytes";
import { type Ring, type RingVector, ring64, ring128, scope } from "../../../ring";
import type { DealingRule, MaskProduct } from "../../kinds/kind";
import { type Kind, partsOf } from "../../kinds/kinds";
import { AUTHENTICATED, type RawVector, type ShareLayout } from "../../kinds/raw";
import { createCover, createStream, openStream, type SeekableStream } from "./stream";
import { blocksOf, type Grid, gridOf, rowsOf, type Tile, tilesOf } from "./tiles";

/**
 * Makes correlated randomness from two seeds, one of each party. A uniform value is the sum of both seeds' streams. For
 * a value that follows from uniform ones (a product, a MAC), party 0's share comes from its seed alone, and party 1's
 * share is a correction that party 0 never sees.
 *
 * Party 0 knows its own streams and could subtract them from a correction. So a stream of party 1's seed covers the
 * corrections, which are uniform bytes to everybody else, wherever they are sent.
 *
 * Streams are named by the batch that is asked for, and the covered text follows from both seeds and that name. So the
 * dealer remembers nothing, asking twice gives the same bytes, and no stream covers two texts.
 */

/** A batch of `count` items of a kind, from number `start` on. */
export interface Batch {
  readonly kind: Kind;
  readonly count: number;
  readonly start: number;
}

/** The dealer's knowledge: both seeds, and with them the MAC key where shares have MACs. */
export interface Dealing {
  readonly layout: ShareLayout;
  readonly seeds: readonly [zero: Uint8Array, one: Uint8Array];
}

const ringOf = (layout: ShareLayout): Ring => (layout === AUTHENTICATED ? ring128 : ring64);
const nameOf = ({ kind, count, start }: Batch) => `${kind}/${start}/${count}`;
/** The stream from which a field's values, or its MACs, are drawn. */
const streamOf = (seed: Uint8Array, batch: Batch, field: number, part = "values"): SeekableStream =>
  openStream(seed, `${nameOf(batch)}/${field} ${part}`);

/**
 * How items of a kind are dealt.
 *
 * @throws {TypeError} no dealer makes the kind in this layout
 */
export function dealingRuleOf(kind: Kind, layout: ShareLayout): DealingRule {
  const { definition, name } = partsOf(kind);
  const { dealing } = definition;
  if (!dealing) throw new TypeError(`"${name}" is not dealt: a dealer does not make this kind`);
  if (dealing.binary && layout.mac > 0)
    throw new TypeError(`"${name}" is not dealt with MACs: a dealer makes this kind for shares without MACs`);
  return dealing;
}

/** A party's share of the MAC key, in 64 bits. */
export function alphaOf(seed: Uint8Array, layout: ShareLayout): bigint {
  if (layout.mac === 0) return 0n;
  const bytes = new Uint8Array(8);
  createStream(seed, "MAC key").fill(bytes);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

/** Bytes of the corrections of a batch. */
export function correctionBytes({ kind, count }: Batch, layout: ShareLayout): number {
  const { fields, width } = partsOf(kind);
  const derived = fields - dealingRuleOf(kind, layout).drawn;
  return derived * width * count * layout.value + fields * width * count * layout.mac;
}

/** The product of two masks that an item is; undefined for other kinds. */
function productOf(kind: Kind, layout: ShareLayout): MaskProduct | undefined {
  return dealingRuleOf(kind, layout).product?.(partsOf(kind).numbers);
}

/** A batch's fields as grids of elements, in the pieces in which they are dealt. */
function layOut({ kind, count }: Batch, layout: ShareLayout): Grid {
  const length = partsOf(kind).width * count;
  const shape = productOf(kind, layout) ?? { rows: 1, columns: length };
  return gridOf(shape, correctionBytes({ kind, count, start: 0 }, layout) / length);
}

/**
 * Make the covered corrections of a batch, for party 1, in pieces of at most MAX_PIECE_BYTES. The memory and the time of
 * a step are bounded for every batch.
 *
 * @returns yields a piece, or undefined after a step that has not finished one
 * @throws {TypeError} no dealer makes the kind
 */
export function* dealInPieces(
  batch: Batch,
  { layout, seeds }: Dealing,
): Generator<Uint8Array | undefined, void> {
  const { numbers, fields } = partsOf(batch.kind);
  const { drawn: count, owner, derive, binary = [] } = dealingRuleOf(batch.kind, layout);
  const product = productOf(batch.kind, layout);
  const ring = ringOf(layout);
  const alpha = alphaOf(seeds[0], layout) + alphaOf(seeds[1], layout);
  const cover = createCover(seeds[1], nameOf(batch));
  const grid = layOut(batch, layout);
  const known = owner === undefined ? undefined : seeds[owner];
  const open = (seed: Uint8Array, field: number) => streamOf(seed, batch, field);
  const drawn = Array.from({ length: count }, (_, i) =>
    known ? [open(known, i)] : seeds.map((seed) => open(seed, i)),
  );
  const derived = Array.from({ length: fields - count }, (_, i) => open(seeds[0], count + i));
  const macs = Array.from({ length: layout.mac === 0 ? 0 : fields }, (_, i) =>
    streamOf(seeds[0], batch, i, "MACs"),
  );
  const factors = product && factorsOf(product, { layout, seeds });
  for (const tile of tilesOf(grid)) {
    const read = (stream: SeekableStream) => readTile(ring, stream, grid, tile);
    const correct = (values: readonly RingVector[]) => {
      const uniform = values.slice(0, count);
      const rest = values.slice(count);
      const corrected = [
        ...rest.map((x, i) => without(ring, binary, count + i, x, read(derived[i]!))),
        ...(macs.length > 0 ? [...uniform, ...rest] : []).map((x, i) =>
          ring.sub(ring.mulScalar(x, alpha), read(macs[i]!)),
        ),
      ];
      const size = (tile.bottom - tile.top) * (tile.right - tile.left) * ring.bytes;
      const bytes = new Uint8Array(size * corrected.length);
      for (const [i, x] of corrected.entries()) ring.toBytes(x, bytes.subarray(i * size, (i + 1) * size));
      const covered = cover(bytes);
      bytes.fill(0);
      return covered;
    };
    if (factors) {
      yield* multiplyTile(ring, factors, tile, (product) => correct([product]));
      continue;
    }
    yield scope(() => {
      const values = drawn.map((streams, i) => {
        const parts = streams.map(read);
        return parts.reduce((x, y) => (binary.includes(i) ? ring.xor(x, y) : ring.add(x, y)));
      });
      return correct([...values, ...(derive?.(values, numbers) ?? [])]);
    });
  }
}

/** Party 1's share of a field's values, from that of party 0. */
function without(ring: Ring, binary: readonly number[], field: number, x: RingVector, share: RingVector) {
  return binary.includes(field) ? ring.xor(x, share) : ring.sub(x, share);
}

/** Count the steps of `dealInPieces`, and the bytes of its largest piece. */
export function stepsOf(batch: Batch, layout: ShareLayout): { steps: number; largest: number } {
  const product = productOf(batch.kind, layout);
  const grid = layOut(batch, layout);
  let steps = 0;
  for (const { top, bottom, left, right } of tilesOf(grid))
    steps += product ? [...blocksOf(bottom - top, product.inner, right - left)].length : 1;
  const bytes = correctionBytes(batch, layout) / (grid.rows * grid.columns);
  return { steps, largest: grid.tileRows * grid.tileColumns * bytes };
}

/** Make all covered corrections of a batch at once. */
export function deal(batch: Batch, dealing: Dealing): Uint8Array {
  const pieces = [...dealInPieces(batch, dealing)].filter((piece) => piece !== undefined);
  return pieces.length === 1 ? pieces[0]! : concatBytes(...pieces);
}

/** Read a tile of a grid from the stream of the whole grid, row after row. */
function readTile(ring: Ring, stream: SeekableStream, grid: Grid, tile: Tile): RingVector {
  const { bytes } = ring;
  const rows = [...rowsOf(grid, tile)];
  if (rows.length === 1) return ring.random(rows[0]!.length, stream.from(rows[0]!.start * bytes));
  const block = concatBytes(
    ...rows.map(({ start, length }) => drawBytes(stream.from(start * bytes), length * bytes)),
  );
  const vector = ring.fromBytes(block, block.length / bytes);
  block.fill(0);
  return vector;
}

/** The masks of two matrices, of which any part can be read. */
interface Factors {
  readonly inner: number;
  left(tile: Tile): RingVector;
  right(tile: Tile): RingVector;
}

function factorsOf({ left, right, rows, inner, columns }: MaskProduct, { layout, seeds }: Dealing): Factors {
  const ring = ringOf(layout);
  const maskOf = (key: string, rows: number, columns: number) => {
    const mask: Batch = { kind: partsOf(key).kind, count: 1, start: 0 };
    const streams = seeds.map((seed) => streamOf(seed, mask, 0));
    const grid: Grid = { rows, columns, tileRows: rows, tileColumns: columns };
    return (tile: Tile) =>
      streams.map((stream) => readTile(ring, stream, grid, tile)).reduce((x, y) => ring.add(x, y));
  };
  return { inner, left: maskOf(left, rows, inner), right: maskOf(right, inner, columns) };
}

/** Compute one tile of the product of two masks, a part of the inner dimension in each step. */
function* multiplyTile(
  ring: Ring,
  { inner, left, right }: Factors,
  { top, bottom, left: first, right: last }: Tile,
  finish: (product: RingVector) => Uint8Array,
): Generator<Uint8Array | undefined, void> {
  const [rows, columns] = [bottom - top, last - first];
  let sum: Uint8Array | undefined;
  try {
    for (const [from, to] of blocksOf(rows, inner, columns)) {
      yield scope(() => {
        const x = left({ top, bottom, left: from, right: to });
        const y = right({ top: from, bottom: to, left: first, right: last });
        const part = ring.matmul(x, y, rows, to - from, columns);
        const product = sum ? ring.add(part, ring.fromBytes(sum, rows * columns)) : part;
        if (to === inner) return finish(product);
        sum = ring.toBytes(product);
        return undefined;
      });
    }
  } finally {
    sum?.fill(0);
  }
}

/**
 * Expand one party's items of a batch.
 *
 * @param seed - this party's
 * @param corrections - at party 1, `correctionBytes` of them
 */
export function expand(
  batch: Batch,
  layout: ShareLayout,
  party: 0 | 1,
  seed: Uint8Array,
  corrections: Uint8Array = new Uint8Array(0),
): RawVector[] {
  const { fields, width } = partsOf(batch.kind);
  const length = width * batch.count;
  const { drawn, owner } = dealingRuleOf(batch.kind, layout);
  const own = (field: number, bytes: number, part?: string) =>
    drawBytes(streamOf(seed, batch, field, part).from(0), length * bytes);
  const foreign = owner === 1 - party;
  const corrected = party === 1 && corrections.length > 0;
  const empty = (bytes: number) =>
    corrected ? new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer) : new Uint8Array(bytes);
  const items = Array.from({ length: fields }, (_, i) => {
    const uniform = i < drawn;
    const drawnHere = uniform ? !foreign : party === 0;
    const values = drawnHere
      ? own(i, layout.value)
      : uniform
        ? new Uint8Array(length * layout.value)
        : empty(length * layout.value);
    const macs = party === 0 && layout.mac > 0 ? own(i, layout.mac, "MACs") : empty(length * layout.mac);
    return { values, macs };
  });
  if (!corrected) return items;
  const targets = [...items.slice(drawn).map(({ values }) => values), ...items.map(({ macs }) => macs)];
  const uncover = createCover(seed, nameOf(batch));
  takeApart(
    corrections,
    uncover,
    targets.filter(({ length }) => length > 0),
    layOut(batch, layout),
    layout.value,
  );
  return items;
}

/** Uncover piece after piece. Each piece has its tile of every target. */
function takeApart(
  from: Uint8Array,
  uncover: (bytes: Uint8Array) => Uint8Array,
  targets: readonly Uint8Array[],
  grid: Grid,
  bytes: number,
): void {
  let done = 0;
  for (const tile of tilesOf(grid)) {
    const size = (tile.bottom - tile.top) * (tile.right - tile.left) * targets.length * bytes;
    const piece = uncover(from.subarray(done, done + size));
    done += size;
    let at = 0;
    for (const target of targets) {
      for (const { start, length } of rowsOf(grid, tile)) {
        target.set(piece.subarray(at, at + length * bytes), start * bytes);
        at += length * bytes;
      }
    }
    piece.fill(0);
  }
}
