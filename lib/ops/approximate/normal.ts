/** The error function and the normal distribution, in the clear. */

const TINY = 1e-17;

/** The normal distribution function: from its series, or the continued fraction of its tail (Abramowitz and Stegun, 26.2). */
export function normalDistribution(x: number): number {
  if (x > 3) return 1 - normalDistribution(-x);
  const density = normalDensity(x);
  if (x < -3) {
    let fraction = 0;
    for (let k = 100; k >= 1; k--) fraction = k / (fraction - x);
    return density / (fraction - x);
  }
  let [term, sum] = [x, x];
  for (let k = 1; Math.abs(term) > TINY; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + density * sum;
}

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** 2/√π times the integral of exp(−t²) from 0 to x. */
export function errorFunction(x: number): number {
  return 2 * normalDistribution(x * Math.SQRT2) - 1;
}
