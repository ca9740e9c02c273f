/** Words of bits in the clear: the signed 64-bit integers that they are. */
import { type RingVector, scope } from "../../ring";
import type { PlainContext } from "./context";
import { wrapTo } from "./values";

/** Words of bits. */
export interface Words {
  readonly words: RingVector;
}

const BITS = 64;

export function toBinary(_: PlainContext, [x]: readonly [x: RingVector]): Words {
  return { words: wrapTo(x, BITS) };
}

export function and({ ring }: PlainContext, [x, y]: readonly [x: Words, y: Words]): Words {
  return { words: ring.and(x.words, y.words) };
}

/** 64 bits of each word, the lowest first. */
export function bitsOf({ ring }: PlainContext, [{ words }]: readonly [words: Words]): RingVector {
  return scope(() => ring.strided(ring.decompose(words, BITS), [words.length, BITS], [1, words.length], 0));
}

export function fromBinary(_: PlainContext, [{ words }]: readonly [words: Words]): RingVector {
  return wrapTo(words, BITS);
}
