import { concatBytes, drawBytes } from "../../crypto/bytes";
import { type ByteSource, type Ring, type RingVector, ring64, ring128, scope } from "../../ring";
import { type Kind, partsOf } from "../kinds";
import { AUTHENTICATED, type Layout, type RawVector } from "../raw";
import { createStream } from "./stream";

/**
 * Correlated randomness from two seeds, one of each party: uniform values are what both seeds' streams add up to, and
 * what follows from them (a product, a MAC) is made right by a correction that party 1 adds to nothing and party 0
 * never sees. Party 0's part follows from its seed alone.
 *
 * Streams are named by what is asked for, so whoever deals remembers nothing, and asking twice gives the same.
 */

/** A batch that is asked for: `count` items of a kind, from number `start` on. */
export interface Batch {
  readonly kind: Kind;
  readonly count: number;
  readonly start: number;
}

/** What whoever deals knows: both seeds, and the MAC key where shares have MACs. */
export interface Dealing {
  readonly layout: Layout;
  readonly seeds: readonly [zero: Uint8Array, one: Uint8Array];
}

const ringOf = (layout: Layout): Ring => (layout === AUTHENTICATED ? ring128 : ring64);
const streamOf = (seed: Uint8Array, { kind, count, start }: Batch): ByteSource =>
  createStream(seed, `${kind}/${start}/${count}`);

const DEALT = ["triple", "square", "input0", "input1", "random", "truncation", "matrix", "product"];

/** A party's part of the MAC key, in 64 bits. */
export function alphaOf(seed: Uint8Array, layout: Layout): bigint {
  if (layout.mac === 0) return 0n;
  const bytes = new Uint8Array(8);
  createStream(seed, "MAC key").fill(bytes);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

/** How many fields of a kind are uniform; the others follow from them. */
function drawnOf(name: string): number {
  if (name === "triple") return 2;
  return name === "product" ? 0 : 1;
}

/** Bytes of the corrections of a batch. */
export function correctionBytes({ kind, count }: Batch, layout: Layout): number {
  const { name, fields, width } = partsOf(kind);
  return (fields - drawnOf(name)) * width * count * layout.value + fields * width * count * layout.mac;
}

/**
 * The corrections of a batch, for party 1.
 *
 * @throws {TypeError} a kind that is not dealt
 */
export function deal(batch: Batch, { layout, seeds }: Dealing): Uint8Array {
  return scope(() => {
    const { name, numbers, width } = partsOf(batch.kind);
    if (!DEALT.includes(name)) throw new TypeError(`"${name}" is not dealt`);
    const ring = ringOf(layout);
    const length = width * batch.count;
    const [zero, one] = seeds.map((seed) => streamOf(seed, batch)) as [ByteSource, ByteSource];
    const known = name === "input0" || name === "input1";
    const drawn = Array.from({ length: drawnOf(name) }, () => {
      if (known) return ring.random(length, name === "input0" ? zero : one);
      return ring.add(ring.random(length, zero), ring.random(length, one));
    });
    const derived = derive(name, numbers, drawn, { layout, seeds });
    const alpha = alphaOf(seeds[0], layout) + alphaOf(seeds[1], layout);
    const macs = layout.mac === 0 ? [] : [...drawn, ...derived].map((x) => ring.mulScalar(x, alpha));
    const corrections = [...derived, ...macs].map((x) =>
      ring.toBytes(ring.sub(x, ring.random(length, zero))),
    );
    return concatBytes(...corrections);
  });
}

/** What follows from the uniform values. */
function derive(
  name: string,
  numbers: readonly number[],
  drawn: readonly RingVector[],
  dealing: Dealing,
): RingVector[] {
  const [a, b] = drawn;
  switch (name) {
    case "triple":
      return [a!.ring.mul(a!, b!)];
    case "square":
      return [a!.ring.mul(a!, a!)];
    case "truncation": {
      const { ring } = a!;
      const low = ring.bits === 64 ? a! : ring.andScalar(a!, (1n << 64n) - 1n);
      return [ring.shiftRight(low, numbers[0]!), ring.shiftRight(low, 63)];
    }
    case "product": {
      const [left, right, m, k, n] = numbers as [number, number, number, number, number];
      const [x, y] = [maskOf(left, m * k, dealing), maskOf(right, k * n, dealing)];
      return [x.ring.matmul(x, y, m, k, n)];
    }
    default:
      return [];
  }
}

/** The mask of a matrix, in the clear. */
function maskOf(id: number, length: number, { layout, seeds }: Dealing): RingVector {
  const ring = ringOf(layout);
  const batch: Batch = { kind: `matrix ${id} ${length}`, count: 1, start: 0 };
  const [zero, one] = seeds.map((seed) => ring.random(length, streamOf(seed, batch)));
  return ring.add(zero!, one!);
}

/**
 * One party's items of a batch.
 *
 * @param seed - this party's
 * @param corrections - at party 1, `correctionBytes` of them
 */
export function expand(
  batch: Batch,
  layout: Layout,
  party: 0 | 1,
  seed: Uint8Array,
  corrections: Uint8Array = new Uint8Array(0),
): RawVector[] {
  const { name, fields, width } = partsOf(batch.kind);
  const stream = streamOf(seed, batch);
  const length = width * batch.count;
  const drawn = drawnOf(name);
  let at = 0;
  const uniform = (bytes: number) => drawBytes(stream, bytes);
  const corrected = (bytes: number) => {
    at += bytes;
    return party === 0 ? uniform(bytes) : corrections.slice(at - bytes, at);
  };
  const foreign = name === (party === 0 ? "input1" : "input0");
  const values = Array.from({ length: fields }, (_, i) => {
    if (i >= drawn) return corrected(length * layout.value);
    return foreign ? new Uint8Array(length * layout.value) : uniform(length * layout.value);
  });
  const macs = values.map(() => corrected(length * layout.mac));
  return values.map((x, i) => ({ values: x, macs: macs[i]! }));
}
