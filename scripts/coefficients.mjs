// node scripts/coefficients.mjs: write lib/ops/approximate/coefficients.ts, the minimax polynomials behind the functions on secrets.
// With --print, write to the standard output instead.
//
// Remez's exchange (E. Remez, Comptes rendus 198, 1934): solve for a polynomial whose error has the same size, with
// alternating signs, at degree + 2 points; move the points to the extrema of that error; repeat until they stay.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { root } from "./setup/paths.mjs";

const GRID = 20_000;
const { values: options } = parseArgs({ options: { print: { type: "boolean" } } });

/** Phi(-z), from the continued fraction of the normal tail (Abramowitz and Stegun, 26.2.14) or the series (26.2.10). */
function normalTail(z) {
  if (z > 3) {
    let fraction = 0;
    for (let k = 200; k >= 1; k--) fraction = k / (z + fraction);
    return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (z + fraction);
  }
  let term = z;
  let sum = z;
  for (let k = 1; Math.abs(term) > 1e-18; k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 - sum / Math.sqrt(2 * Math.PI);
}

/** Each row: its doc comment, the function, its interval, and the degree. */
const ROWS = {
  exp2: ["2^x", (x) => 2 ** x, [-1, 1], 9],
  expTail: ["e^x", Math.exp, [-16, 0], 15],
  log: ["the natural logarithm of x", Math.log, [1, 2], 11],
  reciprocal: ["1 / x", (x) => 1 / x, [1, 2], 11],
  sqrt: ["the square root of x", Math.sqrt, [1, 2], 8],
  rsqrt: ["1 / the square root of x", (x) => 1 / Math.sqrt(x), [1, 2], 11],
  sigmoidTail: ["1 / (1 + exp(x))", (x) => 1 / (1 + Math.exp(x)), [0, 12.5], 15],
  softplusTail: ["the natural logarithm of 1 + exp(-x)", (x) => Math.log1p(Math.exp(-x)), [0, 12.5], 15],
  tanhTail: ["1 - tanh(x)", (x) => 2 / (1 + Math.exp(2 * x)), [0, 6.5], 18],
  erfTail: ["1 - erf(x)", (x) => 2 * normalTail(x * Math.SQRT2), [0, 3.5], 15],
  geluTail: ["x times the normal distribution function of -x", (x) => x * normalTail(x), [0, 5], 15],
  sine: ["sin(2 pi t) / t for x = t^2", sine, [0, 1], 11],
  cosine: ["cos(2 pi t) for x = t^2", (x) => Math.cos(2 * Math.PI * Math.sqrt(x)), [0, 1], 11],
};

function sine(x) {
  const t = Math.sqrt(x);
  return t === 0 ? 2 * Math.PI : Math.sin(2 * Math.PI * t) / t;
}

/** The minimax polynomial in z, the interval mapped to [-1, 1], and its largest error. */
function minimax(f, [from, to], degree) {
  const at = (z) => f((from + to) / 2 + ((to - from) / 2) * z);
  let points = Array.from({ length: degree + 2 }, (_, i) => -Math.cos((Math.PI * i) / (degree + 1)));
  let best;
  for (let round = 0; round < 30; round++) {
    const rows = points.map((z, i) => [...chebyshev(z, degree), i % 2 === 0 ? 1 : -1, at(z)]);
    const solution = solve(rows);
    const coefficients = solution.slice(0, degree + 1);
    const error = (z) => value(coefficients, z) - at(z);
    const extrema = extremaOf(error, degree + 2);
    const worst = Math.max(...extrema.map((z) => Math.abs(error(z))));
    if (!best || worst < best.worst) best = { coefficients, worst };
    if (extrema.length !== degree + 2 || worst < Math.abs(solution[degree + 1]) * 1.0001) break;
    points = extrema;
  }
  return { coefficients: toPowers(best.coefficients), worst: best.worst };
}

function chebyshev(z, degree) {
  const values = [1, z];
  for (let k = 2; k <= degree; k++) values.push(2 * z * values[k - 1] - values[k - 2]);
  return values.slice(0, degree + 1);
}

function value(coefficients, z) {
  return chebyshev(z, coefficients.length - 1).reduce((sum, each, k) => sum + each * coefficients[k], 0);
}

/** Points where the error alternates: the largest of each run of one sign. */
function extremaOf(error, wanted) {
  const runs = [];
  for (let i = 0; i <= GRID; i++) {
    const z = -Math.cos((Math.PI * i) / GRID);
    const e = error(z);
    const last = runs.at(-1);
    if (!last || Math.sign(e) !== Math.sign(last.e)) runs.push({ z, e });
    else if (Math.abs(e) > Math.abs(last.e)) Object.assign(last, { z, e });
  }
  while (runs.length > wanted) {
    if (Math.abs(runs[0].e) < Math.abs(runs.at(-1).e)) runs.shift();
    else runs.pop();
  }
  return runs.map(({ z }) => z);
}

/** Solve linear equations, given with their right side as the last column, by elimination with pivots. */
function solve(rows) {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const x = [];
  for (let k = n - 1; k >= 0; k--) {
    let rest = rows[k][n];
    for (let j = k + 1; j < n; j++) rest -= rows[k][j] * x[j];
    x[k] = rest / rows[k][k];
  }
  return x;
}

/** From Chebyshev's polynomials to powers of z. */
function toPowers(coefficients) {
  const degree = coefficients.length - 1;
  const polynomials = [[1], [0, 1]];
  for (let k = 2; k <= degree; k++) {
    const next = [0, ...polynomials[k - 1].map((c) => 2 * c)];
    polynomials[k - 2].forEach((c, i) => {
      next[i] -= c;
    });
    polynomials.push(next);
  }
  const sum = new Array(degree + 1).fill(0);
  coefficients.forEach((c, k) => {
    polynomials[k].forEach((p, i) => {
      sum[i] += c * p;
    });
  });
  return sum;
}

const entries = Object.entries(ROWS).map(([name, [text, f, interval, degree]]) => {
  const { coefficients, worst } = minimax(f, interval, degree);
  const numbers = coefficients.map((c) => Number(c.toPrecision(13)));
  return `  /** ${text}, for x from ${interval[0]} to ${interval[1]}: off by at most 2^${Math.log2(worst).toFixed(1)}. */
  ${name}: {
    interval: [${interval.join(", ")}],
    coefficients: [${numbers.join(", ")}],
    worst: ${Number(worst.toPrecision(3))},
  },`;
});

const text = `// Written by scripts/coefficients.mjs; do not edit.

/** A polynomial in z, which goes from -1 to 1 as x goes through the interval; lowest power first. */
export interface Polynomial {
  readonly interval: readonly [from: number, to: number];
  readonly coefficients: readonly number[];
  /** The largest error on the interval, before any rounding. */
  readonly worst: number;
}

/** The minimax polynomials of the functions on secrets, found by Remez's exchange. */
export const POLYNOMIALS = {
${entries.join("\n")}
} as const satisfies Record<string, Polynomial>;
`;
const file = `${root}lib/ops/approximate/coefficients.ts`;
if (options.print) process.stdout.write(text);
else {
  writeFileSync(file, text);
  execFileSync(process.execPath, [`${root}node_modules/@biomejs/biome/bin/biome`, "format", "--write", file]);
}
