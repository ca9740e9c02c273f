import { host } from "./host";
import { type IssuedOperation, type LogEntry, locate } from "./lockstep";
import type { WaitObserver } from "./mailbox";

/** A wait shorter than this is not worth a word. */
const PATIENCE_MS = 300;
const UPDATE_MS = 1000;

/** Tells the person, after a moment, whom this party waits for, for what, where that one is, and for how long. */
export class WaitNotice implements WaitObserver {
  readonly #id: string;
  readonly #whom: string;
  readonly #onWait: () => LogEntry | undefined;
  readonly #waits = new Set<{ what: string; since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  /**
   * @param whom - such as `party 1 on tcp://127.0.0.1:29500`
   * @param onWait - called after a moment and again each second while a wait lasts; says where the peer is, if known
   */
  constructor(id: string, whom: string, onWait: () => LogEntry | undefined) {
    this.#id = id;
    this.#whom = whom;
    this.#onWait = onWait;
  }

  begin(operation: IssuedOperation): () => void {
    return this.beginFor(`to run ${locate(operation)}`);
  }

  beginFor(what: string): () => void {
    const wait = { what, since: Date.now() };
    this.#waits.add(wait);
    this.#timer ??= setTimeout(() => this.#update(), PATIENCE_MS).unref();
    return () => {
      this.#waits.delete(wait);
      if (this.#waits.size === 0) this.#end();
    };
  }

  #update(): void {
    const [oldest] = this.#waits;
    if (!oldest) return;
    const place = this.#onWait();
    const seconds = Math.round((Date.now() - oldest.since) / 1000);
    this.#shown = true;
    const parts = [
      `Waiting for ${this.#whom} ${oldest.what}`,
      ...(place ? [`it is at ${locate(place)}`] : []),
      ...(seconds > 0 ? [`${seconds} s`] : []),
    ];
    host().notify({ id: this.#id, kind: "waiting", text: `${parts.join(", ")} …` });
    this.#timer = setTimeout(() => this.#update(), UPDATE_MS).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown) host().notify({ id: this.#id, kind: "done", text: "" });
    this.#shown = false;
  }
}
