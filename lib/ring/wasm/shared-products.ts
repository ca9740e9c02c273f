/** Beaver's product of shares with MACs, mod 2^128. */

import { requireSameLength } from "../check";
import type { BytePair, SharedProducts, VectorPair } from "../ring";
import type { Workspace } from "./workspace";

const WORD = 8;
const ELEMENT = 16;

export class WasmSharedProducts implements SharedProducts {
  readonly #load: () => Workspace;

  /** @param load - returns the workspace of the ring mod 2^128; called at each use */
  constructor(load: () => Workspace) {
    this.#load = load;
  }

  mask(x: VectorPair, y: VectorPair, triple: readonly BytePair[]) {
    const w = this.#load();
    const n = x.value.length;
    for (const vector of [x.mac, y.value, y.mac]) requireSameLength(x.value, vector);
    const [values, macs] = [w.create(2 * n), w.create(2 * n)];
    const words = 2 * n * WORD;
    const factors = 4 * n * ELEMENT;
    const low = w.withScratch(factors + words, (scratch) => {
      put(w, triple.slice(0, 2), n, scratch);
      const out = scratch + factors;
      const [xAt, yAt] = [addresses(w, x), addresses(w, y)];
      const { maskFactors } = w.engine.exports;
      maskFactors(...xAt, ...yAt, scratch, n, out, values.address, macs.address);
      // Leave no copy of the triple.
      w.engine.bytes.fill(0, scratch, out);
      return w.engine.bytes.slice(out, out + words);
    });
    return { low, values, macs };
  }

  multiply(
    triple: readonly BytePair[],
    mine: Uint8Array,
    theirs: Uint8Array,
    alpha: bigint,
    addsPublic: boolean,
  ) {
    const w = this.#load();
    const n = triple[0]!.values.length / ELEMENT;
    const words = 2 * n * WORD;
    for (const { length } of [mine, theirs])
      if (length !== words)
        throw new RangeError(`expected ${words} bytes (two times ${n} words), got ${length}`);
    const [value, mac, opened] = [w.create(n), w.create(n), w.create(2 * n)];
    const all = 6 * n * ELEMENT;
    w.withScratch(all + 2 * words, (scratch) => {
      put(w, triple, n, scratch);
      w.engine.bytes.set(mine, scratch + all);
      w.engine.bytes.set(theirs, scratch + all + words);
      const { maskedProducts } = w.engine.exports;
      maskedProducts(
        scratch,
        scratch + all,
        scratch + all + words,
        n,
        alpha,
        addsPublic ? 1n : 0n,
        opened.address,
        value.address,
        mac.address,
      );
      w.engine.bytes.fill(0, scratch, scratch + all);
    });
    return { value, mac, opened };
  }
}

function addresses(w: Workspace, { value, mac }: VectorPair): [number, number] {
  return [w.address(value), w.address(mac)];
}

/** Copy the fields of a triple one after the other. */
function put(w: Workspace, fields: readonly BytePair[], n: number, to: number): void {
  let at = to;
  for (const { values, macs } of fields)
    for (const bytes of [values, macs]) {
      if (bytes.length !== n * ELEMENT)
        throw new RangeError(`expected the bytes of ${n} elements, got ${bytes.length} bytes`);
      w.engine.bytes.set(bytes, at);
      at += bytes.length;
    }
}
