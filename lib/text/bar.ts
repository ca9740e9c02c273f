/** A fraction as text, `▕████░░░░░▏ 45 %`; what is not a part of anything counts as nothing. */
export function textBar({ done, total }: { readonly done: number; readonly total: number }): string {
  const fraction = fractionOf({ done, total });
  const full = Math.floor(fraction * BAR_LENGTH);
  return `▕${"█".repeat(full)}${"░".repeat(BAR_LENGTH - full)}▏ ${Math.floor(fraction * 100)} %`;
}

const BAR_LENGTH = 20;

/** How much is done, from 0 to 1. */
export function fractionOf({ done, total }: { readonly done: number; readonly total: number }): number {
  const fraction = done / total;
  return Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
}
