import { rearrange } from "../../primitives/layout";
import type { SharedTensor } from "../../primitives/shared-tensor";
import { doubles } from "../../tensor/doubles";
import { FloatTensor } from "../../tensor/float-tensor";
import { indexSelectLayout } from "../../tensor/indexed";
import { type Layout, moveElements, transposeOf } from "../../tensor/layout";
import { resolveAxis, type Shape } from "../../tensor/shape";
import { planRows, type Rows } from "../compare/rows";

/** What a sort gives for each element that it takes. */
export interface SortedPair {
  /** The elements, at the same scale. */
  readonly values: FloatTensor;
  /** Their positions along the axis, integers. */
  readonly indices: FloatTensor;
}

/** How to sort along one axis and take the first places: the groups as rows of a matrix. */
export interface SortPlan extends Rows {
  /** How many places of each row are taken. */
  readonly taken: number;
  /** Moves the taken places of the rows back to the axis. */
  readonly back: Layout;
}

/**
 * @param taken - Default: all
 * @throws {RangeError} the axis does not exist or has no elements
 */
export function planSort(operation: string, shape: Shape, axis = -1, taken?: number): SortPlan {
  const along = resolveAxis(operation, axis, shape);
  const rows = planRows(operation, shape, along);
  const count = taken ?? rows.length;
  const result = shape.map((extent, i) => (i === along ? count : extent));
  const back = transposeOf(planRows(operation, result, along).layout);
  return { ...rows, taken: count, back };
}

/** Take the first places of sorted rows, and move them back to the axis. */
export function firstPlaces(rows: SharedTensor, { taken, back }: SortPlan): SharedTensor {
  return rearrange("sorted", firstColumns(rows, taken), back);
}

/** The same for a gradient, the other way. */
export function asRows(g: SharedTensor, { count, length, back }: SortPlan): SharedTensor {
  const rows = rearrange("sorted", g, transposeOf(back));
  const places = firstLayout([count, length], rows.shape[1]!);
  return rearrange("indexSelect", rows, transposeOf(places));
}

/** The first columns of a matrix. */
export function firstColumns(rows: SharedTensor, taken: number): SharedTensor {
  if (rows.shape[1] === taken) return rows;
  return rearrange("indexSelect", rows, firstLayout(rows.shape, taken));
}

function firstLayout(shape: Shape, taken: number): Layout {
  return indexSelectLayout(shape, 1, firstOf(taken));
}

/** The same on plain numbers, of equals the first. */
export function sortPlain(x: FloatTensor, plan: SortPlan, descending: boolean): SortedPair {
  const { count, length, layout, taken, back } = plan;
  const rows = moveElements(doubles, x.values, layout);
  const [values, indices] = [new Float64Array(count * taken), new Float64Array(count * taken)];
  const sign = descending ? -1 : 1;
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    const order = Array.from(row.keys()).sort((a, b) => sign * (row[a]! - row[b]!));
    for (let j = 0; j < taken; j++) {
      values[i * taken + j] = row[order[j]!]!;
      indices[i * taken + j] = order[j]!;
    }
  }
  const placed = (each: Float64Array) => FloatTensor.from(moveElements(doubles, each, back), back.shape);
  return { values: placed(values), indices: placed(indices) };
}

/** The first places of a row. */
export function firstOf(taken: number): number[] {
  return Array.from({ length: taken }, (_, i) => i);
}
