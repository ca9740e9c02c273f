import { use } from "../protocol/step";
import { compare, select } from "../protocol/steps/compare";
import { sizeOf } from "../tensor/shape";
import { negate } from "./add";
import { mapShare } from "./align";
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

/** A comparison's results, and their products with another value. */
export interface Selected {
  /** Integers, 1 where the comparison holds and 0 elsewhere. */
  readonly chosen: SharedTensor;
  /** At the value's scale. */
  readonly product: SharedTensor;
}

/** Compute 1 where x < 0 and 0 elsewhere, and y times that, in as many rounds as the comparison alone. */
export function selectNegative(x: SharedTensor, y: SharedTensor): Selected {
  const { iface, shape } = x;
  const { fracBits } = y;
  const length = sizeOf(shape);
  const uses = { select: use(select, { length, comparison: "negative" } as const) };
  const both = issue(
    { kind: "select", iface, operands: [x, y], shape: [2, ...shape], fracBits, uses },
    (_, [a, b], steps) => steps.select(a!, b!),
  );
  const half = (kind: string, index: number, fracBits: number) =>
    issue({ kind, iface, operands: [both], shape, fracBits }, (ctx, [a]) =>
      mapShare(ctx, a!, (ring, vector) => ring.slice(vector, index * length, (index + 1) * length)),
    );
  return { chosen: half("chosen", 0, 0), product: half("selected", 1, fracBits) };
}

/** Compute 1 where x > 0 and 0 elsewhere, and y times that, likewise. */
export function selectPositive(x: SharedTensor, y: SharedTensor): Selected {
  return selectNegative(negate(x), y);
}
