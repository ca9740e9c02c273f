import { combine } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { clampTo } from "../approximate/clamp-to";
import { POLYNOMIALS } from "../approximate/coefficients";
import { units, unitsText } from "../approximate/error";
import { evaluate, toUnit } from "../approximate/evaluate";
import { powerOfTwo } from "../approximate/exponential";
import { fold } from "../approximate/fold";
import { toBase } from "../approximate/inner";
import { normalDistribution } from "../approximate/normal";
import { oddFromTail } from "../approximate/odd";
import { addConstant, timesConstant } from "../constant";
import { defineOp } from "../define";

const TAIL = POLYNOMIALS.geluTail;
/** Beyond it x times the normal density is less than a unit at 16 fractional bits. */
const FLAT = 5.5;

/**
 * Compute x times the normal distribution function of x, element by element, for every x: max(x, 0) less a polynomial in |x|
 * up to 5.
 *
 * @returns at the session's precision, within two units in the last place at 16 fractional bits
 *
 * @example
 * data.matmul(weights).gelu()
 */
export const gelu = defineOp({
  forward: (x) => {
    const base = toBase(x);
    const { magnitude, negative } = fold(base, TAIL.interval[1]);
    const tail = evaluate(toUnit(magnitude, TAIL), TAIL, x.iface.precision);
    return combine("sub", combine("sub", base, negative), tail);
  },
  gradient: (g, _made, x) => [
    () => {
      const { precision } = x.iface;
      // Φ(x) + x·φ(x)
      const distribution = timesConstant(
        addConstant(oddFromTail(timesConstant(x, Math.SQRT1_2), POLYNOMIALS.erfTail), 1),
        0.5,
      );
      const near = clampTo(toBase(x), -FLAT, FLAT);
      const density = timesConstant(powerOfTwo(square(near), -0.5 * Math.LOG2E), 1 / Math.sqrt(2 * Math.PI));
      return times(g, combine("add", distribution, times(near, density, precision)));
    },
  ],
  plain: (x: FloatTensor) => x.map((element) => element * normalDistribution(element)),
  // The polynomial is off by 2^-22.4, and what lies beyond 5 by 2^-19.4.
  bound: { text: `${unitsText("one")}, and 2^-19`, of: (ulp) => units(1, ulp) + 2 ** -19 },
  examples: [[[-4096, -2.5, -0.25, 0, 1, 3, 8]]],
});
