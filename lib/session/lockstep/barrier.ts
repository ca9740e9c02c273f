import type { Frame, Stream } from "../../channel/channel";
import type { ControlMessage } from "./control";

/** A party's request to resync. */
export type Mark = Extract<ControlMessage, { type: "resync" }>;

/**
 * Synchronises both streams before the parties restart numbering. A party that resyncs sends a mark on each stream, and
 * after the mark nothing with old numbers. The streams overtake each other, so a frame with new numbers may arrive behind
 * its mark on one stream while old frames still arrive on the other: keep it until both marks have arrived and this party
 * resyncs too.
 */
export class Barrier {
  readonly #marks = new Map<Stream, Mark>();
  #behind: Frame[] = [];
  #bytes = 0;

  /** The number of frames behind a mark, and the number of their bytes. */
  get held(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#behind.length, bytes: this.#bytes };
  }

  /** Keep a frame that is behind its stream's mark. Return false, and keep nothing, for a frame before the mark. */
  keep(frame: Frame): boolean {
    if (!this.#marks.has(frame.stream)) return false;
    this.#behind.push(frame);
    this.#bytes += frame.payload.length;
    return true;
  }

  /** @returns both marks, once the second has arrived */
  arrive(stream: Stream, mark: Mark): readonly [Mark, Mark] | undefined {
    this.#marks.set(stream, mark);
    const [first, second] = [this.#marks.get("online"), this.#marks.get("background")];
    return first && second && [first, second];
  }

  /** Reset for the next resync, and return the kept frames in the order of arrival. */
  open(): Frame[] {
    const frames = this.#behind;
    this.#marks.clear();
    this.#behind = [];
    this.#bytes = 0;
    return frames;
  }
}
