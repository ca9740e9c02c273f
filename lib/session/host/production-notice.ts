import { host } from "./host";

/** Production that takes less is not worth a word. */
const PATIENCE_MS = 500;
/** Another kind may follow within this time; a bar that comes and goes for each would flicker. */
const GRACE_MS = 200;

/** How far one kind of items has come, counted from the start of the session. */
interface Made {
  readonly kind: string;
  readonly made: number;
  readonly planned: number;
}

/** Shows how far the making of correlated randomness has come, where it takes long. */
export class ProductionNotice {
  readonly #id: string;
  /** What there was of each kind when production last rested. */
  readonly #before = new Map<string, number>();
  #latest: Made | undefined;
  #patience: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #shown = false;
  #ended = false;

  constructor(id: string) {
    this.#id = id;
  }

  update(progress: Made): void {
    if (this.#ended) return;
    this.#latest = progress;
    clearTimeout(this.#grace);
    if (this.#shown) this.#show();
    else {
      this.#patience ??= setTimeout(() => {
        this.#shown = true;
        this.#show();
      }, PATIENCE_MS).unref();
    }
    if (progress.made < progress.planned) return;
    this.#before.set(progress.kind, progress.made);
    this.#grace = setTimeout(() => this.rest(), GRACE_MS).unref();
  }

  /** Nothing more will be made. */
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

  /** Takes the bar away; what is made later shows one again once it takes long. */
  rest(): void {
    clearTimeout(this.#grace);
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (this.#shown) host().notify({ id: this.#id, kind: "done", text: "" });
    this.#shown = false;
  }
}
