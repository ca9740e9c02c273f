import { use } from "../protocol/step";
import { compare } from "../protocol/steps/compare";
import { sizeOf } from "../tensor/shape";
import { negate } from "./add";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

/** Compute the integer 1 where x < 0, and 0 elsewhere, for every signed 64-bit integer. */
export function isNegative(x: SharedTensor): SharedTensor {
  return compareWithZero("isNegative", x);
}

/** Compute the integer 1 where x > 0, and 0 elsewhere, for every signed 64-bit integer but −2^63. */
export function isPositive(x: SharedTensor): SharedTensor {
  return isNegative(negate(x));
}

/** Compute the integer 1 where x = 0, and 0 elsewhere, for every 64-bit integer. */
export function isZero(x: SharedTensor): SharedTensor {
  return compareWithZero("isZero", x);
}

function compareWithZero(kind: "isNegative" | "isZero", x: SharedTensor): SharedTensor {
  const { iface, shape } = x;
  const comparison = kind === "isZero" ? "zero" : "negative";
  const uses = { compare: use(compare, { length: sizeOf(shape), comparison } as const) };
  return issue({ kind, iface, operands: [x], shape, fracBits: 0, uses }, (_, [a], steps) =>
    steps.compare(a!),
  );
}
