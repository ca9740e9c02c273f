import { combine, lift, negate } from "../../primitives/add";
import { rearrange } from "../../primitives/layout";
import { times } from "../../primitives/multiply";
import { sumAxes } from "../../primitives/reduce";
import { toScale } from "../../primitives/scale";
import { isSecret, type PublicTensor, type SharedTensor, type Term } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import { FloatTensor } from "../../tensor/float-tensor";
import { sameElements } from "../../tensor/layout";
import { planReduction } from "../../tensor/reduction";
import { bracketShape, type Shape, sameShape, sizeOf } from "../../tensor/shape";
import { units } from "../approximate/error";
import { INNER } from "../approximate/inner";
import { logarithm } from "../approximate/logarithm";
import { normalise } from "../approximate/normalise";
import { reciprocalOf } from "../approximate/reciprocal-of";
import { defineOp } from "../define";
import { exponentials, logSumExp, planSoftmax, sumOfRows } from "../math/softmax-rows";
import { oneHotOf } from "../one-hot";
import * as term from "../term";
import {
  checkReduction,
  type LossOptions,
  lossBound,
  reduceLoss,
  reducePlain,
  throughReduction,
} from "./averaging";

/**
 * Compute the mean cross-entropy of logits: less the logarithm of the softmax along the last axis, at the target's class,
 * as PyTorch's CrossEntropyLoss. The gradient is (softmax(x) − target) / n.
 *
 * Differences along the axis must be below 2^(62 − 2·precision), 2^30 at 16 fractional bits. *
 * @param target - secret or public: a class for each row, counted from 0, as integers; or, in the shape of the logits, the
 *   probability of each class, such as one-hot rows. A secret class out of range gives a loss that means nothing
 * @param options.reduction - "mean", "sum", or "none" for each row. Default: "mean"
 * @returns at the session's precision; each row within two units in the last place and 2^-20 for each class, times the sum of
 *   its probabilities' magnitudes, and one unit for each class where those are fractions; a mean within one more
 * @throws {RangeError} the shapes do not fit, or a public class is out of range
 * @throws {TypeError} classes are fixed point
 *
 * @example
 * model.forward(images).crossEntropyLoss(labels).backward() // [n, 10] and [n]
 */
export const crossEntropyLoss = defineOp({
  parameters: { x: "operand", target: "operand", options: { reduction: "argument" } },
  check: (x, target, options) => {
    checkReduction("crossEntropyLoss", options);
    checkShapes(x.shape, target.shape);
  },
  forward(given, target, options) {
    const classes = oneHotTarget(target, given.shape);
    const iface = term.secret(isSecret(given) ? given : target).iface;
    const x = isSecret(given) ? given : lift(iface, given);
    const plan = planSoftmax("crossEntropyLoss", x.shape, -1);
    const { powers, below } = exponentials(x, plan);
    const { sum, width } = sumOfRows(powers, plan);
    const normalised = normalise(sum, width, false);
    const logarithms = combine("sub", below, toScale(logarithm(normalised, INNER), iface.precision));
    const products = term.mul(logarithms, asRows(classes, below.shape));
    const losses = sumAxes(negate(products), planReduction("sum", products.shape, 1));
    const result = reduceLoss(move(losses, x.shape.slice(0, -1)), options);
    return { result, saved: { powers, normalised, logarithms, classes } };
  },
  gradient: (g, { saved: { powers, normalised, logarithms, classes } }, x, target, options) => {
    const back = (rows: SharedTensor) => {
      const each = move(rows, x.shape);
      const upstream = options?.reduction === "none" ? move(g, [...x.shape.slice(0, -1), 1]) : g;
      return throughReduction(each, upstream, sizeOf(x.shape.slice(0, -1)), options);
    };
    return [
      () => {
        const share = times(powers, reciprocalOf(normalised, INNER, INNER, 1), g.iface.precision);
        const rows = asRows(classes, powers.shape);
        // Rows of probabilities may add up to something else than 1.
        const weighted = sameShape(target.shape, x.shape) ? term.mul(share, rowSums(rows)) : share;
        return back(term.sub(weighted, rows));
      },
      () => back(negate(logarithms)),
    ];
  },
  plain: (x: FloatTensor, target: FloatTensor, options?: LossOptions) => {
    const classes = x.shape.at(-1)!;
    const weights = plainTarget(target, x.shape);
    const rows = Array.from({ length: sizeOf(x.shape.slice(0, -1)) }, (_, i) => {
      const row = [...x.values.subarray(i * classes, (i + 1) * classes)];
      const total = logSumExp(row);
      return row.reduce((sum, each, j) => sum + weights[i * classes + j]! * (total - each), 0);
    });
    return reducePlain(FloatTensor.from(Float64Array.from(rows), x.shape.slice(0, -1)), options);
  },
  bound: {
    text: "two units in the last place and 2^-20 for each class, times the probabilities' magnitudes, and a unit for each class; for a mean one more",
    of(ulp, x, target, options) {
      const classes = x.shape.at(-1)!;
      const rows = sizeOf(x.shape.slice(0, -1));
      const weights = plainTarget(target, x.shape);
      const heaviest = Math.max(
        ...Array.from({ length: rows }, (_, i) =>
          weights.subarray(i * classes, (i + 1) * classes).reduce((sum, each) => sum + Math.abs(each), 0),
        ),
      );
      const each = heaviest * (units(2, ulp) + 2 ** -20 * classes) + classes * ulp;
      return lossBound(ulp, rows, each, options);
    },
  },
  domain: [-8, 8],
  shapes: (m, k) => [
    [m, k],
    [m, k],
  ],
  examples: [
    [
      [
        [1, 2.5, 3],
        [4, 5, -60],
      ],
      [
        [0, 1, 0],
        [0.5, 0.25, 0.25],
      ],
    ],
    [
      [
        [1, 2.5],
        [4, 5],
        [0, -2],
      ],
      [
        [0, 1],
        [1, 0],
        [0.5, 0.5],
      ],
      { reduction: "none" },
    ],
  ],
});

