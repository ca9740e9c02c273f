import { host } from "./host";

/** Show nothing for production that takes less. */
const PATIENCE_MS = 500;
/** Keep the bar this long, because another kind may follow and the bar would flicker. */
const GRACE_MS = 200;

/** The progress of one kind, counted from the start of the session. */
interface Made {
  readonly kind: string;
  readonly made: number;
  readonly planned: number;
}

/**
 * Shows the progress of making correlated randomness, if it takes long and something waits. What is made ahead, after
 * the operations have ended, shows nothing.
 */
export class ProductionNotice {
  readonly #id: string;
  readonly #wanted: () => boolean;
  /** How many items of each kind had been made when production last paused. */
  readonly #before = new Map<string, number>();
  #latest: Made | undefined;
  #patience: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #shown = false;
  #ended = false;

  /** @param wanted - returns whether an operation is running */
  constructor(id: string, wanted: () => boolean = () => true) {
    this.#id = id;
    this.#wanted = wanted;
  }

  update(progress: Made): void {
    if (this.#ended) return;
    this.#latest = progress;
    if (!this.#wanted()) {
      this.rest();
      return;
    }
    clearTimeout(this.#grace);
    if (this.#shown) this.#show();
    else {
      this.#patience ??= setTimeout(() => {
        if (!this.#wanted()) {
          this.rest();
          return;
        }
        this.#shown = true;
        this.#show();
      }, PATIENCE_MS).unref();
    }
    if (progress.made < progress.planned) return;
    this.#before.set(progress.kind, progress.made);
    this.#grace = setTimeout(() => this.rest(), GRACE_MS).unref();
  }

  /** Remove the bar for good. */
  end(): void {
    this.#ended = true;
    this.rest();
  }

  #show(): void {
    const { kind, made, planned } = this.#latest!;
    const before = made < planned ? (this.#before.get(kind) ?? 0) : 0;
    const [done, total] = [made - before, planned - before];
    const what = "Making correlated randomness";
    const text = `${what} (${kind}): ${done} of ${total} …`;
    host().notify({ id: this.#id, kind: "waiting", text, lasting: `${what} …`, progress: { done, total } });
  }

  /** Remove the bar until production takes long again. */
  rest(): void {
    clearTimeout(this.#grace);
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (this.#shown) host().notify({ id: this.#id, kind: "done", text: "" });
    this.#shown = false;
  }
}
