import { combine } from "../../primitives/add";
import type { FloatTensor } from "../../tensor/float-tensor";
import { defineOp } from "../define";
import * as term from "../term";
import { and } from "./and-term";
import { onWords } from "./words";

/**
 * Compute x OR y of integers, bit by bit. Negative numbers are in two's complement.
 *
 * Exact for all 64-bit integers. A public operand costs less the shorter it is.
 *
 * @param other - secret or public integers; shapes broadcast as in NumPy
 * @returns secret integers, exact
 * @throws {RangeError} the shapes cannot be broadcast
 * @throws {TypeError} an operand is fixed point
 *
 * @example
 * flags.bitwiseOr(0x0f)
 */
export const bitwiseOr = defineOp({
  parameters: { x: "integer", other: "integer" },
  // x + y counts the bits that both have twice.
  forward(x, other) {
    const common = and(x, other);
    return combine("sub", term.add(x, other), common);
  },
  plain: (x: FloatTensor, other: FloatTensor) => onWords(x, other, (a, b) => a | b),
  bound: 0,
  integers: [-(2 ** 40), 2 ** 40],
  shapes: () => [[2], [1]],
  examples: [
    [
      [5, -7],
      [3, 12],
    ],
  ],
  mathjs: { bitOr: true },
});
