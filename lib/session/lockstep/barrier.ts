import type { Frame, Stream } from "../../channel/channel";
import type { ControlMessage } from "./control";

/** A party's request to count again. */
export type Mark = Extract<ControlMessage, { type: "resync" }>;

/**
 * Where both streams meet before the parties count again. A party that resyncs sends a mark on each stream and, after
 * it, nothing of the old count. The streams overtake each other, so a frame of the new count may arrive behind its
 * mark on one stream while old frames still arrive on the other: keep it until both marks are here and this party
 * counts again too.
 */
export class Barrier {
  readonly #marks = new Map<Stream, Mark>();
  #behind: Frame[] = [];
  #bytes = 0;

  /** Frames behind a mark, and their bytes. */
  get held(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#behind.length, bytes: this.#bytes };
  }

  /** Takes a frame that is behind its stream's mark. Returns false for a frame before it, which is not kept. */
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

  /** Opens, for the next time to close, and hands out what was behind it, in the order of arrival. */
  open(): Frame[] {
    const frames = this.#behind;
    this.#marks.clear();
    this.#behind = [];
    this.#bytes = 0;
    return frames;
  }
}
