/** Sums of secrets times public numbers, each rounded once, with at most one truncation for the whole sum. */
import { use } from "../protocol/step";
import { truncate } from "../protocol/steps/truncate";
import { ring64, scope } from "../ring";
import { sizeOf } from "../tensor/shape";
import { weighBits } from "./bits";
import { issue } from "./issue";
import { readAt } from "./scale";
import type { PublicTensor, SharedTensor } from "./shared-tensor";

/** Public numbers, to be rounded to so many fractional bits. */
export interface Weights {
  /** One for each term. */
  readonly weights: readonly number[];
  /** A public number to add. Default: 0 */
  readonly constant?: number;
  readonly fracBits: number;
}

/**
 * Compute constant + the sum of weight · term, element by element, for secrets of one shape and scale.
 *
 * The sum has the terms' fractional bits and the weights' together, and must stay below 2^62 there; it is cut to `precision`.
 */
export function weigh(
  terms: readonly SharedTensor[],
  { weights, constant = 0, fracBits: bits }: Weights,
  precision: number,
): SharedTensor {
  const { iface, shape, fracBits: own } = terms[0]!;
  const encoded = [...weights.map((weight) => encode(weight, bits)), encode(constant, own + bits)];
  const length = sizeOf(shape);
  const cut = own + bits - precision;
  const uses = { cut: cut > 0 ? use(truncate, { length, bits: cut }) : undefined };
  const fracBits = Math.min(precision, own + bits);
  return issue(
    { kind: "weigh", iface, operands: terms, constant: publicNumbers(encoded, bits), shape, fracBits, uses },
    async ({ scheme }, shares, steps) => {
      const products = scope(() =>
        scheme.linear(shares, (ring, vectors) =>
          vectors.map((vector, i) => ring.mulScalar(vector, encoded[i]!)).reduce((a, b) => ring.add(a, b)),
        ),
      );
      const sum =
        constant === 0
          ? products
          : await scheme.addPublic(iface.party, products, ring64.full(length, encoded.at(-1)!));
      return steps.cut ? steps.cut(sum) : sum;
    },
  );
}

/** Compute the sum of weight · x along the last axis, for integers x and a public number for each place. No truncation. */
export function weighPlaces(x: SharedTensor, { weights, fracBits }: Weights): SharedTensor {
  const encoded = publicNumbers(
    weights.map((weight) => encode(weight, fracBits)),
    0,
  );
  return readAt(weighBits(x, encoded), fracBits);
}

function publicNumbers(encoded: readonly bigint[], fracBits: number): PublicTensor {
  return { shape: [encoded.length], fracBits, vector: ring64.fromBigInts(encoded) };
}

function encode(value: number, fracBits: number): bigint {
  return BigInt(Math.round(value * 2 ** fracBits));
}
