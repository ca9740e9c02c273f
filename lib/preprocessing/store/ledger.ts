/** Adjacent items in the store, with their numbers there and in the pool. */
interface LedgerPiece {
  readonly pool: number;
  readonly file: number;
  readonly count: number;
}

/** A stride is at most 1/STRIDES of the items left: a crash wastes those between the last used item and the mark. */
const STRIDES = 32;
const LEAST_STRIDE = 8;

/** Maps the pool's numbers of one kind's items to those in the store, and knows up to which they are burnt. */
export class Ledger {
  /** In the order of both numbers. */
  #pieces: LedgerPiece[] = [];
  /** Every item in the store before this number is burnt, durably. */
  mark: number;
  /** The mark that is being written. */
  asked: number;
  /** Every item in the store before this number has been used, or was about to be. */
  used: number;

  /**
   * @param mark - every item in the store before this number is burnt
   * @param offset - to add to a new item's number in the pool to get its number in the store
   */
  constructor(
    mark: number,
    readonly offset: number,
  ) {
    this.mark = mark;
    this.asked = mark;
    this.used = mark;
  }

  add(pool: number, file: number, count: number): void {
    const last = this.#pieces.at(-1);
    const touches = last && last.pool + last.count === pool && last.file + last.count === file;
    if (touches) this.#pieces.splice(-1, 1, { ...last, count: last.count + count });
    else this.#pieces.push({ pool, file, count });
  }

  /** The number in the store up to which the pool's items before `end` reach; 0 if none of them is in the store. */
  fileEnd(end: number): number {
    let result = 0;
    for (const { pool, file, count } of this.#pieces) {
      if (pool >= end) break;
      result = file + Math.min(count, end - pool);
    }
    return result;
  }

  /** Choose a mark that covers uses up to `file` and some that follow. */
  stride(file: number): number {
    this.#pieces = this.#pieces.filter((piece) => piece.file + piece.count > this.mark);
    const left = this.#pieces.reduce((sum, piece) => sum + after(piece, file), 0);
    let ahead = Math.max(LEAST_STRIDE, Math.ceil(left / STRIDES));
    let mark = file;
    for (const piece of this.#pieces) {
      const some = Math.min(ahead, after(piece, file));
      if (some <= 0) continue;
      mark = piece.file + piece.count - after(piece, file) + some;
      ahead -= some;
    }
    return mark;
  }
}

/** Count the items of a piece from number `file` on. */
function after(piece: LedgerPiece, file: number): number {
  return Math.max(0, piece.file + piece.count - Math.max(file, piece.file));
}
