import { loadShared } from "../primitives/load";
import { saveShared } from "../primitives/save";
import type { SharedTensor } from "../primitives/shared-tensor";
import { DistributedInterface } from "../session/distributed-interface";
import { FloatTensor } from "../tensor/float-tensor";
import "./input";
import { SharedVariable } from "./shared-variable";

/** Values by name: secrets, and plain tensors that both parties know. */
export type StateDict = Readonly<Record<string, SharedVariable | FloatTensor>>;

declare module "../session/distributed-interface" {
  interface DistributedInterface {
    /**
     * Save shared values for a later session: one file at each party, which holds that party's shares, sealed by
     * AES-256-GCM under the key of its store. Both parties make the same call at the same place, each with a path of its
     * own; the file appears at both or at neither. Everything that the values depend on is checked first.
     *
     * The file can be loaded as long as both stores last. A failed or interrupted check destroys a store, and with it the
     * key of the files saved under it, because the MAC key may be known then: keep what the values can be computed from.
     *
     * @param path - this party's file; an earlier one is replaced
     * @param values - shared values by name, the same names at both parties. A FloatTensor, which both parties know, is
     *   saved as a shared value too
     * @returns a promise, kept when the file is on the disk. Await it
     * @throws {TypeError} the session has no store, or a value is not shared in this session
     * @throws {SavedError} a file cannot be written, or the session's store does not outlive it; the message says why
     * @throws {DesyncError} the other party saves other values, or under other names
     *
     * @example
     * const iface = new DistributedInterface(0, { store: "my-store", storePassphrase });
     * await iface.save("model.spdz", { weights, bias });
     */
    save(path: string, values: StateDict): Promise<void>;
    /**
     * Load values that `save` saved, in this or a later session under the same stores. Both parties make the same call at
     * the same place, each with its own file of the same save. Before anything is used, the parties compare the files and,
     * where shares have MACs, check them.
     *
     * @param path - this party's file
     * @returns a promise of the values by name, with the shapes, scales and `requiresGrad` that they had; they are leaves.
     *   Await it
     * @throws {RangeError} there is no such file, or it cannot be read
     * @throws {SavedError} it is another party's file or one of another save, store or security mode, or it was changed;
     *   the message says which, and nothing of it is used
     * @throws {CheckError} the MACs of the shares do not fit: the other party loaded something else than it saved
     * @throws {DesyncError} the other party's file has other names or shapes
     *
     * @example
     * const { weights, bias } = await iface.load("model.spdz");
     */
    load(path: string): Promise<Record<string, SharedVariable>>;
  }
}

DistributedInterface.prototype.save = function save(
  this: DistributedInterface,
  path: string,
  values: StateDict,
): Promise<void> {
  return issued(() => saveShared(this, path, tensorsOf(this, values)));
};

DistributedInterface.prototype.load = function load(
  this: DistributedInterface,
  path: string,
): Promise<Record<string, SharedVariable>> {
  return issued(() =>
    loadShared(this, path).then((named) =>
      Object.fromEntries(named.map(([name, tensor]) => [name, new SharedVariable(tensor)])),
    ),
  );
};

function tensorsOf(iface: DistributedInterface, values: StateDict): [name: string, value: SharedTensor][] {
  if (typeof values !== "object" || values === null || values instanceof SharedVariable)
    throw new TypeError("save: pass the values by name, iface.save(path, { weights, bias })");
  return Object.entries(values).map(([name, value]) => {
    const what = `save: ${JSON.stringify(name)}`;
    if (value instanceof FloatTensor) return [name, iface.lift(value).tensor];
    if (!(value instanceof SharedVariable))
      throw new TypeError(
        `${what} is neither a SharedVariable nor a FloatTensor; write plain values with io.writeNpy, or share them first`,
      );
    if (value.iface !== iface)
      throw new TypeError(`${what} belongs to another interface; save it with its own`);
    return [name, value.tensor];
  });
}

/** Once an operation is issued, the session reports its failure at the end of the cell, even if nobody awaits it. */
function issued<T>(issue: () => Promise<T>): Promise<T> {
  try {
    const promise = issue();
    promise.catch(() => undefined);
    return promise;
  } catch (error) {
    return Promise.reject(error);
  }
}
