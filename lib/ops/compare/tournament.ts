import { addPublic, combine } from "../../primitives/add";
import { mapShare } from "../../primitives/align";
import { selectPositive } from "../../primitives/compare";
import { issue } from "../../primitives/issue";
import { join, rearrange } from "../../primitives/layout";
import { times } from "../../primitives/multiply";
import type { PublicTensor, SharedTensor, Term } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import { sameElements } from "../../tensor/layout";
import { joinAlong, joinAsNew } from "../../tensor/parts";
import { sliceLayout } from "../../tensor/slices";

/** A level of a tournament: neighbours are compared, and where their number is odd, the last goes on by itself. */
interface Level {
  /** 1 where the second of two neighbours is greater, 0 where the first is, or both are equal. */
  readonly chosen: SharedTensor;
  readonly isOdd: boolean;
}

export interface Tournament {
  /** The greatest element of each row, as a column. */
  readonly winners: SharedTensor;
  readonly levels: readonly Level[];
}

/** Find the greatest element of each row of a matrix with at least one column. Equal elements: the first. */
export function tournament(rows: SharedTensor): Tournament {
  const levels: Level[] = [];
  let winners = rows;
  while (winners.shape[1]! > 1) {
    const { first, second, last } = pairsOf(winners);
    const difference = combine("sub", second, first);
    const { chosen, product } = selectPositive(difference, difference);
    levels.push({ chosen, isOdd: last !== undefined });
    winners = withLast(combine("add", first, product), last);
  }
  return { winners, levels };
}

/** The number of the greatest element in each row, as a column of integers. */
export function positionsOf({ winners, levels }: Tournament, length: number): SharedTensor {
  const count = winners.shape[0]!;
  const column = (numbers: readonly number[]): PublicTensor => {
    const all = Array.from({ length: count }, () => numbers).flat();
    return { shape: [count, numbers.length], fracBits: 0, vector: ring64.fromBigInts(all.map(BigInt)) };
  };
  const [first, ...rest] = levels;
  if (!first) return zero(winners);
  // At first, a pair's positions are consecutive.
  const even = length - (length % 2);
  const firsts = Array.from({ length: even / 2 }, (_, i) => 2 * i);
  const start = withLast(addPublic(first.chosen, column(firsts)), first.isOdd ? column([even]) : undefined);
  return rest.reduce((positions, { chosen }) => {
    const { first, second, last } = pairsOf(positions);
    const further = times(chosen, combine("sub", second, first));
    return withLast(combine("add", first, further), last);
  }, start);
}

/**
 * Give the gradient of each greatest element, a column, to the element that was chosen: a matrix of rows.
 *
 * @param chosen - of each level
 * @param length - of a row
 */
export function gradientOfWinners(
  g: SharedTensor,
  chosen: readonly SharedTensor[],
  length: number,
): SharedTensor {
  const lengths = [length];
  for (const level of chosen) lengths.push(level.shape[1]! + (lengths.at(-1)! % 2));
  return chosen.reduceRight((column, second, level) => {
    const [count, half] = second.shape as [number, number];
    const part = (from: number, to: number) =>
      rearrange("slice", column, sliceLayout(column.shape, [null, [from, to]]));
    const both = part(0, half);
    const ofSecond = times(both, second);
    const stacked = joinAsNew([ofSecond.shape, ofSecond.shape], 2);
    const pairs = join("stack", [combine("sub", both, ofSecond), ofSecond], stacked);
    const flat = rearrange("reshape", pairs, sameElements(pairs.shape, [count, 2 * half]), true);
    return withLast(flat, lengths[level]! % 2 === 1 ? part(half, half + 1) : undefined);
  }, g);
}

/** The first and the second of each pair of neighbours, and the last column if it is alone. */
function pairsOf(rows: SharedTensor) {
  const length = rows.shape[1]!;
  const even = length - (length % 2);
  const columns = (from: number, to: number, step: number) =>
    rearrange("slice", rows, sliceLayout(rows.shape, [null, [from, to, step]]));
  return {
    first: columns(0, even, 2),
    second: columns(1, even, 2),
    last: even < length ? columns(even, length, 1) : undefined,
  };
}

function withLast(columns: SharedTensor, last: Term | undefined): SharedTensor {
  return last ? join("concat", [columns, last], joinAlong([columns.shape, last.shape], 1)) : columns;
}

/** Zeros, as secret integers. */
function zero(x: SharedTensor): SharedTensor {
  const { iface, shape } = x;
  return issue({ kind: "zeros", iface, operands: [x], shape, fracBits: 0 }, (ctx, [a]) =>
    mapShare(ctx, a!, (ring, vector) => ring.mulScalar(vector, 0n)),
  );
}
