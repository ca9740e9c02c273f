/** Items in the store that the pool has under numbers of its own. */
interface LedgerPiece {
  readonly pool: number;
  readonly file: number;
  readonly count: number;
}

/** At most so much of what is left is given up at once: what lies between the mark and the last used item at a crash. */
const STRIDES = 32;
const LEAST_STRIDE = 8;

/** Which numbers in the store the items of one kind have, and up to which they are burnt. */
export class Ledger {
  /** In the order of both numbers. */
  #pieces: LedgerPiece[] = [];
  /** Every item in the store before this number is burnt, durably. */
  mark: number;
  /** What the mark is on its way to. */
  asked: number;
  /** Every item in the store before this number has been used, or was about to be. */
  used: number;

  /**
   * @param mark - what is burnt
   * @param offset - what a new item's number in the store is greater by than in the pool
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

  /** Up to which number the store is used once the pool's items before `end` are; 0 if none of them is in the store. */
  fileEnd(end: number): number {
    let result = 0;
    for (const { pool, file, count } of this.#pieces) {
      if (pool >= end) break;
      result = file + Math.min(count, end - pool);
    }
    return result;
  }

  /** The mark that serves a use up to `file` and some more that follow. */
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

/** How many items of a piece come from number `file` on. */
function after(piece: LedgerPiece, file: number): number {
  return Math.max(0, piece.file + piece.count - Math.max(file, piece.file));
}
