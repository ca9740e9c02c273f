/** The results of earlier cells: `_` is the latest, `Out[n]` that of cell n. */

/** How many results to keep. Older ones are dropped, so that a long notebook does not keep every tensor in memory. */
const KEPT = 100;

export class Results {
  readonly declarations = "declare let _: any;\ndeclare let Out: { readonly [cell: number]: any };\n";
  private latest: unknown;
  private readonly all: Record<number, unknown> = {};

  /** Return the names in scope before the first cell, with `_` and `Out`. A cell that declares one of them hides it. */
  into(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const name = (name: string, get: () => unknown): PropertyDescriptor => ({
      get,
      set(value: unknown) {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      },
      enumerable: true,
    });
    const own = { _: name("_", () => this.latest), Out: name("Out", () => this.all) };
    return Object.defineProperties({ ...values }, own);
  }

  /** Keep the result of a cell. */
  keep(cell: number, value: unknown): void {
    this.latest = value;
    this.all[cell] = value;
    const numbers = Object.keys(this.all).map(Number);
    if (numbers.length > KEPT) delete this.all[Math.min(...numbers)];
  }
}
