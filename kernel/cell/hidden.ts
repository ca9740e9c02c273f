/**
 * Hide what Node notes on promises while it follows which cell they belong to: a promise that a cell prints would show
 * the cell's request and the session's id.
 *
 * Node assigns these notes to symbols of each promise. So define setters for the symbols on the prototype, which make
 * the note a property that is not enumerable.
 */

import { asIfInCell } from "./cell";

/** Hide the notes from now on. Where Node makes none, this does nothing. */
export function hideNotesOnPromises(): void {
  const noted = asIfInCell(() => Object.getOwnPropertySymbols(Promise.resolve()));
  for (const symbol of noted) {
    Object.defineProperty(Promise.prototype, symbol, {
      configurable: true,
      get: () => undefined,
      set(this: Promise<unknown>, value: unknown) {
        Object.defineProperty(this, symbol, { value, writable: true, configurable: true });
      },
    });
  }
}
