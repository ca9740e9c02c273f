/** Lets an amount through each second, and a burst at first. */
export class Rate {
  #left: number;
  #at = performance.now();

  constructor(
    readonly perSecond: number,
    readonly burst: number,
  ) {
    this.#left = burst;
  }

  /** @returns whether there was room for that amount */
  take(amount = 1): boolean {
    this.#fill();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Take the amount in any case; returns how many milliseconds it takes to make up for it. */
  owe(amount: number): number {
    this.#fill();
    this.#left -= amount;
    return Math.max(0, (-this.#left * 1000) / this.perSecond);
  }

  get full(): boolean {
    this.#fill();
    return this.#left >= this.burst;
  }

  #fill(): void {
    const now = performance.now();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) * this.perSecond) / 1000);
    this.#at = now;
  }
}
