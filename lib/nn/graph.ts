import type { Operand } from "../autograd/operand";
import * as ops from "../ops/all";
import type { Value } from "../ops/signature";
import type { FloatTensor } from "../tensor/float-tensor";
import { Layer } from "./layer";

/** Settings of a step: numbers and lists of numbers. */
export type StepSettings = Readonly<Record<string, number | readonly number[]>>;

/** One operation of a graph. */
export interface GraphStep {
  readonly operation: string;
  /** Values by number: 0 is the input, n the result of step n − 1, and −n the weight n − 1. */
  readonly inputs: readonly number[];
  readonly settings: StepSettings;
}

type Run = (inputs: readonly Value[], settings: StepSettings) => Value;
const list = (setting: StepSettings[string] | undefined): number[] => [...(setting as readonly number[])];
const pair = (setting: StepSettings[string] | undefined) => list(setting) as [number, number];

/** What each step computes. */
const STEPS: Readonly<Record<string, Run>> = {
  matmul: ([x, y]) => ops.matmul(x!, y!),
  add: ([x, y]) => ops.add(x!, y!),
  sub: ([x, y]) => ops.sub(x!, y!),
  mul: ([x, y]) => ops.mul(x!, y!),
  div: ([x, y]) => ops.div(x!, y!),
  relu: ([x]) => ops.relu(x!),
  leakyRelu: ([x], { slope }) => ops.leakyRelu(x!, slope as number),
  sigmoid: ([x]) => ops.sigmoid(x!),
  tanh: ([x]) => ops.tanh(x!),
  softmax: ([x], { axis }) => ops.softmax(x!, axis as number),
  clamp: ([x], { low, high }) => ops.clamp(x!, (low as number) ?? null, (high as number) ?? null),
  conv2d: ([x, weight, bias], { stride, padding, dilation, groups }) => {
    const options = {
      stride: pair(stride),
      padding: pair(padding),
      dilation: pair(dilation),
      groups: groups as number,
    };
    const sums = ops.conv2d(x!, weight!, options);
    return bias ? ops.add(sums, ops.reshape(bias, [-1, 1, 1])) : sums;
  },
  maxPool2d: ([x], { size, stride, padding }) =>
    ops.maxPool2d(x!, pair(size), { stride: pair(stride), padding: pair(padding) }),
  avgPool2d: ([x], { size, stride }) => ops.avgPool2d(x!, pair(size), { stride: pair(stride) }),
  mean: ([x], { axes, keepdim }) => ops.mean(x!, list(axes), { keepdim: keepdim === 1 }),
  /** x · scale + shift for each channel, the second axis. */
  scaleChannels: ([x, scale, shift]) => {
    const shape = [-1, ...new Array<number>(Math.max(0, x!.shape.length - 2)).fill(1)];
    return ops.add(ops.mul(x!, ops.reshape(scale!, shape)), ops.reshape(shift!, shape));
  },
  flatten: ([x], { axis }) => {
    const { shape } = x!;
    const at = (axis as number) < 0 ? (axis as number) + shape.length : (axis as number);
    const size = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);
    return ops.reshape(x!, [size(shape.slice(0, at)), size(shape.slice(at))]);
  },
  /** A size of 0 is that of the input. */
  reshape: ([x], { shape }) =>
    ops.reshape(
      x!,
      list(shape).map((extent, axis) => (extent === 0 ? x!.shape[axis]! : extent)),
    ),
  permute: ([x], { axes }) => ops.permute(x!, list(axes)),
  concat: (inputs, { axis }) => ops.concat([...inputs], axis as number),
  squeeze: ([x], { axes }) =>
    list(axes)
      .map((axis) => (axis < 0 ? axis + x!.shape.length : axis))
      .sort((one, other) => other - one)
      .reduce((value, axis) => ops.squeeze(value, axis), x!),
  unsqueeze: ([x], { axes }) => {
    const rank = x!.shape.length + list(axes).length;
    return list(axes)
      .map((axis) => (axis < 0 ? axis + rank : axis))
      .sort((one, other) => one - other)
      .reduce((value, axis) => ops.unsqueeze(value, axis), x!);
  },
};

/** A network of operations with one input and one result, as `io.readOnnx` reads it. */
export class Graph extends Layer {
  /** The parameters, which `lift` makes secret. */
  weights: Value[];

  /**
   * @param steps - the operations in an order in which each follows its inputs
   * @param result - the number of the value to give
   * @throws {RangeError} a step is not known, or takes a value that does not exist yet
   */
  constructor(
    weights: readonly FloatTensor[],
    readonly steps: readonly GraphStep[],
    readonly result: number,
  ) {
    super();
    this.weights = [...weights];
    for (const [at, { operation, inputs }] of steps.entries()) {
      if (!Object.hasOwn(STEPS, operation)) throw new RangeError(`Graph: there is no step "${operation}"`);
      for (const input of inputs)
        if (!(Number.isInteger(input) && input <= at && -input <= weights.length))
          throw new RangeError(`Graph: step ${at} takes value ${input}, which does not exist there`);
    }
    if (!(Number.isInteger(result) && result <= steps.length && -result <= weights.length))
      throw new RangeError(`Graph: there is no value ${result}`);
  }

  protected compute(x: Operand): Value {
    const values = [x as Value];
    const valueAt = (number: number) => (number < 0 ? this.weights[-number - 1]! : values[number]!);
    for (const { operation, inputs, settings } of this.steps)
      values.push(STEPS[operation]!(inputs.map(valueAt), settings));
    return valueAt(this.result);
  }
}
