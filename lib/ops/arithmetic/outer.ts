import { rearrange, rearrangePublic } from "../../primitives/layout";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sameElements } from "../../tensor/layout";
import { type Shape, sizeOf } from "../../tensor/shape";
import { defineOp } from "../define";
import type { Term } from "../term";
import * as term from "../term";

/**
 * Multiply each element by each element of another tensor; both are taken as vectors.
 *
 * Keep products below 2^(62 − 2·precision) in magnitude, 2^30 at 16 fractional bits; larger ones wrap around unnoticed.
 *
 * @param other - a secret or a public value
 * @returns n×m for n and m elements, at the session's precision, within one unit in the last place; exact for whole
 *   numbers
 *
 * @example
 * x.outer(y)
 */
export const outer = defineOp({
  parameters: { x: "factor", other: "factor" },
  forward: (x, other) => term.matmul(as(x, column(x.shape)), as(other, row(other.shape))),
  gradient: (g, _made, x, other) => [
    () =>
      rearrange(
        "outer",
        term.matmul(g, as(other, column(other.shape))),
        sameElements(column(x.shape), x.shape),
      ),
    () =>
      rearrange("outer", term.matmul(as(x, row(x.shape)), g), sameElements(row(other.shape), other.shape)),
  ],
  plain: (x: FloatTensor, other: FloatTensor) => x.reshape(-1, 1).mul(other.reshape(1, -1)),
  bound: 1,
  examples: [
    [
      [1.5, -2, 3],
      [0.25, 4],
    ],
    [3, [[1, 2.5]]],
  ],
});

function column(shape: Shape): Shape {
  return [sizeOf(shape), 1];
}

function row(shape: Shape): Shape {
  return [1, sizeOf(shape)];
}

function as(x: Term, shape: Shape): Term {
  const layout = sameElements(x.shape, shape);
  return term.isSecret(x) ? rearrange("outer", x, layout, true) : rearrangePublic(x, layout);
}
