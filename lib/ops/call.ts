import { inspect } from "node:util";
import { SharedVariable } from "../autograd/shared-variable";
import { Tensor } from "../tensor/tensor";
import { unknownOption } from "../text/options";

/**
 * What a parameter takes: an operand, secret or public; a `factor`, an operand of a product, which keeps all its bits where
 * it is public; a `divisor`, which is passed on as the factor 1 / divisor where it is public; an `exponent`, which
 * is a factor, and special where it is a public whole number; an `integer`, an operand of
 * whole numbers such as positions or a condition; a list of operands; a public argument, or as the last parameter any
 * number of them; or options by name, each an operand or a public argument.
 */
export type ParameterKind =
  | "operand"
  | "factor"
  | "divisor"
  | "exponent"
  | "integer"
  | "operands"
  | "argument"
  | "arguments"
  | Readonly<Record<string, "operand" | "argument">>;

/** The parameters of an operation by name, in order. */
export type ParameterKinds = Readonly<Record<string, ParameterKind>>;

/** How an operand is used. */
export type OperandKind = "operand" | "factor" | "divisor" | "exponent" | "integer";

/** Whether a parameter takes one operand. */
export function isOperand(kind: ParameterKind): kind is OperandKind {
  return typeof kind === "string" && !["operands", "argument", "arguments"].includes(kind);
}

/** An operand as it was passed. */
export interface PassedOperand {
  readonly value: unknown;
  readonly kind: OperandKind;
  /** The parameter's name, for errors. */
  readonly parameter: string;
}

/** The arguments of one call, read. */
export interface Call {
  /** The operands in order: those of lists one by one, those among options last. */
  readonly operands: readonly PassedOperand[];
  /** Return the arguments with something else in the place of each operand. */
  fill(operands: readonly unknown[]): unknown[];
}

/** Take the operands that stand in an argument from the front of a list. */
type Fill = (operands: unknown[]) => unknown;

/**
 * Read the arguments of a call, the first operand included.
 *
 * @param hint - what to write instead, for a call with too many arguments
 * @throws {TypeError} an operand is missing, a public argument is a secret, an option is unknown, or there are too many
 *   arguments
 */
export function readCall(
  name: string,
  kinds: ParameterKinds,
  given: readonly unknown[],
  hint?: string,
): Call {
  const { parameters: named, onlyOperands, needed, repeats } = shapeOf(kinds);
  if (onlyOperands && given.length === needed && !given.includes(undefined)) {
    return {
      operands: given.map((value, i) => ({
        value,
        kind: named[i]![1] as OperandKind,
        parameter: named[i]![0],
      })),
      fill: (values) => [...values],
    };
  }
  const length = Math.max(given.length, named.length - 1);
  const parameters = repeats
    ? Array.from({ length }, (_, i) => named[Math.min(i, named.length - 1)]!)
    : named;
  const surplus = (advice = `got ${given.length - 1}`) =>
    new TypeError(`${name} takes ${listed(parameters.slice(1).map(([parameter]) => parameter))}; ${advice}`);
  if (given.length > parameters.length) throw surplus(hint);
  const operands: PassedOperand[] = [];
  const fills = parameters.map(([parameter, kind], i) =>
    reader(kind)({
      name,
      parameter,
      value: given[i],
      kind,
      operands,
      surplus: hint ? () => surplus(hint) : undefined,
    }),
  );
  const used = fills.slice(0, Math.max(given.length, needed));
  return {
    operands,
    fill: (values) => {
      const rest = [...values];
      return used.map((fill) => fill(rest));
    },
  };
}

/** Facts about an operation's parameters that do not depend on the call. */
interface Parameters {
  readonly parameters: readonly (readonly [name: string, kind: ParameterKind])[];
  readonly onlyOperands: boolean;
  /** How many must be passed. */
  readonly needed: number;
  /** Whether the last stands for any number of arguments. */
  readonly repeats: boolean;
}

const shapes = new WeakMap<ParameterKinds, Parameters>();

function shapeOf(kinds: ParameterKinds): Parameters {
  let shape = shapes.get(kinds);
  if (!shape) {
    const parameters = Object.entries(kinds);
    const onlyOperands = parameters.every(([, kind]) => isOperand(kind));
    const repeats = parameters.at(-1)?.[1] === "arguments";
    shape = { parameters, onlyOperands, needed: lastOperand(parameters) + 1, repeats };
    shapes.set(kinds, shape);
  }
  return shape;
}

interface Reading {
  readonly name: string;
  readonly parameter: string;
  readonly value: unknown;
  readonly kind: ParameterKind;
  readonly operands: PassedOperand[];
  /** Make the error for a number where options stand, such as a second axis; undefined if there is no advice for it. */
  readonly surplus: (() => TypeError) | undefined;
}

function reader(kind: ParameterKind): (reading: Reading) => Fill {
  if (kind === "argument" || kind === "arguments") return readArgument;
  if (kind === "operands") return readList;
  return typeof kind === "string" ? readOperand : readOptions;
}

function readArgument({ name, parameter, value }: Reading): Fill {
  if (value instanceof SharedVariable)
    throw new TypeError(`${name}: ${parameter} must be public, got ${inspect(value, { depth: 0 })}`);
  return () => value;
}

function readOperand({ name, parameter, value, kind, operands }: Reading): Fill {
  if (value === undefined)
    throw new TypeError(`${name}: ${parameter} is missing; pass a SharedVariable or a public value`);
  operands.push({ value, kind: kind as OperandKind, parameter });
  return (filled) => filled.shift();
}

function readList({ name, parameter, value, operands }: Reading): Fill {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(
      `${name}: ${parameter} must be a list of at least one tensor, got ${inspect(value, { depth: 0 })}`,
    );
  }
  for (const each of value) operands.push({ value: each, kind: "operand", parameter });
  return (filled) => filled.splice(0, value.length);
}

function readOptions({ name, value, kind, operands, surplus }: Reading): Fill {
  const known = kind as Readonly<Record<string, "operand" | "argument">>;
  if (value === undefined) return () => undefined;
  if (surplus && typeof value === "number") throw surplus();
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || value instanceof Tensor || value instanceof SharedVariable) {
    const [first] = Object.keys(known);
    throw new TypeError(
      `${name}: options must be an object such as { ${first}: … }, got ${inspect(value, { depth: 0 })}`,
    );
  }
  const options = Object.entries(value);
  const unknown = options.find(([option]) => !Object.hasOwn(known, option));
  if (unknown) throw new TypeError(unknownOption(name, unknown[0], Object.keys(known)));
  const among = options.filter(([option, passed]) => known[option] === "operand" && passed !== undefined);
  for (const [parameter, passed] of among) operands.push({ value: passed, kind: "operand", parameter });
  return (filled) => ({
    ...value,
    ...Object.fromEntries(among.map(([option]) => [option, filled.shift()])),
  });
}

/** The position of the last parameter that must be given. */
function lastOperand(parameters: readonly (readonly [string, ParameterKind])[]): number {
  const needed = parameters.map(([, kind]) => typeof kind === "string" && !kind.startsWith("argument"));
  return needed.lastIndexOf(true);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no arguments";
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
