import "../autograd/input";
import "../autograd/leaf";
import type { StateDict } from "../autograd/saving";
import { SharedVariable } from "../autograd/shared-variable";
import type { Party } from "../channel/channel";
import type { Value } from "../ops/signature";
import type { DistributedInterface } from "../session/distributed-interface";
import { FloatTensor } from "../tensor/float-tensor";
import { bracketShape, sameShape } from "../tensor/shape";
import { checkOptions } from "../text/options";

/** A parameter or buffer, and the object that holds it. */
interface Slot {
  readonly name: string;
  readonly value: Value;
  readonly buffer: boolean;
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** The names of the buffers of each module. */
const buffersOf = new WeakMap<Module, Set<string>>();

/**
 * A model or a part of one, as in PyTorch: what it holds in its own properties, and what it computes. A tensor in a
 * property is a parameter, a module is a child, also in an array; a buffer is a tensor that is not trained.
 *
 * Modules run on plain tensors and on secrets alike, if `forward` computes by `ops`. Make properties `private` rather than
 * `#private`, because `lift` and `reveal` copy them.
 *
 * @example
 * class Scorer extends nn.Module {
 *   hidden = new nn.Linear(30, 8);
 *   out = new nn.Linear(8, 1);
 *   forward(x: Operand) {
 *     return this.out.forward(ops.relu(this.hidden.forward(x)));
 *   }
 * }
 */
export abstract class Module {
  /** Whether it is being trained; some modules compute otherwise then. `train` and `eval` set it. */
  training = true;

  /** Compute the result. A subclass declares its own parameters. */
  abstract forward(...inputs: never[]): unknown;

  /** The parameters of this module and of those inside it, each once. */
  parameters(): Value[] {
    return this.namedParameters().map(([, value]) => value);
  }

  /** The parameters by name, such as `hidden.weight`, each once. */
  namedParameters(): [name: string, value: Value][] {
    return once(slotsOf(this).filter(({ buffer }) => !buffer));
  }

  /** The buffers of this module and of those inside it, by name, each once. */
  namedBuffers(): [name: string, value: Value][] {
    return once(slotsOf(this).filter(({ buffer }) => buffer));
  }

  /** Keep a tensor in the property of this name that is part of the state but not trained, such as a running mean. */
  buffer(name: string, value: Value): void {
    const names = buffersOf.get(this) ?? new Set();
    buffersOf.set(this, names.add(name));
    (this as Record<string, unknown>)[name] = value;
  }

  /** This module and those inside it, each once. */
  modules(): Module[] {
    return [...new Set(within(this))];
  }

  /** Set `training`, here and inside. */
  train(on = true): this {
    for (const module of this.modules()) module.training = on;
    return this;
  }

  /** Prepare for inference: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Forget the gradients of all parameters. */
  zeroGrad(): void {
    for (const value of this.parameters()) if (value instanceof SharedVariable) value.zeroGrad();
  }

  /** The parameters and buffers by name, to save with `iface.save` or to load into another module of this kind. */
  stateDict(): Record<string, Value> {
    return Object.fromEntries(slotsOf(this).map(({ name, value }) => [name, value]));
  }

  /**
   * Take over parameters and buffers by name. A secret parameter stays the same leaf, so that an optimiser still holds it;
   * a plain one is replaced, also by a secret.
   *
   * @param values - secrets and plain tensors, as `stateDict` and `iface.load` give them
   * @param options.strict - throw if a name is missing or surplus. Default: true
   * @returns this module
   * @throws {RangeError} a name is missing or surplus, or a value has another shape; nothing is taken over then
   */
  loadStateDict(values: StateDict, options: { readonly strict?: boolean } = {}): this {
    checkOptions("loadStateDict", options, ["strict"]);
    const slots = slotsOf(this);
    checkState(slots, values, options.strict ?? true);
    for (const { name, value, holder, key } of slots) {
      if (!Object.hasOwn(values, name)) continue;
      const next = values[name]!;
      if (value instanceof SharedVariable && !(next instanceof SharedVariable && next.iface !== value.iface))
        value.assign(next);
      else holder[key] = next;
    }
    return this;
  }

  /**
   * Copy this module with its plain parameters as secrets that are to be trained. Both parties know them, so no message is
   * sent. Buffers and what is secret already stay as they are.
   *
   * @throws {DesyncError} (when settled) the parties' parameters differ
   *
   * @example
   * const model = new nn.Linear(30, 1).lift(iface);
   */
  lift(iface: DistributedInterface): this {
    return copyOf(this, ({ value, buffer }) =>
      value instanceof FloatTensor && !buffer ? iface.lift(value, { requiresGrad: true }) : value,
    );
  }

