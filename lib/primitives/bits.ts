import { use } from "../protocol/step";
import { bits, bitwiseAnd as bitwiseAndStep } from "../protocol/steps/bits";
import { broadcastShapes, sizeOf } from "../tensor/shape";
import { spread } from "./align";
import { issue } from "./issue";
import { commonInterface, type SharedTensor } from "./shared-tensor";

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
