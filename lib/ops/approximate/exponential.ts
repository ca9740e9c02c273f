import { addPublic, combine } from "../../primitives/add";
import { bitsOf } from "../../primitives/bits";
import { rearrange } from "../../primitives/layout";
import { times } from "../../primitives/multiply";
import { readAt, toScale } from "../../primitives/scale";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { weigh } from "../../primitives/weigh";
import { ring64 } from "../../ring";
import { VALUE_BITS } from "../../tensor/fixed-point";
import { compose, sameElements } from "../../tensor/layout";
import { rangeLayout } from "../../tensor/slices";
import { clampTo } from "./clamp-to";
import { POLYNOMIALS } from "./coefficients";
import { evaluate } from "./evaluate";
import { baseOf, INNER } from "./inner";

/** Bits of the power's whole part, which counts from −32. */
const BITS = 6;
const OFFSET = 32;
const HIGHEST = 30;
/** What y = x·factor may take before its truncation, and the fractional bits of a factor at most. */
const ROOM = VALUE_BITS - 1;
const MAX_FACTOR_BITS = 36;

/**
 * 2^(x · factor) at the session's precision.
 *
 * y = x·factor = k + r, with k the truncation of y, so that r is from −1 to 1. The six bits of k + 32 are b_0 to b_5.
 * - p = 2^r is a polynomial; the factors 1 + b_j·(2^(2^j) − 1) for j < 5 are integers and make q = p·2^(k mod 32), which is
 *   exact and below 2^(1 + 31) at 26 fractional bits, 2^58.
 * - b_5 chooses between q, where k ≥ 0, and q·2^-32.
 *
 * x is clamped so that y is from −(precision + 1), below which results are less than half a unit, to 30 or, at more than 16
 * fractional bits, to 62 − 2·precision.
 */
export function powerOfTwo(x: SharedTensor, factor: number): SharedTensor {
  const { precision } = x.iface;
  const highest = Math.min(HIGHEST, VALUE_BITS - 2 * baseOf(x));
  const bounds = [-(precision + 1) / factor, highest / factor].sort((a, b) => a - b) as [number, number];
  const clamped = clampTo(x, ...bounds);
  // |y| is below 2^5, and so many bits go to its scale.
  const fracBits = Math.min(MAX_FACTOR_BITS, ROOM - BITS - x.fracBits);
  const y = weigh([clamped], { weights: [factor], fracBits }, INNER);
  const whole = toScale(y, 0);
  const power = evaluate(combine("sub", y, whole), POLYNOMIALS.exp2, INNER);
  const bits = bitsOf(
    addPublic(whole, { shape: [], fracBits: 0, vector: ring64.fromBigInts([BigInt(OFFSET)]) }),
    BITS,
  );
  const [f0, f1, f2, f3, f4] = [0, 1, 2, 3, 4].map((place) =>
    weigh([bitAt(bits, place)], { weights: [2 ** (2 ** place) - 1], constant: 1, fracBits: 0 }, 0),
  ) as [SharedTensor, SharedTensor, SharedTensor, SharedTensor, SharedTensor];
  const scaled = times(times(times(f0, f1), times(f2, f3)), times(power, f4, INNER), INNER);
  const small = toScale(readAt(scaled, INNER + OFFSET), precision);
  const large = toScale(scaled, precision);
  return combine("add", small, times(bitAt(bits, BITS - 1), combine("sub", large, small), precision));
}

function bitAt(bits: SharedTensor, place: number): SharedTensor {
  const last = bits.shape.length - 1;
  const layout = rangeLayout(bits.shape, last, place, place + 1);
  return rearrange("bit", bits, compose(layout, sameElements(layout.shape, bits.shape.slice(0, -1))));
}
