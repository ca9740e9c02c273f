/**
 * Keeps the order in which operations reserve correlated randomness: the order of their numbers, at both parties.
 *
 * Nearly every operation knows its demand at its call, and reserves then. An input does not: its size arrives with the
 * owner's header. So an input holds the place of its number, and every later operation reserves after it, however late
 * the header arrives and however far either party has run ahead meanwhile. Operations keep the numbers they took at their
 * call; only their reservations wait, and with them their messages.
 *
 * - If an input's header says that it failed, it gives up its place without reserving, at both parties alike.
 * - Two concurrent inputs exchange their headers at the same time; the later one reserves after the earlier one.
 * - When the session is suspended or ends, everything that still waits fails, and the next queue starts empty.
 */
export class Reservations {
  readonly #queue: QueuedPlace[] = [];
  #failure: unknown;

  /** Reserve now, or as soon as every operation before this one has. */
  take<T>(reserve: () => T): T | Promise<T> {
    if (this.#queue.length === 0 && this.#failure === undefined) return reserve();
    const taken = this.hold().take(reserve);
    // The waiter handles a failure, but may not be waiting yet.
    taken.catch(() => undefined);
    return taken;
  }

  /** Hold a place for an operation that does not know its demand yet. */
  hold(): HeldPlace {
    const place = new QueuedPlace();
    if (this.#failure === undefined) this.#queue.push(place);
    else place.fail(this.#failure);
    return {
      failed: place.failed,
      take: (reserve) => {
        const taken = place.take(reserve);
        this.#advance();
        return taken;
      },
      giveUp: () => {
        place.take(() => undefined).catch(() => undefined);
        this.#advance();
      },
    };
  }

  /** Fail all reservations, now and later. */
  fail(error: unknown): void {
    this.#failure ??= error;
    for (const place of this.#queue.splice(0)) place.fail(error);
  }

  #advance(): void {
    while (this.#queue[0]?.run()) this.#queue.shift();
  }
}

/** A held place in the order. */
export interface HeldPlace {
  /** Rejects when all reservations fail. */
  readonly failed: Promise<never>;
  /** Reserve in turn. */
  take<T>(reserve: () => T): Promise<T>;
  /** Reserve nothing, so that later operations can. Has no effect after `take`. */
  giveUp(): void;
}

class QueuedPlace {
  #work: (() => void) | undefined;
  #taken = false;
  readonly failed: Promise<never>;
  /** Rejects `failed`. */
  fail!: (error: unknown) => void;

  constructor() {
    this.failed = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  take<T>(reserve: () => T): Promise<T> {
    if (this.#taken) return Promise.resolve(undefined as T);
    this.#taken = true;
    const reserved = new Promise<T>((resolve, reject) => {
      this.#work = () => {
        try {
          resolve(reserve());
        } catch (error) {
          reject(error);
        }
      };
    });
    return Promise.race([reserved, this.failed]);
  }

  /** @returns false while its demand is not known */
  run(): boolean {
    this.#work?.();
    return this.#work !== undefined;
  }
}
