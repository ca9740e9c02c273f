import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import { square } from "../../primitives/square";
import type { FloatTensor } from "../../tensor/float-tensor";
import { clampTo } from "../approximate/clamp-to";
import { POLYNOMIALS } from "../approximate/coefficients";
import { units, unitsText } from "../approximate/error";
import { powerOfTwo } from "../approximate/exponential";
import { toBase } from "../approximate/inner";
import { errorFunction } from "../approximate/normal";
import { oddFromTail } from "../approximate/odd";
import { timesConstant } from "../constant";
import { defineOp } from "../define";

const TAIL = POLYNOMIALS.erfTail;
/** Beyond it exp(−x²) is less than half a unit at 16 fractional bits. */
const FLAT = 4;

/**
 * Compute the error function, 2/√π times the integral of exp(−t²) from 0 to x, element by element, for every x.
 *
 * @returns at the session's precision, within two units in the last place at 16 fractional bits
 *
 * @example
 * x.div(Math.SQRT2).erf()
 */
export const erf = defineOp({
  forward: (x) => oddFromTail(x, TAIL),
  gradient: (g, _made, x) => [
    () => {
      const near = square(clampTo(toBase(x), -FLAT, FLAT));
      return times(g, timesConstant(powerOfTwo(negate(toBase(near)), Math.LOG2E), 2 / Math.sqrt(Math.PI)));
    },
  ],
  plain: (x: FloatTensor) => x.map(errorFunction),
  // Beyond 3.5 it is off by 2^-20.
  bound: { text: `${unitsText("one")}, and 2^-19`, of: (ulp) => units(1, ulp) + 2 ** -19 },
  examples: [[[-4096, -2.5, -0.25, 0, 1, 3, 8]]],
});
