/** Draw a fraction as text, `▕████░░░░░▏ 45 %`. 0 of 0 gives an empty bar. */
export function textBar({ done, total }: { readonly done: number; readonly total: number }): string {
  const fraction = fractionOf({ done, total });
  const full = Math.floor(fraction * BAR_LENGTH);
  return `▕${"█".repeat(full)}${"░".repeat(BAR_LENGTH - full)}▏ ${Math.floor(fraction * 100)} %`;
}

const BAR_LENGTH = 20;

/** Return the fraction done, from 0 to 1. */
export function fractionOf({ done, total }: { readonly done: number; readonly total: number }): number {
  const fraction = done / total;
  return Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
}
