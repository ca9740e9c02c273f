import { lift } from "../../primitives/add";
import { times, timesPublic } from "../../primitives/multiply";
import { toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { broadcastShapes } from "../../tensor/shape";
import { units } from "../approximate/error";
import { powerOfTwo } from "../approximate/exponential";
import { INNER, toBase, widthOf } from "../approximate/inner";
import { logarithm } from "../approximate/logarithm";
import { type Normalised, normalise } from "../approximate/normalise";
import { quotient } from "../approximate/quotient";
import { addConstant, constant } from "../constant";
import { defineOp } from "../define";
import * as term from "../term";
import { zip } from "../zip";

/**
 * Raise every element to a power: a public whole number from 0 by repeated squaring, any other exponent as exp(exponent·log x),
 * which needs x above 0.
 *
 * Keep the magnitude of every result below 2^(62 − 2·precision), 2^30 at 16 fractional bits. By squaring, larger ones wrap around
 * unnoticed; otherwise they are clamped.
 *
 * @param exponent - a number, or a secret or public tensor; shapes broadcast as in NumPy
 * @returns at the session's precision; for a whole exponent n, within n · max(1, |x|)^(n−1) units in the last place, and exact
 *   for whole numbers; for any other, within two units and 2^-20 · (1 + |exponent|) of the result
 * @throws {RangeError} the shapes cannot be broadcast
 *
 * @example
 * x.pow(3)
 * x.pow(-0.5)
 */
export const pow = defineOp({
  parameters: { x: "operand", exponent: "exponent" },
  forward: (x, exponent) => {
    const whole = wholeExponent(exponent);
    if (whole !== undefined) return { result: raise(x as SharedTensor, whole), saved: {} as Saved };
    broadcastShapes(x.shape, exponent.shape, "pow");
    const iface = (term.isSecret(x) ? x : (exponent as SharedTensor)).iface;
    const base = toBase(term.isSecret(x) ? x : lift(iface, x));
    const normalised = normalise(base, widthOf(base), false);
    const log = logarithm(normalised, base.fracBits);
    const power = term.isSecret(exponent) ? exponent : lift(iface, exponent);
    const result = powerOfTwo(times(log, power, INNER), Math.LOG2E);
    return { result, saved: { normalised, log, power } as Saved };
  },
  gradient: (g, { result, saved: { normalised, log, power } }, x, exponent) => [
    () => {
      if (normalised) return quotient(times(times(g, power!), result), normalised);
      const n = wholeExponent(exponent)!;
      const scaled = timesPublic(g, constant(g, n));
      return n < 2 ? scaled : times(scaled, raise(x as SharedTensor, n - 1));
    },
    () => log && times(times(g, result), toScale(log, g.iface.precision)),
  ],
  plain: (x: FloatTensor, exponent: FloatTensor) => zip(x, exponent, (base, power) => base ** power),
  bound: {
    text:
      "n · max(1, |x|)^(n−1) units in the last place, for a whole exponent n; two units and 2^-20 · (1 + |exponent|) of the " +
      "result for any other",
    of: (ulp, x, exponent) =>
      zip(x, exponent, (base, power) => {
        const relative = 2 ** -20 * (1 + Math.abs(power)) * Math.abs(base ** power);
        return Math.max(ulp * power * Math.max(1, Math.abs(base)) ** (power - 1), units(2, ulp) + relative);
      }),
  },
  domain: [0.25, 4],
  shapes: (m, k) => [[m, k], []],
  examples: [
    [[1.5, 0.5, 0.25, 2], 0],
    [[1.5, 0.5, 0.25, 2], 1],
    [[1.5, 0.5, 0.25, 2], 2],
    [[1.5, 0.5, 0.25, 2], 3],
    [[1.5, 0.5, 0.25, 2], 5],
    [[1.5, 0.5, 4, 2], -0.5],
  ],
  mathjs: { dotPow: true },
});

/** What the gradient needs where a power is not taken by squaring. */
interface Saved {
  readonly normalised?: Normalised;
  readonly log?: SharedTensor;
  readonly power?: SharedTensor;
}

/** The exponent, if it is one public whole number from 0. */
function wholeExponent(exponent: term.Term): number | undefined {
  if (term.isSecret(exponent) || exponent.shape.length > 0 || exponent.fracBits > 0) return undefined;
  const value = Number(exponent.vector.ring.toSignedBigInts(exponent.vector)[0]);
  return value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Why the bound holds, in units of the last place with M = max(1, |x|): let x^k be off by e(k) ≤ (k − 1)·M^(k−1). A square
 * is off by 2·M^k·e(k), by its own unit and by e(k)² units of the precision, so e(2k) ≤ (2k − 1)·M^(2k−1) but for that
 * last part; a factor x more gives M·e(2k) + 1 ≤ 2k·M^(2k). The bound has n in place of n − 1 for the part left out.
 */
function raise(x: SharedTensor, exponent: number): SharedTensor {
  if (exponent === 0) return addConstant(timesPublic(x, constant(x, 0)), 1);
  if (exponent === 1) return x;
  const half = square(raise(x, Math.floor(exponent / 2)));
  return exponent % 2 === 0 ? half : times(half, x);
}
