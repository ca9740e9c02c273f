import { lift } from "../../primitives/add";
import { isZero } from "../../primitives/compare";
import { rearrange, rearrangePublic, transpose } from "../../primitives/layout";
import { sumAxes } from "../../primitives/reduce";
import type { Term } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { sameElements } from "../../tensor/layout";
import { planReduction } from "../../tensor/reduction";
import { bracketShape, type Shape, sizeOf } from "../../tensor/shape";
import { defineOp } from "../define";
import * as term from "../term";

/** What a join finds for each key on the left. */
export interface Joined {
  /** The sum of the rows on the right with the same key; zeros where there is none. */
  readonly values: FloatTensor;
  /** How many rows on the right have the same key, integers. */
  readonly matches: FloatTensor;
}

/**
 * Join two tables by equal keys: for each key of this list, take the values of the row with the same key in the other table.
 * Of several such rows the values add up; where there is none, the values are 0, and so is `matches`.
 *
 * Nobody learns which keys match. Every key is compared with every other, so this suits lists of up to some thousand keys.
 *
 * @param other - the other table's keys, a secret or a public list
 * @param values - its values, secret or public, with a row for each of its keys
 * @returns `values`, with a row for each key of this list, and `matches`, secret integers; exact
 * @throws {RangeError} the keys are not lists, or the values do not have a row for each key
 *
 * @example
 * const { values, matches } = ours.join(theirs, incomes)
 */
export const join = defineOp({
  parameters: { x: "operand", other: "operand", values: "operand" },
  check: (x, other, values) => void planJoin(x.shape, other.shape, values.shape),
  forward(x, other, values) {
    const plan = planJoin(x.shape, other.shape, values.shape);
    const [n, m] = plan.pairs;
    const left = term.isSecret(x) || term.isSecret(other) ? x : lift(term.secret(values).iface, term.open(x));
    const equal = isZero(term.sub(reshape(left, [n, 1]), reshape(other, [1, m])));
    const rows = term.matmul(equal, reshape(values, plan.table));
    const result = {
      values: reshape(rows, plan.result),
      matches: sumAxes(equal, planReduction("sum", [n, m], 1)),
    };
    return { result, saved: { equal } };
  },
  gradient: ({ values: g }, { saved: { equal } }, x, other, values) => [
    undefined,
    undefined,
    () => {
      if (!g) return undefined;
      const plan = planJoin(x.shape, other.shape, values.shape);
      const rows = reshape(g, [plan.pairs[0], plan.table[1]]);
      return reshape(term.matmul(transpose(equal), rows), values.shape);
    },
  ],
  plain: (x: FloatTensor, other: FloatTensor, values: FloatTensor): Joined => {
    const plan = planJoin(x.shape, other.shape, values.shape);
    const [n, m] = plan.pairs;
    const equal = x.reshape(n, 1).eq(other.reshape(1, m));
    return { values: equal.matmul(values.reshape(plan.table)).reshape(plan.result), matches: equal.sum(1) };
  },
  detached: ["matches"],
  bound: 0,
  shapes: (m, k) => [[m], [k], [k, 2]],
  examples: [
    [
      [5, 7, 9, 5],
      [9, 5, 1],
      [
        [1.5, 2],
        [3, -4],
        [5, 6],
      ],
    ],
    [
      [1, 2],
      [2, 2, 0.5],
      [1, 2, 3],
    ],
  ],
});

interface Join {
  readonly pairs: readonly [left: number, right: number];
  /** The values as a matrix. */
  readonly table: readonly [rows: number, columns: number];
  readonly result: Shape;
}

function planJoin(left: Shape, right: Shape, values: Shape): Join {
  if (left.length !== 1 || right.length !== 1)
    throw new RangeError(
      `join takes two lists of keys, got shapes ${bracketShape(left)} and ${bracketShape(right)}`,
    );
  const [n, m] = [left[0]!, right[0]!];
  if (values[0] !== m)
    throw new RangeError(
      `join: the values must have a row for each of the ${m} keys, got shape ${bracketShape(values)}`,
    );
  const rest = values.slice(1);
  return { pairs: [n, m], table: [m, sizeOf(rest)], result: [n, ...rest] };
}

function reshape<T extends Term>(x: T, shape: Shape): T {
  const layout = sameElements(x.shape, shape);
  return (term.isSecret(x) ? rearrange("reshape", x, layout, true) : rearrangePublic(x, layout)) as T;
}
