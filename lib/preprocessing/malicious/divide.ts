import { ELEMENT, type RawVector } from "../kinds/raw";
import type { OtState } from "./ot-state";
import { WIDE } from "./ring-vole";
import type { TripleParts } from "./sacrifice";

export interface RawTriples {
  readonly a: RawVector;
  readonly b: RawVector;
  readonly c: RawVector;
}

/**
 * Remove the noise from b and c.
 *
 * @param x - this party's shares mod 2^168
 * @param m - its shares of their MACs
 * @param noise - address of a word for each element: what b leaves when divided by 2^40
 * @returns shares mod 2^128
 */
export function divide(
  state: OtState,
  party: number,
  count: number,
  x: TripleParts,
  m: TripleParts,
  noise: number,
): RawTriples {
  const { kernels, keeper } = state;
  const { run } = kernels;
  const alpha = new Uint8Array(WIDE);
  new DataView(alpha.buffer).setBigUint64(0, keeper.alpha, true);
  const key = kernels.put(alpha);
  alpha.fill(0);
  const none = kernels.allocate(count * 8);
  const to = kernels.allocate(count * ELEMENT);
  const up = BigInt(party);
  const read = () => kernels.read(to, count * ELEMENT);
  const narrowed = (from: number) => {
    run.narrow(from, count, to);
    return read();
  };
  const divided = (from: number, by: number, stride: number, part = noise) => {
    run.divide(from, by, stride, part, part === none ? 0n : up, count, to);
    return read();
  };
  return {
    a: { values: narrowed(x.a), macs: narrowed(m.a) },
    // Dividing each party's share of b drops its own noise, which is the remainder.
    b: { values: divided(x.b, key, 0, none), macs: divided(m.b, key, 0) },
    c: { values: divided(x.c, x.a, WIDE), macs: divided(m.c, m.a, WIDE) },
  };
}
