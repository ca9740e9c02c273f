/** Random calls of reductions and products, on shapes of up to seven axes, sizes 0 and 1 among them. */
import { uniform } from "./random";

export interface ReduceCall {
  readonly shapes: readonly (readonly number[])[];
  fill(operands: readonly unknown[]): unknown[];
}

/** A random call of an operation; undefined if it is neither. */
export function reduceCall(name: string): ReduceCall | undefined {
  return Object.hasOwn(calls, name) ? calls[name as keyof typeof calls]() : undefined;
}

const calls = {
  sum: () => over(shapeOf(0)),
  mean: () => over(shapeOf(1)),
  norm: () => over(shapeOf(1)),
  variance: () => over(shapeOf(1), corrections),
  std() {
    // Of few elements that are nearly equal, the deviation is lost in the rounding of the variance, and its slope with it.
    for (;;) {
      let count = 0;
      const call = over(shapeOf(1), (elements) => {
        count = elements;
        return corrections(elements);
      });
      if (count >= 4 || count === 1) return call;
    }
  },
  cumsum() {
    const shape = [...shapeOf(0), pick([0, 1, 2, 3])].slice(-7);
    const axis = whole(-shape.length, shape.length - 1);
    return { shapes: [shape], fill: ([x]) => [x, axis] };
  },
  matmul() {
    const [m, k, n, b, c] = [0, 0, 0, 0, 0].map(() => (uniform() < 0.1 ? 0 : whole(1, 3))) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const shapes = pick([
      [
        [m, k],
        [k, n],
      ],
      [[k], [k, n]],
      [[m, k], [k]],
      [[k], [k]],
      [
        [b, m, k],
        [k, n],
      ],
      [
        [m, k],
        [b, k, n],
      ],
      [
        [b, m, k],
        [b, k, n],
      ],
      [
        [b, 1, m, k],
        [c, k, n],
      ],
      [
        [c, b, m, k],
        [b, k, n],
      ],
      [[b, m, k], [k]],
      [[k], [b, k, n]],
    ]);
    return { shapes, fill: ([x, y]) => [x, y] };
  },
} satisfies Record<string, () => ReduceCall>;

function corrections(count: number): Record<string, unknown> {
  return count < 2 || uniform() < 0.3 ? { correction: 0 } : pick([{}, { correction: 1 }]);
}

/**
 * A call with axes in any form.
 *
 * @param optionsFor - further options, where so many elements go into each of the result
 */
function over(
  shape: readonly number[],
  optionsFor: (count: number) => Record<string, unknown> = () => ({}),
): ReduceCall {
  const axes = axesOf(shape);
  const list = axes === undefined || axes === null ? shape.map((_, axis) => axis) : [axes].flat();
  const options = {
    ...optionsFor(size(list.map((axis) => shape.at(axis)!))),
    ...(uniform() < 0.3 && { keepdim: uniform() < 0.7 }),
  };
  const rest = Object.keys(options).length > 0 ? [axes, options] : axes === undefined ? [] : [axes];
  return { shapes: [shape], fill: ([x]) => [x, ...rest] };
}

/** Axes from either end: nothing, null, one, or several, among them none. */
function axesOf(shape: readonly number[]): undefined | null | number | number[] {
  if (uniform() < 0.2) return pick([undefined, null]);
  const named = shape.flatMap((_, axis) =>
    uniform() < 0.5 ? [uniform() < 0.5 ? axis : axis - shape.length] : [],
  );
  return named.length === 1 && uniform() < 0.5 ? named[0]! : named.sort(() => uniform() - 0.5);
}

const MOST_ELEMENTS = 40;

/** A shape of up to seven axes, of few elements. */
function shapeOf(least: number): number[] {
  const rank = whole(0, 7);
  const shape = Array.from({ length: rank }, () => (uniform() < 0.1 ? least : whole(1, 4)));
  for (let i = 0; size(shape) > MOST_ELEMENTS; i++) shape[i % rank] = 1;
  return shape;
}

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

function whole(from: number, to: number): number {
  return from + Math.floor(uniform() * (to - from + 1));
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(uniform() * list.length)]!;
}
