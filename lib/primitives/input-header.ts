import { TransportError } from "../errors";
import { VALUE_BITS } from "../tensor/fixed-point";
import { bracketShape, type Shape, sameShape, sizeOf } from "../tensor/shape";

/** The maximum number of axes of an input. */
export const MAX_AXES = 16;
/** The maximum number of values of an input: half a GiB of them. */
export const MAX_VALUES = 2 ** 26;
/** Bytes of a cell's name in a header. */
const CELL_BYTES = 32;
const DIMS_AT = 8;
const CELL_AT = DIMS_AT + 4 * MAX_AXES;
/** Bytes of a header, the same for every input. */
export const HEADER_BYTES = CELL_AT + CELL_BYTES;

const State = { expected: 1, given: 2, failed: 3 } as const;
const NOT_STATED = 255;
const MAGIC = 0x69;

/** The properties of an input that the parties must agree on; undefined where a party leaves it to the owner. */
export interface Stated {
  readonly shape: Shape | undefined;
  readonly fracBits: number | undefined;
  readonly integers: boolean | undefined;
  readonly requiresGrad: boolean | undefined;
}

/** The statement that a party makes about an input before the values are sent. */
export interface Header extends Stated {
  /** `given`: the owner has values. `failed`: the owner's cell failed. `expected`: the sender is not the owner. */
  readonly state: keyof typeof State;
  /** The sender's cell; undefined outside a notebook. */
  readonly cell: string | undefined;
}

/** The header of an owner that has values. */
export interface Given extends Header {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly integers: boolean;
  readonly requiresGrad: boolean;
}

/**
 * Encode a header, in the same number of bytes for every input: state, options, scale, axes, and the cell for messages
 * to users.
 */
export function encodeHeader({
  state,
  shape,
  fracBits,
  integers,
  requiresGrad,
  cell = "",
}: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC;
  bytes[1] = State[state];
  bytes[2] = flag(integers);
  bytes[3] = flag(requiresGrad);
  bytes[4] = fracBits ?? NOT_STATED;
  bytes[5] = shape?.length ?? NOT_STATED;
  shape?.forEach((extent, axis) => {
    view.setUint32(DIMS_AT + 4 * axis, extent, true);
  });
  new TextEncoder().encodeInto(cell, bytes.subarray(CELL_AT));
  return bytes;
}

/**
 * Decode the other party's header, and check every field before anything is reserved or allocated for it.
 *
 * @param fromOwner - whether the sender is the owner of the input
 * @throws {TransportError} `malformed`
 */
export function decodeHeader(bytes: Uint8Array, fromOwner: boolean): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length !== HEADER_BYTES || bytes[0] !== MAGIC) throw malformed("a malformed header of an input");
  const states = Object.entries(State) as [Header["state"], number][];
  const state = states.find(([, code]) => code === bytes[1])?.[0];
  if (state === undefined || (state === "expected") === fromOwner) throw malformed(`a state of ${bytes[1]}`);
  const axes = bytes[5]!;
  if (axes !== NOT_STATED && axes > MAX_AXES) throw malformed(`${axes} axes`);
  const shape =
    axes === NOT_STATED
      ? undefined
      : Array.from({ length: axes }, (_, axis) => view.getUint32(DIMS_AT + 4 * axis, true));
  if (shape && !(sizeOf(shape) <= MAX_VALUES)) throw malformed(`a shape of ${bracketShape(shape)}`);
  const fracBits = bytes[4] === NOT_STATED ? undefined : bytes[4]!;
  if (fracBits !== undefined && fracBits > VALUE_BITS) throw malformed(`${fracBits} fractional bits`);
  const header: Header = {
    state,
    shape,
    fracBits,
    integers: readFlag(bytes[2]!),
    requiresGrad: readFlag(bytes[3]!),
    cell: readCell(bytes.subarray(CELL_AT)),
  };
  if (state === "given" && !isGiven(header)) throw malformed("a header that does not say what it gives");
  return header;
}

/** Return whether the owner has stated everything. */
export function isGiven(header: Header): header is Given {
  const { state, shape, fracBits, integers, requiresGrad } = header;
  return (
    state === "given" &&
    shape !== undefined &&
    fracBits !== undefined &&
    requiresGrad !== undefined &&
    integers === (fracBits === 0)
  );
}

/**
 * Find where the owner's header and the other party's differ, such as `shape [2]` and `shape [3]`; undefined if
 * nowhere.
 */
export function difference(given: Given, expected: Header): [given: string, expected: string] | undefined {
  const { shape, integers, requiresGrad } = expected;
  if (shape && !sameShape(shape, given.shape))
    return [`shape ${bracketShape(given.shape)}`, `shape ${bracketShape(shape)}`];
  const kind = (whole: boolean) => (whole ? "integers" : "fixed point");
  if (integers !== undefined && integers !== given.integers) return [kind(given.integers), kind(integers)];
  const wanted = (grad: boolean) => `requiresGrad: ${grad}`;
  if (requiresGrad !== undefined && requiresGrad !== given.requiresGrad)
    return [wanted(given.requiresGrad), wanted(requiresGrad)];
  return undefined;
}

function flag(value: boolean | undefined): number {
  return value === undefined ? NOT_STATED : Number(value);
}

function readFlag(byte: number): boolean | undefined {
  if (byte === NOT_STATED) return undefined;
  if (byte > 1) throw malformed(`an option of ${byte}`);
  return byte === 1;
}

function readCell(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes).replace(/[\p{C}\uFFFD]/gu, "");
  return text === "" ? undefined : text;
}

function malformed(what: string): TransportError {
  return new TransportError(
    "malformed",
    `input: the other party sent ${what}, which no honest party does; make a new session, or ask the other party what it runs`,
  );
}
