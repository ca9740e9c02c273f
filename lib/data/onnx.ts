/** ONNX models: their operations as steps of a graph that runs on plain tensors and on secrets. */
import { basename } from "node:path";
import { Graph, type GraphStep, type StepSettings } from "../nn/graph";
import { FloatTensor } from "../tensor/float-tensor";
import { readAll } from "./named";
import { decodeOnnx, type OnnxNode, type OnnxTensor } from "./onnx-file";

/** The sets of operators in which what is read here means the same. */
const OPSETS = [13, 25] as const;

/** A step with the names of its inputs. */
interface Translated {
  readonly operation: string;
  readonly inputs: string[];
  readonly settings?: StepSettings;
}

/** A reason of ours. */
class Refusal extends Error {}

/**
 * Read a network of one input and one output that PyTorch, scikit-learn or another tool exported as ONNX, operator sets 13 to
 * 25. It runs on plain tensors and on secrets alike; `lift` makes its parameters secret.
 *
 * Operators: Add, AveragePool, BatchNormalization, Clip, Concat, Constant, Conv, Div, Dropout, Flatten, Gemm,
 * GlobalAveragePool, Identity, LeakyRelu, MatMul, MaxPool, Mul, ReduceMean, Relu, Reshape, Sigmoid, Softmax, Squeeze, Sub,
 * Tanh, Transpose and Unsqueeze. Dropout and BatchNormalization compute as in inference. Images have two axes, and their
 * padding is the same on both sides.
 *
 * @throws {RangeError} the file cannot be read or is damaged, or it needs something that is not read; the message names the
 *   operator and what it needs
 *
 * @example
 * const model = await io.readOnnx("digits.onnx");
 * const scores = model.forward(images);
 */
