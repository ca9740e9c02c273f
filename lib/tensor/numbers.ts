/** Print whole numbers below this without an exponent; a double holds each of them exactly. */
const MAX_WHOLE = 1e15;

/**
 * Format doubles as PyTorch does, with one format for a whole tensor. Whole numbers have no decimals. Others have four
 * decimals, or an exponent where that would show too little (below 1e-4, above 1e8, or a thousandfold apart).
 */
export function formatNumbers(values: Float64Array): string[] {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), largest);
  if (largest < MAX_WHOLE && finite.every(Number.isInteger)) return render(values, String);
  if (largest > 1e8 || smallest < 1e-4 || largest / smallest > 1000) return render(values, exponential);
  return render(values, (magnitude) => magnitude.toFixed(4));
}

/** @param format - formats a finite, non-negative number */
function render(values: Float64Array, format: (magnitude: number) => string): string[] {
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) return "nan";
    const sign = value < 0 || Object.is(value, -0) ? "-" : "";
    return sign + (Number.isFinite(value) ? format(Math.abs(value)) : "inf");
  });
}

/** Write an exponent with at least two digits. */
function exponential(magnitude: number): string {
  return magnitude.toExponential(4).replace(/(?<=e[+-])\d$/, "0$&");
}
