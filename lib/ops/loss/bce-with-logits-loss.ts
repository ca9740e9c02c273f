import { combine, lift, negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sizeOf } from "../../tensor/shape";
import { POLYNOMIALS } from "../approximate/coefficients";
import { units } from "../approximate/error";
import { evaluate, toUnit } from "../approximate/evaluate";
import { fold } from "../approximate/fold";
import { toBase } from "../approximate/inner";
import { addConstant } from "../constant";
import { defineOp } from "../define";
import * as term from "../term";
import {
  checkLoss,
  type LossOptions,
  lossBound,
  reduceLoss,
  reducePlain,
  throughReduction,
} from "./averaging";

const LOSS = POLYNOMIALS.softplusTail;
const SLOPE = POLYNOMIALS.sigmoidTail;

/**
 * Compute the mean binary cross-entropy of logits: log(1 + exp(x)) − x · target, for every x, as PyTorch's
 * BCEWithLogitsLoss. The gradient is (sigmoid(x) − target) / n, without a division.
 *
 * @param target - secret or public, of the same shape: 0 or 1, as integers or fixed point, or a probability
 * @param options.reduction - "mean", "sum", or "none" for each element. Default: "mean"
 * @returns at the session's precision; each element within three units in the last place and 2^-17.5, a mean within one
 *   more
 * @throws {RangeError} the shapes differ
 *
 * @example
 * model.forward(rows).bceWithLogitsLoss(labels).backward()
 */
export const bceWithLogitsLoss = defineOp({
  parameters: { x: "operand", target: "operand", options: { reduction: "argument" } },
  check: (x, target, options) => checkLoss("bceWithLogitsLoss", x.shape, target.shape, options),
  forward(given, target, options) {
    const x = asSecret(given, target);
    const folded = fold(toBase(x), LOSS.interval[1]);
    const tail = evaluate(toUnit(folded.magnitude, LOSS), LOSS, x.iface.precision);
    // log(1 + exp(x)) is max(x, 0) and a tail in |x|.
    const positive = combine("sub", toBase(x), folded.negative);
    const losses = combine("add", combine("sub", positive, term.mul(x, target)), tail);
    return { result: reduceLoss(toScale(losses, x.iface.precision), options), saved: { folded } };
  },
  gradient: (g, { saved: { folded } }, x, target, options) => {
    const count = sizeOf(x.shape);
    return [
      () => {
        const { precision } = g.iface;
        const tail = evaluate(toUnit(folded.magnitude, SLOPE), SLOPE, precision);
        const rest = addConstant(negate(tail), 1);
        const swapped = times(folded.isNegative, combine("sub", tail, rest), precision);
        return throughReduction(term.sub(combine("add", rest, swapped), target), g, count, options);
      },
      () => throughReduction(negate(asSecret(x, g)), g, count, options),
    ];
  },
  plain: (x: FloatTensor, target: FloatTensor, options?: LossOptions) =>
    reducePlain(
      x.map((each) => Math.max(each, 0) + Math.log1p(Math.exp(-Math.abs(each)))).sub(x.mul(target)),
      options,
    ),
  bound: {
    text: "three units in the last place and 2^-17.5 for each element; for a mean one more",
    // The tail and the product round; the tail beyond 12.5 is below 2^-18, and its polynomial off by 2^-20.3.
    of: (ulp, x, _target, options) => lossBound(ulp, sizeOf(x.shape), units(3, ulp) + 2 ** -17.5, options),
  },
  domain: [-64, 64],
  shapes: (m, k) => [
    [m, k],
    [m, k],
  ],
  examples: [
    [
      [
        [-60, -2.5],
        [0, 13],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [[1.5, -2, 0], [0.25, 1, 0.5], { reduction: "none" }],
  ],
});

/** A term as a secret. */
function asSecret(x: term.Term, other: term.Term): SharedTensor {
  return term.isSecret(x) ? x : lift(term.secret(other).iface, x);
}
