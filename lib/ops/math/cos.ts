import { negate } from "../../primitives/add";
import { times } from "../../primitives/multiply";
import type { FloatTensor } from "../../tensor/float-tensor";
import { units, unitsText } from "../approximate/error";
import { cosineOfTurn, fractionOfTurn, sineOfTurn } from "../approximate/turn";
import { defineOp } from "../define";

/**
 * Compute the cosine of angles in radians, element by element, for |x| up to 1,024.
 *
 * @returns at the session's precision, within two units in the last place at 16 fractional bits
 *
 * @example
 * angle.cos()
 */
export const cos = defineOp({
  forward: (x) => {
    const saved = fractionOfTurn(x);
    return { result: cosineOfTurn(saved), saved };
  },
  gradient: (g, { saved }) => [() => negate(times(g, sineOfTurn(saved)))],
  plain: (x: FloatTensor) => x.map((element) => Math.cos(element)),
  // Turns are off by 2^-26, which is 2^-23 of an angle, and the polynomial by 72 units of 2^-26.
  // At more than 16 fractional bits there is less room for 1/2π beside x.
  bound: {
    text: `${unitsText("one")}, and 2^-19; 2^-14 at more than 16 fractional bits`,
    of: (ulp) => units(1, ulp) + (ulp < 2 ** -16 ? 2 ** -14 : 2 ** -19),
  },
  domain: [-1024, 1024],
  examples: [[[-1024, -2.5, -0.25, 0, 1, 3, 8]]],
  mathjs: { cos: true },
});
