import { inspect } from "node:util";
import type { Party } from "../channel/channel";
import { lift } from "../primitives/add";
import { type InputOptions, type InputValue, shareInput } from "../primitives/input";
import { revealAll } from "../primitives/reveal";
import { DistributedInterface } from "../session/distributed-interface";
import type { FloatTensor } from "../tensor/float-tensor";
import { LongTensor } from "../tensor/long-tensor";
import { secretValues } from "../tensor/secret";
import { checkOptions } from "../text/options";
import { type PublicInput, requirePublic } from "./public";
import { revealsTo, SharedVariable } from "./shared-variable";

declare module "../session/distributed-interface" {
  interface DistributedInterface {
    /**
     * Share a secret of one party, which that party alone chooses. Both parties call it at the same place; the owner passes
     * the values, the other party passes nothing. A function is called at the owner only, so both can write the same cell.
     *
     * Numbers become fixed point at the session's precision; bigints, typed arrays of integers and integer LongTensors
     * become integers. The other party learns only the shape and the scale.
     *
     * @param owner - the party whose secret it is, 0 or 1
     * @param value - at the owner: a number, nested arrays, a typed array, a FloatTensor, a LongTensor, a mathjs matrix, a
     *   table (`io.readCsv`) or records with the same names, or a function that returns one or a promise of one; at the other party nothing, or the same function
     * @param options.shape - sizes that both parties expect. Default: those of the owner's values
     * @param options.integers - share whole numbers as integers. Default: the types of the owner's values decide
     * @param options.requiresGrad - compute a gradient for it. Default: what the owner says, or false
     * @returns a promise of the shared value, kept when the owner has sent its shape and scale. Await it
     * @throws {TypeError} an element is not a number, the values are missing at the owner, or the other party passed some
     * @throws {RangeError} NaN, Infinity, a number too large, rows of different lengths, or another shape than stated
     * @throws {DesyncError} the other party states another shape, scale or `requiresGrad`; or the owner's cell failed
     *
     * @example
     * const income = await iface.input(0, [52_000, 61_500]); // at party 0
     * const income = await iface.input(0);                   // at party 1
     * const rows = await iface.input(1, () => readMyRows(), { shape: [100, 4] }); // on both sides
     */
    input(owner: Party, value?: InputValue, options?: InputOptions): Promise<SharedVariable>;
    /**
     * Share one secret of each party: `const [of0, of1] = await iface.inputs(mine)`. Each party passes its own values. The
     * options are as for `input`, and hold for both.
     *
     * @param own - this party's values
     * @returns a promise of both shared values, party 0's first. Await it
     * @throws as `input` does
     *
     * @example
     * const [a, b] = await iface.inputs([1, 2, 3]);
     */
    inputs(own: InputValue, options?: InputOptions): Promise<[of0: SharedVariable, of1: SharedVariable]>;
    /**
     * Make a secret of a value that both parties know, such as initial weights. No message is sent. The types of the value
     * decide between fixed point and integers, as for `input`.
     *
     * @param value - the same at both parties
     * @param options.requiresGrad - compute a gradient for it. Default: false
     * @returns the shared value
     * @throws {TypeError} an element is not a number, the value is a share, or integers are to have a gradient
     * @throws {RangeError} an element is NaN, infinite or too large
     * @throws {DesyncError} (when settled) the parties passed different values
     *
     * @example
     * const weights = iface.lift(FloatTensor.zeros(30, 1), { requiresGrad: true });
     */
    lift(value: PublicInput, options?: { readonly requiresGrad?: boolean }): SharedVariable;
    /**
     * Reveal several values in one operation, with one check: `const { a, b } = await iface.reveal({ a, b })`.
     *
     * @param values - the secrets by name; both parties pass the same
     * @returns the plain values by the same names
     * @throws {RangeError} a value overflowed, or an integer is beyond ±2^53
     * @throws {DesyncError} the other party runs another operation, or reveals other values
     */
    reveal<T extends Readonly<Record<string, SharedVariable>>>(
      values: T,
      options?: { readonly to?: undefined },
    ): Promise<{ [K in keyof T]: FloatTensor }>;
    /**
     * Reveal several values to one party only, in one operation, with one check.
     *
     * @param options.to - the only party that learns the values, 0 or 1
     * @returns the plain values by the same names; `undefined` at the other party
     */
    reveal<T extends Readonly<Record<string, SharedVariable>>>(
      values: T,
      options: { readonly to?: Party | undefined },
    ): Promise<{ [K in keyof T]: FloatTensor } | undefined>;
  }
}

DistributedInterface.prototype.inputs = function inputs(
  this: DistributedInterface,
  own: InputValue,
  options: InputOptions = {},
): Promise<[SharedVariable, SharedVariable]> {
  // Not given at all, the other party's input would be issued before this one fails.
  if (own === undefined)
    return Promise.reject(
      new TypeError("inputs: this party's values are missing; each party passes its own"),
    );
  const of = (owner: Party) => this.input(owner, this.party === owner ? own : undefined, options);
  const both = Promise.all([of(0), of(1)]);
  both.catch(() => undefined);
  return both;
};

DistributedInterface.prototype.lift = function liftValue(
  this: DistributedInterface,
  value: PublicInput,
  options: { readonly requiresGrad?: boolean } = {},
): SharedVariable {
  checkOptions("lift", options, ["requiresGrad"]);
  const { requiresGrad = false } = options;
  if (value instanceof LongTensor) requirePublic(value);
  const lifted = secretValues(value, this.precision, false, "lift");
  if (requiresGrad && lifted.fracBits === 0) {
    throw new TypeError(
      "lift: integers have no gradient; give fixed-point numbers, such as a FloatTensor, or use x.float()",
    );
  }
  return new SharedVariable(lift(this, lifted, requiresGrad));
};

DistributedInterface.prototype.reveal = function revealValues(
  this: DistributedInterface,
  values: Readonly<Record<string, SharedVariable>>,
  options: { readonly to?: Party | undefined } = {},
): Promise<never> {
  checkOptions("reveal", options, ["to"]);
  const to = revealsTo(options);
  const entries = Object.entries(Object(values) as Record<string, unknown>);
  const wrong = entries.find(([, each]) => !(each instanceof SharedVariable));
  if (values instanceof SharedVariable || entries.length === 0 || wrong) {
    const found = wrong ? `, got ${inspect(wrong[1], { depth: 0 })} as ${wrong[0]}` : "";
    throw new TypeError(`reveal takes shared values by name, iface.reveal({ x, y })${found}`);
  }
  const shared = entries as [string, SharedVariable][];
  if (shared.some(([, { iface }]) => iface !== this))
    throw new TypeError("reveal: a value belongs to another interface; reveal it through that one");
  const tensors = Object.fromEntries(shared.map(([name, { tensor }]) => [name, tensor]));
  return revealAll(this, tensors, to) as Promise<never>;
};

DistributedInterface.prototype.input = function input(
  this: DistributedInterface,
  owner: Party,
  value?: InputValue,
  options: InputOptions = {},
): Promise<SharedVariable> {
  let shared: Promise<SharedVariable>;
  try {
    shared = shareInput(this, owner, value, options).then((tensor) => new SharedVariable(tensor));
  } catch (error) {
    return Promise.reject(error);
  }
  // The cell reports a failure at its end, even if nobody awaits this promise.
  shared.catch(() => undefined);
  return shared;
};
