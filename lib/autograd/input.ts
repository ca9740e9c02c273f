import type { Party } from "../channel/channel";
import { type InputOptions, type InputValue, shareInput } from "../primitives/input";
import { DistributedInterface } from "../session/distributed-interface";
import { SharedVariable } from "./shared-variable";

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
  }
}

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
