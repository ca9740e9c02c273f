/** Elements of tensors that follow a rule. */

import { checkShape, sizeOf } from "./shape";

/** `start`, `start + step`, … up to but not including `stop`; with one bound, from 0 up to it. */
export function arangeValues(start: number, stop: number | undefined, step: number): Float64Array {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const count = Math.ceil((to - from) / step);
  if (step === 0 || !Number.isFinite(count))
    throw new RangeError(`step must be a non-zero number that reaches from ${from} to ${to}, got ${step}`);
  const values = new Float64Array(sizeOf(checkShape([Math.max(0, count)])));
  return values.map((_, i) => from + i * step);
}

/** `count` equally spaced values, both ends included. */
export function linspaceValues(start: number, stop: number, count: number): Float64Array {
  const values = new Float64Array(sizeOf(checkShape([count])));
  const last = count - 1;
  return values.map((_, i) => (i === 0 ? start : i === last ? stop : start + ((stop - start) * i) / last));
}

/** A matrix of zeros with ones on its main diagonal. */
export function eyeValues(rows: number, columns: number): Float64Array {
  const values = new Float64Array(sizeOf(checkShape([rows, columns])));
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return values;
}
