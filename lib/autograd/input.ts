import type { Party } from "../channel/channel";
import { type InputOptions, type InputValue, shareInput } from "../primitives/input";
import { DistributedInterface } from "../session/distributed-interface";
import { SharedVariable } from "./shared-variable";

declare module "../session/distributed-interface" {
  interface DistributedInterface {
    /**
     * Shares a secret of one party, which it alone chooses. Both parties call it at the same place; the owner gives the
     * values, the other party nothing. A function is called at the owner only, so that both can write the same cell.
     *
     * Numbers become fixed point at the session's precision; bigints, typed arrays of integers and integer LongTensors
     * become integers. The other party learns shape and scale, nothing else.
     *
     * @param owner - the party whose secret it is, 0 or 1
     * @param value - at the owner: a number, nested arrays, a typed array, a FloatTensor, a LongTensor or a mathjs
     *   matrix, or a function that returns one or a promise of one; elsewhere nothing, or the same function
     * @param options.shape - sizes that both parties expect. Default: as the owner's values are
     * @param options.integers - share whole numbers as integers. Default: as the types of the owner's values say
     * @param options.requiresGrad - compute a gradient for it. Default: as the owner says, which is false unless stated
     * @returns when the owner has said what it gives: the shared value, to compute on. Await it
     * @throws {TypeError} an element is not a number, the values are missing at the owner, or given by the other party
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
  // A failure is reported at the end of the cell too, also where nobody awaits this.
  shared.catch(() => undefined);
  return shared;
};
