import { addPublic, lift, negate } from "../primitives/add";
import { bitsOf } from "../primitives/bits";
import { join, rearrange } from "../primitives/layout";
import { times } from "../primitives/multiply";
import type { PublicTensor, SharedTensor } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { sameElements } from "../tensor/layout";
import { joinAlong } from "../tensor/parts";
import { resolveAxis, type Shape, sizeOf } from "../tensor/shape";
import { rangeLayout } from "../tensor/slices";

/**
 * Turn secret integers from 0 to classes − 1 into rows, along a new last axis, with 1 at the integer's place and 0 elsewhere.
 * Others give rows that mean nothing.
 *
 * The integer's bits are one-hot in pairs; then the one-hot rows of neighbouring groups of bits multiply, each element with
 * each.
 */
export function oneHotOf(index: SharedTensor, classes: number): SharedTensor {
  const { iface, shape } = index;
  if (classes === 1) return lift(iface, ones([...shape, 1]));
  const bits = bitsOf(index, Math.ceil(Math.log2(classes)));
  return groupOf(bits, classes);
}

/** The same for positions along an axis of a tensor. */
export function oneHotAlong(index: SharedTensor, shape: Shape, axis: number): SharedTensor {
  return oneHotOf(index, shape[resolveAxis("indexSelect", axis, shape)]!);
}

/** The first `classes` places of the one-hot rows of a group of bits. */
function groupOf(bits: SharedTensor, classes: number): SharedTensor {
  const width = bits.shape.at(-1)!;
  const outer = bits.shape.slice(0, -1);
  if (width === 1) {
    const not = addPublic(negate(bits), ones([1]));
    return join("concat", [not, bits], joinAlong([not.shape, bits.shape], outer.length));
  }
  const half = width >> 1;
  const lows = 2 ** half;
  // Higher places are not wanted.
  const highs = Math.ceil(classes / lows);
  const low = groupOf(lastAxis(bits, 0, half), lows);
  const high = groupOf(lastAxis(bits, half, width), highs);
  const products = times(reshape(high, [...outer, highs, 1]), reshape(low, [...outer, 1, lows]));
  return lastAxis(reshape(products, [...outer, highs * lows]), 0, classes);
}

/** Take a range of the last axis. */
function lastAxis(x: SharedTensor, start: number, end: number): SharedTensor {
  const axis = x.shape.length - 1;
  if (end - start === x.shape[axis]) return x;
  return rearrange("slice", x, rangeLayout(x.shape, axis, start, end));
}

function reshape(x: SharedTensor, shape: Shape): SharedTensor {
  return rearrange("reshape", x, sameElements(x.shape, shape), true);
}

function ones(shape: Shape): PublicTensor {
  return { shape, fracBits: 0, vector: ring64.full(sizeOf(shape), 1n) };
}
