import { use } from "../protocol/step";
import { truncate } from "../protocol/steps/truncate";
import { sizeOf } from "../tensor/shape";
import { align } from "./align";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Bring x to another number of fractional bits: exact and without a message for more, by a truncation for fewer. */
export function toScale(x: SharedTensor, fracBits: number): SharedTensor {
  if (x.fracBits === fracBits) return x;
  const { iface, shape } = x;
  const bits = x.fracBits - fracBits;
  const uses = { cut: bits > 0 ? use(truncate, { length: sizeOf(shape), bits }) : undefined };
  return issue({ kind: "scale", iface, operands: [x], shape, fracBits, uses }, (ctx, [a], steps) =>
    steps.cut ? steps.cut(a!) : align(ctx, a!, x, shape, fracBits),
  );
}

/** Read the same words at another number of fractional bits: x times a power of two. No message. */
export function readAt(x: SharedTensor, fracBits: number): SharedTensor {
  const { iface, shape } = x;
  const choice = { options: `at ${fracBits}` };
  return issue({ kind: "readAt", iface, operands: [x], choice, shape, fracBits }, (_, [a]) => a!);
}