  /**
   * Reveal all secret parameters and buffers, in one operation, as a plain copy of this module.
   *
   * @param options.to - the only party that learns them. Default: both
   * @returns the copy; `undefined` at the other party
   * @throws {RangeError} a value overflowed
   */
  reveal(options?: { readonly to?: undefined }): Promise<this>;
  reveal(options: { readonly to?: Party | undefined }): Promise<this | undefined>;
  async reveal(options: { readonly to?: Party | undefined } = {}): Promise<this | undefined> {
    const secrets = slotsOf(this).flatMap(({ name, value }) =>
      value instanceof SharedVariable ? [[name, value] as const] : [],
    );
    if (secrets.length === 0) return copyOf(this, ({ value }) => value);
    const plain = await secrets[0]![1].iface.reveal(Object.fromEntries(secrets), options);
    return plain && copyOf(this, ({ name, value }) => plain[name] ?? value);
  }
}

/** Copy a module with other tensors; what is shared inside it stays shared. */
export function copyOf<M extends Module>(module: M, replace: (slot: Slot) => Value): M {
  const slots = new Map(slotsOf(module).map((slot) => [slot.value, slot]));
  const copies = new Map<object, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    if (isValue(value)) copies.set(value, replace(slots.get(value)!));
    else if (value instanceof Module || Array.isArray(value)) {
      const made = Array.isArray(value) ? [] : (Object.create(Object.getPrototypeOf(value)) as object);
      copies.set(value, made);
      for (const [key, each] of Object.entries(value)) Object.assign(made, { [key]: copy(each) });
      if (value instanceof Module) copyBuffers(value, made as Module);
    } else return value;
    return copies.get(value);
  };
  return copy(module) as M;
}

function copyBuffers(from: Module, to: Module): void {
  const names = buffersOf.get(from);
  if (names) buffersOf.set(to, new Set(names));
}

function isValue(value: unknown): value is Value {
  return value instanceof SharedVariable || value instanceof FloatTensor;
}

/** All parameters and buffers, in the order of the properties. */
function slotsOf(module: Module): Slot[] {
  const slots: Slot[] = [];
  visit(module, "", (name, value, holder, key) => {
    if (!isValue(value)) return;
    const buffer = holder instanceof Module && (buffersOf.get(holder)?.has(key) ?? false);
    slots.push({ name, value, buffer, holder: holder as unknown as Record<string, unknown>, key });
  });
  return slots;
}

/** A module and those inside it. */
function within(module: Module): Module[] {
  const found = [module];
  visit(module, "", (_, value) => {
    if (value instanceof Module) found.push(value);
  });
  return found;
}

/** Visit the properties of a module, of its arrays and of the modules inside, by their names. */
function visit(
  holder: object,
  prefix: string,
  see: (name: string, value: unknown, holder: object, key: string) => void,
  above: readonly object[] = [],
): void {
  for (const [key, value] of Object.entries(holder)) {
    see(prefix + key, value, holder, key);
    const isRoom = value instanceof Module || Array.isArray(value);
    if (isRoom && value !== holder && !above.includes(value))
      visit(value, `${prefix}${key}.`, see, [...above, holder]);
  }
}

/** Names and values, each value by its first name. */
function once(slots: readonly Slot[]): [name: string, value: Value][] {
  const seen = new Set<Value>();
  return slots.flatMap(({ name, value }): [string, Value][] => {
    if (seen.has(value)) return [];
    seen.add(value);
    return [[name, value]];
  });
}

/** @throws {RangeError} names or shapes differ */
function checkState(slots: readonly Slot[], values: StateDict, strict: boolean): void {
  const names = new Set(slots.map(({ name }) => name));
  const missing = strict ? [...names].filter((name) => !Object.hasOwn(values, name)) : [];
  const surplus = strict ? Object.keys(values).filter((name) => !names.has(name)) : [];
  const list = (what: string, some: readonly string[]) =>
    some.length > 0 ? [`${what} ${some.join(", ")}`] : [];
  const found = [...list("missing:", missing), ...list("not in this module:", surplus)];
  if (found.length > 0)
    throw new RangeError(`loadStateDict: ${found.join("; ")}; pass { strict: false } to load the others`);
  for (const { name, value } of slots) {
    const next = Object.hasOwn(values, name) ? values[name] : undefined;
    if (next === undefined) continue;
    if (!isValue(next)) throw new TypeError(`loadStateDict: ${name} is neither a secret nor a FloatTensor`);
    if (!sameShape(next.shape, value.shape))
      throw new RangeError(
        `loadStateDict: ${name} has shape ${bracketShape(next.shape)} and the module's ${bracketShape(value.shape)}`,
      );
  }
}
