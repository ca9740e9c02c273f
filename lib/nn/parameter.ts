import { inspect } from "node:util";
import { FloatTensor } from "../tensor/float-tensor";
import { publicRandom } from "../tensor/public-random";
import { bracketShape, type Shape, sizeOf } from "../tensor/shape";

/** The most elements of one parameter, as of one input. */
const MOST = 2 ** 26;

/**
 * What may still be made while a model is built as another party describes it: its values follow, so none are drawn, and no
 * description may fill the memory.
 */
let described: { left: number } | undefined;

/**
 * Build a described model, whose parameters are all zero and have at most `most` elements together.
 *
 * @throws {RangeError} it has more
 */
export function buildDescribed<T>(most: number, build: () => T): T {
  described = { left: most };
  try {
    return build();
  } finally {
    described = undefined;
  }
}

/** Initial values between −limit and limit, from public randomness. */
export function uniformParameter(shape: Shape, limit: number): FloatTensor {
  return draw(shape, (random) => (2 * random.uniform() - 1) * limit);
}

/** Initial values of mean 0 and variance 1, from public randomness. */
export function normalParameter(shape: Shape): FloatTensor {
  return draw(shape, (random) => random.normal());
}

/** A parameter or buffer that begins with one value. */
export function constantParameter(shape: Shape, value: number): FloatTensor {
  claim(shape);
  return FloatTensor.full(shape, value);
}

/** @throws {RangeError} a size is not a whole number from 1 */
export function requireSize(layer: string, name: string, size: unknown): void {
  if (Number.isSafeInteger(size) && (size as number) > 0) return;
  throw new RangeError(`${layer}: ${name} must be a whole number from 1, got ${inspect(size)}`);
}

function draw(shape: Shape, next: (random: ReturnType<typeof publicRandom>) => number): FloatTensor {
  claim(shape);
  const values = new Float64Array(sizeOf(shape));
  if (described) return FloatTensor.from(values, shape);
  const random = publicRandom();
  return FloatTensor.from(
    values.map(() => next(random)),
    shape,
  );
}

/** @throws {RangeError} the parameter is too large */
function claim(shape: Shape): void {
  const size = sizeOf(shape);
  if (!(size <= Math.min(MOST, described?.left ?? MOST)))
    throw new RangeError(`a parameter of shape ${bracketShape(shape)} is too large`);
  if (described) described.left -= size;
}
