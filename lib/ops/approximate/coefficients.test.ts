import { describe, expect, test } from "vitest";
import { POLYNOMIALS } from "./coefficients";
import { errorFunction, normalDistribution } from "./normal";

/** What each polynomial stands for, from Math and the series in normal.ts. */
const FUNCTIONS: Readonly<Record<keyof typeof POLYNOMIALS, (x: number) => number>> = {
  exp2: (x) => 2 ** x,
  expTail: Math.exp,
  log: Math.log,
  reciprocal: (x) => 1 / x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sigmoidTail: (x) => 1 / (1 + Math.exp(x)),
  softplusTail: (x) => Math.log1p(Math.exp(-x)),
  tanhTail: (x) => 1 - Math.tanh(x),
  erfTail: (x) => 1 - errorFunction(x),
  geluTail: (x) => x * normalDistribution(-x),
  sine: (x) => (x === 0 ? 2 * Math.PI : Math.sin(2 * Math.PI * Math.sqrt(x)) / Math.sqrt(x)),
  cosine: (x) => Math.cos(2 * Math.PI * Math.sqrt(x)),
};

describe("the minimax polynomials", () => {
  test.each(Object.entries(POLYNOMIALS))("%s is as near as it says, and no nearer", (name, row) => {
    const { interval, coefficients, worst } = row;
    const [from, to] = interval;
    let most = 0;
    for (let i = 0; i <= 20_000; i++) {
      const z = -Math.cos((Math.PI * i) / 20_000);
      const value = coefficients.reduceRight((sum: number, each) => sum * z + each, 0);
      const exact = FUNCTIONS[name as keyof typeof POLYNOMIALS]((from + to) / 2 + ((to - from) / 2) * z);
      most = Math.max(most, Math.abs(value - exact));
    }
    expect(most).toBeLessThan(worst * 1.02 + 1e-12);
    expect(most).toBeGreaterThan(worst * 0.9 - 1e-12);
  });

  test.each(Object.entries(POLYNOMIALS))("%s has coefficients that keep sums small", (_, row) => {
    const { coefficients } = row;
    expect(coefficients.reduce((sum: number, each) => sum + Math.abs(each), 0)).toBeLessThan(15);
    expect(coefficients.length).toBeLessThanOrEqual(20);
  });
});