export async function readOnnx(path: string): Promise<Graph> {
  const where = `readOnnx ${basename(path)}`;
  const bytes = await readAll(path);
  try {
    return toGraph(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    const why = cause instanceof Refusal ? message : `${message}; the file is damaged, or not an ONNX model`;
    throw new RangeError(`${where}: ${why}`, { cause });
  }
}

function toGraph(bytes: Uint8Array): Graph {
  const { opset, inputs, outputs, tensors, nodes } = decodeOnnx(bytes);
  if (!(opset >= OPSETS[0] && opset <= OPSETS[1]))
    throw new Refusal(`it uses operator set ${opset}; export it with one from ${OPSETS[0]} to ${OPSETS[1]}`);
  const constants = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const given = inputs.filter((name) => !constants.has(name));
  if (given.length !== 1 || outputs.length !== 1)
    throw new Refusal(`it has ${given.length} inputs and ${outputs.length} outputs; one of each is read`);
  const places = new Map([[given[0]!, 0]]);
  const weights: FloatTensor[] = [];
  const steps: GraphStep[] = [];
  const weigh = (name: string, { values, shape }: OnnxTensor) => {
    weights.push(FloatTensor.from(values, shape));
    places.set(name, -weights.length);
  };
  const placeOf = (name: string) => {
    const constant = constants.get(name);
    if (!places.has(name) && constant) weigh(name, constant);
    const place = places.get(name);
    if (place === undefined) throw new Refusal(`there is no value ${JSON.stringify(name)} at its first use`);
    return place;
  };
  for (const node of nodes) {
    const result = node.outputs[0] ?? "";
    if (node.outputs.slice(1).some((name) => nodes.some(({ inputs: used }) => used.includes(name))))
      throw new Refusal(`${node.operator}: results after the first are not read`);
    if (node.operator === "Constant") {
      const value = node.attributes.get("value");
      if (typeof value !== "object" || Array.isArray(value)) throw needs(node, "a tensor as its value");
      constants.set(result, value);
      continue;
    }
    for (const { operation, inputs: names, settings = {} } of translate(node, constants)) {
      // An empty name is the result of the step before.
      const from = names.map((name) => (name === "" ? steps.length : placeOf(name)));
      if (operation === "identity") places.set(result, from[0]!);
      else {
        steps.push({ operation, inputs: from, settings });
        places.set(result, steps.length);
      }
    }
  }
  return new Graph(weights, steps, placeOf(outputs[0]!));
}

function needs(node: OnnxNode, what: string): Refusal {
  return new Refusal(`${node.operator} must have ${what}; others are not read`);
}

const SAME_NAME: Readonly<Record<string, string>> = {
  Add: "add",
  Sub: "sub",
  Mul: "mul",
  Div: "div",
  MatMul: "matmul",
  Relu: "relu",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
  Identity: "identity",
};

/** The steps of an operator. */
function translate(node: OnnxNode, constants: Map<string, OnnxTensor>): Translated[] {
  const { operator, inputs, attributes } = node;
  const [x = "", second = "", third = ""] = inputs;
  const number = (name: string, otherwise: number) => {
    const found = attributes.get(name) ?? otherwise;
    if (typeof found !== "number") throw needs(node, `a number as its ${name}`);
    return found;
  };
  const numbers = (name: string, otherwise: readonly number[]) => {
    const found = attributes.get(name) ?? otherwise;
    if (!Array.isArray(found)) throw needs(node, `a list as its ${name}`);
    return found as number[];
  };
  const constant = (name: string, what: string) => {
    const found = constants.get(name);
    if (!found) throw needs(node, `a constant ${what}`);
    return found;
  };
  const step = (operation: string, settings: StepSettings = {}, names: string[] = [x]): Translated[] => [
    { operation, inputs: names, settings },
  ];
  const derived = (name: string, shape: number[], values: Float64Array) => {
    const full = `${node.outputs[0]}/${name}`;
    constants.set(full, { name: full, shape, values, whole: false });
    return full;
  };
  const windows = () => {
    const pads = numbers("pads", [0, 0, 0, 0]);
    const auto = attributes.get("auto_pad") ?? "NOTSET";
    if (
      (auto !== "NOTSET" && auto !== "VALID") ||
      pads.length !== 4 ||
      pads[0] !== pads[2] ||
      pads[1] !== pads[3]
    )
      throw needs(node, "two axes and the same explicit padding on both sides of each");
    return { stride: numbers("strides", [1, 1]), padding: pads.slice(0, 2) };
  };
  const axes = (otherwise?: number[]) => {
    if (attributes.has("axes")) return numbers("axes", []);
    return second === "" && otherwise ? otherwise : [...constant(second, "list of axes").values];
  };
  const same = Object.hasOwn(SAME_NAME, operator) ? SAME_NAME[operator] : undefined;
  if (same) return step(same, {}, inputs);
  switch (operator) {
    case "Dropout":
      return step("identity");
    case "LeakyRelu":
      return step("leakyRelu", { slope: number("alpha", 0.01) });
    case "Softmax":
      return step("softmax", { axis: number("axis", -1) });
    case "Flatten":
      return step("flatten", { axis: number("axis", 1) });
    case "Concat":
      return step("concat", { axis: number("axis", 0) }, inputs);
    case "Transpose":
      return step("permute", { axes: numbers("perm", []) });
    case "Unsqueeze":
      return step("unsqueeze", { axes: axes() });
    case "Squeeze":
      return step("squeeze", { axes: axes() });
    case "ReduceMean":
      return step("mean", { axes: axes(), keepdim: number("keepdims", 1) });
    case "GlobalAveragePool":
      return step("mean", { axes: [-2, -1], keepdim: 1 });
    case "Reshape":
      if (number("allowzero", 0) !== 0) throw needs(node, "allowzero 0");
      return step("reshape", { shape: [...constant(second, "shape").values] });
    case "Clip": {
      const bound = (name: string) => (name === "" ? undefined : constant(name, "bound").values[0]);
      const [low, high] = [bound(second), bound(third)];
      return step("clamp", { ...(low !== undefined && { low }), ...(high !== undefined && { high }) });
    }
    case "Conv": {
      if (constant(second, "weight").shape.length !== 4) throw needs(node, "two axes of images");
      const settings = { dilation: numbers("dilations", [1, 1]), groups: number("group", 1) };
      return step("conv2d", { ...windows(), ...settings }, inputs);
    }
    case "MaxPool":
    case "AveragePool": {
      const settings = { ...windows(), size: numbers("kernel_shape", []) };
      if (number("ceil_mode", 0) !== 0 || numbers("dilations", [1, 1]).some((each) => each !== 1))
        throw needs(node, "no dilation and windows that fit");
      if (operator === "MaxPool") return step("maxPool2d", settings);
      if (settings.padding.some((each) => each !== 0)) throw needs(node, "no padding");
      return step("avgPool2d", settings);
    }
    case "Gemm": {
      const [alpha, beta] = [number("alpha", 1), number("beta", 1)];
      if (number("transA", 0) !== 0) throw needs(node, "transA 0");
      const weight = constant(second, "matrix B");
      const [rows = 0, columns = 0] = weight.shape;
      if (weight.shape.length !== 2) throw needs(node, "a matrix B of two axes");
      const turned = number("transB", 0) !== 0;
      const values = weight.values.map((_, at) => {
        const from = turned ? (at % rows) * columns + Math.floor(at / rows) : at;
        return alpha * weight.values[from]!;
      });
      const b = derived("B", turned ? [columns, rows] : [rows, columns], values);
      const product = step("matmul", {}, [x, b]);
      if (third === "") return product;
      const bias = constant(third, "C");
      const c = derived(
        "C",
        bias.shape,
        bias.values.map((each) => beta * each),
      );
      return [...product, { operation: "add", inputs: ["", c] }];
    }
    case "BatchNormalization": {
      if (number("training_mode", 0) !== 0) throw needs(node, "training_mode 0");
      const [scale, shift, mean, variance] = inputs.slice(1, 5).map((name) => constant(name, "statistic"));
      if (!variance || [scale, shift, mean].some((each) => each!.values.length !== variance.values.length))
        throw needs(node, "four statistics for each channel");
      const factor = scale!.values.map(
        (each, at) => each / Math.sqrt(variance.values[at]! + number("epsilon", 1e-5)),
      );
      const rest = shift!.values.map((each, at) => each - mean!.values[at]! * factor[at]!);
      const { shape } = variance;
      return step("scaleChannels", {}, [x, derived("scale", shape, factor), derived("shift", shape, rest)]);
    }
    default:
      throw new Refusal(
        `the operator ${operator.slice(0, 60)} is not read; io.readOnnx names those that are`,
      );
  }
}
