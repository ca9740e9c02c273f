/**
 * Loading saved values into a later session under the same store.
 *
 * Each party's file is sealed under its own store, so this party's shares are those that it saved. Before anything is
 * used, the parties compare the tags of their files, and check the MACs of all shares (see the step `verify`).
 */
import { SavedError } from "../errors";
import { Eventual } from "../eventual";
import type { Scheme, Share } from "../protocol/scheme";
import { use } from "../protocol/step";
import { verify } from "../protocol/steps/verify";
import type { DistributedInterface } from "../session/distributed-interface";
import { refuseInOwner } from "../session/executor/input-function";
import { Disagreement } from "../session/lockstep/disagreement";
import { refuseInPlan } from "../session/plan/planning";
import { sizeOf } from "../tensor/shape";
import { resultOf } from "./issue";
import { asSavedError, checkPath, encodeNames, message, otherFailed, requireStore } from "./save";
import { elementsOf, readSaved, type SavedValue, unseal } from "./saved-file";
import type { SharedTensor } from "./shared-tensor";

/** See DistributedInterface.load. Takes all numbers before it returns. */
export function loadShared(
  iface: DistributedInterface,
  path: string,
): Promise<(readonly [name: string, value: SharedTensor])[]> {
  refuseInPlan("load");
  refuseInOwner();
  requireStore(iface, "load");
  checkPath(path, "load");
  const { session, party } = iface;
  const { scheme } = session;
  const file = readSaved(path, party, scheme.name, scheme.elementBytes);
  const { values, tag } = file.header;
  const length = elementsOf(values);
  const loaded = iface.run({
    description: { kind: "load", operands: values, constants: encodeNames(values) },
    uses: { verify: scheme.name === "authenticated" ? use(verify, { length }) : undefined },
    async body({ online }, { verify }): Promise<Share[]> {
      const bytes = await session
        .vault()
        .then((vault) => unseal(file, vault))
        .catch(asSavedError);
      const failed = bytes instanceof SavedError;
      // The other party loads nothing, so no message arrives.
      if (failed && session.storeIsAlone) return new Disagreement(bytes) as unknown as Share[];
      const answer = await online.exchange(message(!failed, Buffer.from(tag, "hex")), "compares saved files");
      if (failed) return new Disagreement(bytes) as unknown as Share[];
      if (answer[0] !== 1) return new Disagreement(otherFailed(party, "load", "")) as unknown as Share[];
      if (Buffer.from(answer.subarray(1)).toString("hex") !== tag)
        return new Disagreement(
          new SavedError(
            "mismatch",
            `load: ${file.path} and the other party's file are of different saves, and nothing of them is used; name the ` +
              "two files that were saved together",
          ),
        ) as unknown as Share[];
      const shares = unpack(scheme, bytes, values);
      bytes.fill(0);
      if (verify) await verify(scheme.linear(shares, (ring, vectors) => ring.concat(vectors)));
      return shares;
    },
  });
  const results = values.map(({ name, shape, fracBits, requiresGrad }, i) => {
    const share = Eventual.derive([loaded], () => loaded.value[i]!);
    return [name, resultOf(iface, share, { shape, fracBits, requiresGrad })] as const;
  });
  return loaded.promise.then(() => results);
}

function unpack(scheme: Scheme, bytes: Uint8Array, values: readonly SavedValue[]): Share[] {
  let at = 0;
  return values.map(({ shape }) => {
    const length = sizeOf(shape);
    const start = at;
    at += length * scheme.elementBytes;
    return scheme.fromBytes(bytes.subarray(start, at), length);
  });
}
