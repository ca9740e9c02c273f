import { use } from "../protocol/step";
import { bits, bitwiseAnd as bitwiseAndStep } from "../protocol/steps/bits";
import { compare } from "../protocol/steps/compare";
import { truncate } from "../protocol/steps/truncate";
import { scope } from "../ring";
import { addUp, planReduction } from "../tensor/reduction";
import { broadcastShapes, sizeOf } from "../tensor/shape";
import { mapShare, spread, spreadPublic, spreadVector } from "./align";
import { issue } from "./issue";
import { commonInterface, type PublicTensor, type SharedTensor } from "./shared-tensor";

/**
 * Split signed 64-bit integers into bits: `width` low bits of two's complement, as integers 0 and 1 along a new last axis,
 * the lowest first. Exact for every x. For a fixed-point x, these are the bits of its words.
 *
 * @param width - from 1 to 64
 */
export function bitsOf(x: SharedTensor, width: number): SharedTensor {
  const { iface } = x;
  const uses = { bits: use(bits, { length: sizeOf(x.shape), width }) };
  const shape = [...x.shape, width];
  return issue(
    { kind: "bits", iface, operands: [x], choice: { options: `${width}` }, shape, fracBits: 0, uses },
    (_, [a], steps) => steps.bits(a!),
  );
}

/**
 * Add up the bits of each number, each times a public weight, mod 2^64. No message.
 *
 * @param bits - along the last axis
 * @param weights - of a shape that broadcasts with that of the bits
 */
export function weighBits(bits: SharedTensor, weights: PublicTensor): SharedTensor {
  const { iface } = bits;
  const each = broadcastShapes(bits.shape, weights.shape, "bitwiseAnd");
  const reduction = planReduction("bitwiseAnd", each, -1);
  const { shape } = reduction;
  return issue(
    { kind: "weighBits", iface, operands: [bits], constant: weights, shape, fracBits: 0 },
    (ctx, [a]) =>
      mapShare(ctx, a!, (ring, vector) =>
        addUp(
          ring,
          ring.mul(spreadVector(vector, bits.shape, each), ctx.scheme.lift(spreadPublic(weights, each))),
          reduction,
        ),
      ),
  );
}

/** Compute x AND y of signed 64-bit integers, bit by bit, with broadcasting. Exact for all. */
export function bitwiseAnd(x: SharedTensor, y: SharedTensor): SharedTensor {
  const iface = commonInterface(x, y);
  const shape = broadcastShapes(x.shape, y.shape, "bitwiseAnd");
  const uses = { and: use(bitwiseAndStep, { length: sizeOf(shape) }) };
  return issue(
    { kind: "bitwiseAnd", iface, operands: [x, y], shape, fracBits: 0, uses },
    (ctx, [a, b], steps) => steps.and(spread(ctx, a!, x.shape, shape), spread(ctx, b!, y.shape, shape)),
  );
}

/**
 * Divide integers by 2^count and round down, for magnitudes below 2^62. A truncation rounds down or up; where it rounded up,
 * what is left is below zero.
 *
 * @param count - from 1 to 62
 */
export function shiftRight(x: SharedTensor, count: number): SharedTensor {
  const { iface, shape } = x;
  const length = sizeOf(shape);
  const uses = {
    cut: use(truncate, { length, bits: count }),
    compare: use(compare, { length, comparison: "negative" } as const),
  };
  const choice = { options: `${count}` };
  return issue(
    { kind: "shiftRight", iface, operands: [x], choice, shape, fracBits: 0, uses },
    async ({ scheme }, [a], steps) => {
      const rounded = await steps.cut(a!);
      const left = scope(() =>
        scheme.linear([a!, rounded], (ring, [all, cut]) => ring.sub(all!, ring.shiftLeft(cut!, count))),
      );
      const up = await steps.compare(left);
      return scope(() => scheme.linear([rounded, up], (ring, [cut, one]) => ring.sub(cut!, one!)));
    },
  );
}
