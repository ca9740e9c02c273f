/**
 * ONNX files as far as feed-forward networks need them: protocol buffers, whose wire format @bufbuild/protobuf reads.
 * Fields by https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { checkShape, sizeOf } from "../tensor/shape";

const MOST_AXES = 64;

export interface OnnxTensor {
  readonly name: string;
  readonly shape: number[];
  readonly values: Float64Array;
  readonly whole: boolean;
}

export type OnnxAttribute = number | number[] | string | OnnxTensor | undefined;

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxFile {
  readonly opset: number;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly tensors: OnnxTensor[];
  readonly nodes: OnnxNode[];
}

/** @throws {Error} the bytes are no such file; the message says why */
export function decodeOnnx(bytes: Uint8Array): OnnxFile {
  const model = fieldsOf(bytes);
  const sets = messages(model, 8).map((set) => ({ domain: text(set, 1), version: integer(set, 2) }));
  const graphs = messages(model, 7);
  if (graphs.length !== 1) throw new Error("it holds no graph");
  const graph = graphs[0]!;
  if (graph.has(15)) throw new Error("sparse tensors are not read");
  return {
    opset: sets.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 1,
    inputs: messages(graph, 11).map((each) => text(each, 1)),
    outputs: messages(graph, 12).map((each) => text(each, 1)),
    tensors: messages(graph, 5).map(tensorOf),
    nodes: messages(graph, 1).map(nodeOf),
  };
}

type Field = number | Uint8Array;
type Fields = ReadonlyMap<number, Field[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Field[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value = fieldOf(reader, type);
    const known = fields.get(number);
    if (known) known.push(value);
    else fields.set(number, [value]);
  }
  return fields;
}

function fieldOf(reader: BinaryReader, type: WireType): Field {
  if (type === WireType.Varint) return Number(reader.int64());
  if (type === WireType.Bit32) return reader.float();
  if (type === WireType.Bit64) return reader.double();
  if (type === WireType.LengthDelimited) return reader.bytes();
  throw new Error("it has a group, which ONNX does not use");
}

function parts(fields: Fields, number: number): Uint8Array[] {
  return (fields.get(number) ?? []).map((field) => {
    if (typeof field === "number") throw new Error(`field ${number} has another type`);
    return field;
  });
}

function messages(fields: Fields, number: number): Fields[] {
  return parts(fields, number).map(fieldsOf);
}

function texts(fields: Fields, number: number): string[] {
  return parts(fields, number).map((bytes) => new TextDecoder().decode(bytes));
}

function text(fields: Fields, number: number): string {
  return texts(fields, number).at(-1) ?? "";
}

function integer(fields: Fields, number: number): number {
  const field = fields.get(number)?.at(-1) ?? 0;
  if (typeof field !== "number") throw new Error(`field ${number} has another type`);
  return field;
}

/** The numbers of a repeated field, packed or one by one. */
function numbers(fields: Fields, number: number, read: (reader: BinaryReader) => number): number[] {
  return (fields.get(number) ?? []).flatMap((field) => {
    if (typeof field === "number") return [field];
    const found: number[] = [];
    for (const reader = new BinaryReader(field); reader.pos < reader.len; ) found.push(read(reader));
    return found;
  });
}

const int64 = (reader: BinaryReader) => Number(reader.int64());
const float = (reader: BinaryReader) => reader.float();

function nodeOf(node: Fields): OnnxNode {
  const domain = text(node, 7);
  const operator = text(node, 4);
  return {
    operator: domain === "" || domain === "ai.onnx" ? operator : `${domain}.${operator}`,
    inputs: texts(node, 1),
    outputs: texts(node, 2),
    attributes: new Map(messages(node, 5).map((each) => [text(each, 1), attributeOf(each)])),
  };
}

function attributeOf(attribute: Fields): OnnxAttribute {
  switch (integer(attribute, 20)) {
    case 1:
      return integer(attribute, 2);
    case 2:
      return integer(attribute, 3);
    case 3:
      return text(attribute, 4);
    case 4:
      return messages(attribute, 5).map(tensorOf)[0];
    case 6:
      return numbers(attribute, 7, float);
    case 7:
      return numbers(attribute, 8, int64);
    default:
      return undefined;
  }
}

function tensorOf(tensor: Fields): OnnxTensor {
  const name = text(tensor, 8);
  const shape = numbers(tensor, 1, int64);
  if (shape.length > MOST_AXES) throw new Error(`tensor ${JSON.stringify(name)} has ${shape.length} axes`);
  checkShape(shape);
  if (integer(tensor, 14) !== 0)
    throw new Error(`tensor ${JSON.stringify(name)} is in another file; save the model as one file`);
  const type = integer(tensor, 2);
  const values = elementsOf(tensor, type);
  if (!values)
    throw new Error(`tensor ${JSON.stringify(name)} has elements of type ${type}, which is not read`);
  if (values.length !== sizeOf(shape))
    throw new Error(
      `tensor ${JSON.stringify(name)} has ${values.length} elements, and its shape is [${shape}]`,
    );
  return { name, shape, values, whole: type === 6 || type === 7 };
}

/** The elements of a tensor of float32, int32, int64 or float64. */
function elementsOf(tensor: Fields, type: number): Float64Array | undefined {
  const raw = parts(tensor, 9).at(-1);
  const reader = new BinaryReader(raw ?? new Uint8Array());
  const read = {
    1: [4, () => reader.float(), () => numbers(tensor, 4, float)],
    6: [4, () => reader.sfixed32(), () => numbers(tensor, 5, int64)],
    7: [8, () => Number(reader.sfixed64()), () => numbers(tensor, 7, int64)],
    11: [8, () => reader.double(), () => numbers(tensor, 10, (each) => each.double())],
  }[type] as [width: number, one: () => number, all: () => number[]] | undefined;
  if (!read) return undefined;
  const [width, one, all] = read;
  if (!raw) return Float64Array.from(all());
  if (raw.length % width !== 0) throw new Error(`a tensor has ${raw.length} bytes of ${width} each`);
  return Float64Array.from({ length: raw.length / width }, one);
}
