import { CARRY_WORDS } from "../../lib/preprocessing/kinds/carry";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";

/** One party's part of an item of the kind `carry`. Pairs of values have one in the low half, one in the high half. */
export interface Carry {
  /** A choice of 4 bits for each of 8 digits. */
  choices: number;
  /** The chosen bits of the other party's tables: 8 for "less", 8 for "equal". */
  pads: number;
  /** 15 factors. */
  a: number;
  /** 8 pairs of 16 entries. */
  tables: number[];
  /** 15 factors b, and 15 factors c. */
  factors: number;
  /** Shares of a·b and of a·c. */
  shares: number;
}

export type Carries = readonly Carry[];

/** Read items. */
export function carriesOf({ values }: RawVector): Carries {
  const words = new Uint32Array(values.slice().buffer);
  const size = 2 * CARRY_WORDS;
  return Array.from({ length: words.length / size }, (_, i) => {
    const [choices, second, ...rest] = words.subarray(i * size, (i + 1) * size);
    const [factors, shares] = rest.slice(8);
    return {
      choices: choices!,
      pads: second! & 0xffff,
      a: second! >>> 16,
      tables: rest.slice(0, 8),
      factors: factors!,
      shares: shares!,
    };
  });
}

/** Write items. */
export function rawOf(items: Carries): RawVector {
  const words = items.flatMap(({ choices, pads, a, tables, factors, shares }) => [
    ...[choices, pads | (a << 16), ...tables],
    ...[factors, shares],
  ]);
  return { values: new Uint8Array(Uint32Array.from(words).buffer), macs: new Uint8Array(0) };
}

/** The entries that choices name, as pads. */
export function chosenFrom(tables: readonly number[], choices: number): number {
  return tables.reduce((pads, table, l) => {
    const choice = (choices >>> (4 * l)) & 15;
    return pads | (((table >>> choice) & 1) << l) | (((table >>> (16 + choice)) & 1) << (8 + l));
  }, 0);
}
