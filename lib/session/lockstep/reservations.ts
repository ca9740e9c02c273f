/**
 * The order in which operations reserve correlated randomness: that of their numbers, at both parties.
 *
 * Nearly every operation knows at its call what it takes, and reserves then. An input does not: its size comes with the
 * owner's header. So an input holds the place it has by its number, and whatever is issued after it reserves after it,
 * however late the header arrives and however far either party has run ahead meanwhile. Operations keep the numbers
 * they took at their call; only their reservations wait, and with them what they send.
 *
 * - An input whose header says that it failed gives up its place without reserving, at both parties alike.
 * - Two inputs at once exchange their headers side by side; the later one reserves after the earlier one.
 * - When the session parts or ends, everything that still waits fails, and the next session begins with an empty queue.
 */
export class Reservations {
  readonly #queue: Place[] = [];
  #failure: unknown;

  /** Reserves now, or as soon as every operation before this one has. */
  take<T>(reserve: () => T): T | Promise<T> {
    if (this.#queue.length === 0 && this.#failure === undefined) return reserve();
    const taken = this.hold().take(reserve);
    // Whoever waits for it hears of a failure; it may not have begun to.
    taken.catch(() => undefined);
    return taken;
  }

  /** Holds a place for an operation that does not know yet what it takes. */
  hold(): HeldPlace {
    const place = new Place();
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

  /** Nobody reserves any more. */
  fail(error: unknown): void {
    this.#failure ??= error;
    for (const place of this.#queue.splice(0)) place.fail(error);
  }

  #advance(): void {
    while (this.#queue[0]?.run()) this.#queue.shift();
  }
}

/** A place in the order. */
export interface HeldPlace {
  /** Rejects when nobody reserves any more. */
  readonly failed: Promise<never>;
  /** Reserves in its turn. */
  take<T>(reserve: () => T): Promise<T>;
  /** Reserves nothing, so that what comes after it can; does nothing once it has reserved. */
  giveUp(): void;
}

class Place {
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

  /** @returns false while it is not known what it takes */
  run(): boolean {
    this.#work?.();
    return this.#work !== undefined;
  }
}