function checkShapes(x: Shape, target: Shape): void {
  const fits = sameShape(target, x) || sameShape(target, x.slice(0, -1));
  if ((x.length === 1 || x.length === 2) && sizeOf(x) > 0 && fits) return;
  throw new RangeError(
    "crossEntropyLoss takes logits of shape [rows, classes] and a class for each row, [rows], or a probability for each " +
      `class, [rows, classes]; got ${bracketShape(x)} and ${bracketShape(target)}`,
  );
}

/** The target as the probability of each class. */
function oneHotTarget(target: Term, logits: Shape): Term {
  if (sameShape(target.shape, logits)) return target;
  const classes = logits.at(-1)!;
  if (target.fracBits > 0)
    throw new TypeError("crossEntropyLoss: classes must be integers; share them with { integers: true }");
  if (isSecret(target)) return oneHotOf(target, classes);
  const places = ring64.toSignedBigInts(target.vector).map(Number);
  const vector = ring64.fromBigInts([...plainOneHot(places, classes)].map(BigInt));
  return { shape: logits, fracBits: 0, vector } satisfies PublicTensor;
}

function plainTarget(target: FloatTensor, logits: Shape): Float64Array {
  if (sameShape(target.shape, logits)) return target.values;
  return plainOneHot([...target.values], logits.at(-1)!);
}

/** @throws {RangeError} a class is out of range */
function plainOneHot(places: readonly number[], classes: number): Float64Array {
  const wrong = places.findIndex((place) => !(Number.isInteger(place) && place >= 0 && place < classes));
  if (wrong >= 0)
    throw new RangeError(
      `crossEntropyLoss: class ${places[wrong]} at [${wrong}] is not a whole number from 0 to ${classes - 1}`,
    );
  const rows = new Float64Array(places.length * classes);
  for (const [i, place] of places.entries()) rows[i * classes + place] = 1;
  return rows;
}

/** The rows of a matrix, of what may be one row alone. */
function asRows(x: Term, shape: Shape): Term {
  if (sameShape(x.shape, shape)) return x;
  return isSecret(x) ? move(x, shape) : { ...x, shape };
}

/** The same elements in another shape. */
function move(x: SharedTensor, shape: Shape): SharedTensor {
  return rearrange("crossEntropyLoss", x, sameElements(x.shape, shape), true);
}

/** The sum of each row, as a column. */
function rowSums(rows: Term): Term {
  if (isSecret(rows)) return sumAxes(rows, planReduction("sum", rows.shape, 1, { keepdim: true }));
  const [count, length] = rows.shape as [number, number];
  return { ...rows, shape: [count, 1], vector: rows.vector.ring.sumAxis(rows.vector, count, length, 1) };
}
