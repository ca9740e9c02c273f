// node scripts/functions.mjs: write docs/functions.md and docs/functions/*.svg, the errors of the functions on secrets over
// their domains. They run in the clear, with the same fixed-point arithmetic and polynomials as on shares, on 500,000 points
// each. A truncation on shares may round up where this one rounds down, which the bounds allow for.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { root } from "./setup/paths.mjs";

const require = createRequire(import.meta.url);
const { FloatTensor, ops, plain } = require(`${root}dist/lib/index.js`);
const { setHost } = require(`${root}dist/lib/session/host/host.js`);
setHost({ cell: () => undefined, notify: () => undefined });

const POINTS = 500_000;
const BATCH = 50_000;
const ULP = 2 ** -16;
const BUCKETS = 240;

/** Each function, where it is drawn and measured, and whether its points are spread over magnitudes. */
const ROWS = {
  exp: { from: -20, to: 20, relative: (x) => Math.max(1, Math.exp(x)) },
  log: { from: 2 ** -16, to: 2 ** 29, log: true },
  reciprocal: { from: 2 ** -16, to: 2 ** 29, log: true, relative: (x) => Math.max(1, 1 / x) },
  sqrt: { from: 2 ** -16, to: 2 ** 29, log: true, relative: (x) => Math.max(1, Math.sqrt(x)) },
  rsqrt: { from: 2 ** -16, to: 2 ** 29, log: true, relative: (x) => Math.max(1, 1 / Math.sqrt(x)) },
  sigmoid: { from: -32, to: 32 },
  tanh: { from: -12, to: 12 },
  erf: { from: -6, to: 6 },
  gelu: { from: -12, to: 12 },
  sin: { from: -1024, to: 1024 },
  cos: { from: -1024, to: 1024 },
};

const iface = plain();
const lines = [];
mkdirSync(`${root}docs/functions`, { recursive: true });
for (const [name, row] of Object.entries(ROWS)) {
  const found = await measure(name, row);
  writeFileSync(`${root}docs/functions/${name}.svg`, draw(name, row, found));
  const { definition } = ops[name];
  const unit = row.relative ? " (beyond 1, of the result)" : "";
  lines.push(
    `| [${name}](operations.md#${name}) | ${number(row.from)} to ${number(row.to)} | ${definition.bound.text} | ` +
      `${found.worst.toFixed(2)}${unit} | ${number(found.at)} | [picture](functions/${name}.svg) |`,
  );
}
writeFileSync(`${root}docs/functions.md`, page(lines));
await iface.close();
process.exit();

/** The largest error in units of the last place, where it is, and the largest in each part of the domain. */
async function measure(name, { from, to, log, relative = () => 1 }) {
  const buckets = new Float64Array(BUCKETS);
  let [worst, at] = [0, from];
  for (let start = 0; start < POINTS; start += BATCH) {
    const xs = Float64Array.from({ length: BATCH }, (_, i) => {
      const t = (start + i) / (POINTS - 1);
      const x = log ? from * (to / from) ** t : from + (to - from) * t;
      return Math.max(log ? ULP : -Infinity, Math.round(x / ULP) * ULP);
    });
    const x = FloatTensor.from(xs, [BATCH]);
    const secret = await iface.input(0, () => x);
    const { values } = await secret[name]().reveal();
    const expected = ops[name](x).values;
    for (let i = 0; i < BATCH; i++) {
      const error = Math.abs(values[i] - expected[i]) / ULP / relative(xs[i]);
      const bucket = Math.floor(((start + i) / POINTS) * BUCKETS);
      buckets[bucket] = Math.max(buckets[bucket], error);
      if (error > worst) [worst, at] = [error, xs[i]];
    }
  }
  return { worst, at, buckets };
}

/** The largest error in each part of the domain, as a picture. */
function draw(name, { from, to, log }, { buckets, worst }) {
  const [width, height, left, top, bottom] = [640, 220, 48, 28, 36];
  const most = Math.max(2, Math.ceil(worst));
  const x = (i) => left + (i / BUCKETS) * (width - left - 12);
  const y = (error) => height - bottom - (error / most) * (height - top - bottom);
  const bars = [...buckets].map(
    (error, i) =>
      `<rect x="${x(i).toFixed(1)}" y="${y(error).toFixed(1)}" width="${(x(1) - x(0) - 0.4).toFixed(1)}" height="${(height - bottom - y(error)).toFixed(1)}"/>`,
  );
  const ticks = Array.from({ length: most + 1 }, (_, i) => i).map(
    (i) =>
      `<line x1="${left}" x2="${width - 12}" y1="${y(i)}" y2="${y(i)}" stroke="#ccc"/><text x="${left - 6}" y="${y(i) + 4}" text-anchor="end">${i}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>${name}: the largest error over its domain</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="18" font-weight="bold">${name}: largest error in units of the last place</text>
${ticks.join("\n")}
<g fill="#3b6ea5">
${bars.join("\n")}
</g>
<text x="${left}" y="${height - 12}">x = ${number(from)}</text>
<text x="${width - 12}" y="${height - 12}" text-anchor="end">x = ${number(to)}${log ? ", logarithmic" : ""}</text>
</svg>
`;
}

function number(value) {
  if (Math.abs(value) < 0.01 || Math.abs(value) > 1e5) {
    const exponent = Math.log2(Math.abs(value));
    return Number.isInteger(exponent) ? `2^${exponent}` : value.toExponential(2);
  }
  return String(Number(value.toPrecision(5)));
}

function page(lines) {
  return `# Functions on secrets

<!-- Written by \`node scripts/functions.mjs\`; do not edit. -->

Every function is one polynomial, the same in every mode, after the sign and the magnitude were split off: [lib/ops/math](../lib/ops/math) has a file for each, [lib/ops/approximate](../lib/ops/approximate) what they are made of, and [coefficients.ts](../lib/ops/approximate/coefficients.ts) the minimax polynomials that \`node scripts/coefficients.mjs\` finds. Inside, values have 26 fractional bits.

The table shows the largest error on 500,000 points over the domain, in units of the last place, 2^−16, in the clear ([\`spdz.plain\`](debugging-numbers.md)) with the same arithmetic. A truncation on shares may round up where this one rounds down; the bound allows for both.

| function | domain | bound | largest error found | at | over the domain |
|---|---|---|---:|---:|---|
${lines.join("\n")}

Where numbers lie outside a function's domain, its entry in [operations.md](operations.md) says what becomes of them.
`;
}
