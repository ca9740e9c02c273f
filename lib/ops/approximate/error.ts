/** The errors that functions promise. */

/** What polynomials and inner truncations add; less than a unit in the last place at up to 20 fractional bits. */
const INSIDE = 2 ** -21;

/** So many units in the last place, and what is lost inside. */
export function units(count: number, ulp: number): number {
  return count * ulp + INSIDE;
}

/** The text of such a bound. */
export function unitsText(count: "one" | "two"): string {
  return `${count === "one" ? "one unit" : `${count} units`} in the last place, and 2^-21`;
}
