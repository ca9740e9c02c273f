import { host } from "./host";
import { type IssuedOperation, locate } from "./lockstep";
import type { WaitObserver } from "./router";

/** A wait shorter than this is not worth a word. */
const PATIENCE_MS = 300;
const UPDATE_MS = 1000;

/** Tells the person, after a moment, whom this party waits for, for what, and for how long. */
export class WaitNotice implements WaitObserver {
  readonly #id: string;
  readonly #whom: string;
  readonly #waits = new Set<{ what: string; since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  /**
   * @param whom - such as `party 1 on tcp://127.0.0.1:29500`
   * @param onWait - called after a moment and again each second while a wait lasts
   */
  constructor(
    id: string,
    whom: string,
    readonly onWait: () => void,
  ) {
    this.#id = id;
    this.#whom = whom;
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
    const seconds = Math.round((Date.now() - oldest.since) / 1000);
    this.#shown = true;
    this.onWait();
    host().notify({
      id: this.#id,
      kind: "waiting",
      text: `Waiting for ${this.#whom} ${oldest.what}${seconds > 0 ? `, ${seconds} s` : ""} …`,
    });
    this.#timer = setTimeout(() => this.#update(), UPDATE_MS).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown) host().notify({ id: this.#id, kind: "done", text: "" });
    this.#shown = false;
  }
}
