/**
 * Saving shared values: one sealed file at each party.
 *
 * The shares of a product are right only if the values that were opened for it were right, and their own MACs do not show
 * that: they fit whatever product came out. So nothing is written before everything that the values depend on has been
 * checked and no check is unsettled, as before a value is revealed. A file never holds anything provisional.
 *
 * 1. Wait for the checks. Exchange a part of the tag each, with word whether this party can save.
 * 2. Each party writes its file under a temporary name, and reports that it has.
 * 3. Both give their files their names. If either party could not write its file, neither file appears.
 */
import type { OperationLink } from "../channel/operation-link";
import { drawBytes } from "../crypto/bytes";
import { hashLabelled } from "../crypto/hash";
import { createPrivateRandom } from "../crypto/prg";
import { SavedError } from "../errors";
import { WholeFile } from "../files";
import type { Vault } from "../preprocessing/store/vault";
import type { Scheme, Share } from "../protocol/scheme";
import { use } from "../protocol/step";
import { release } from "../protocol/steps/release";
import type { DistributedInterface } from "../session/distributed-interface";
import { Disagreement } from "../session/lockstep/disagreement";
import { refuseInPlan } from "../session/plan/planning";
import { describe } from "./issue";
import {
  elementsOf,
  encodeSaved,
  MAX_NAMES,
  MAX_SAVED,
  nameProblem,
  type SavedHeader,
  type SavedValue,
  TAG_BYTES,
} from "./saved-file";
import { requireUsable, type SharedTensor, shareOf } from "./shared-tensor";

/** Said with a message: whether this party could do its part. */
const OK = 1;

/** See DistributedInterface.save. Takes the operation's number before it returns. */
export function saveShared(
  iface: DistributedInterface,
  path: string,
  named: readonly (readonly [name: string, value: SharedTensor])[],
): Promise<void> {
  refuseInPlan("save");
  requireStore(iface, "save");
  checkPath(path, "save");
  const values = named.map(
    ([name, { shape, fracBits, requiresGrad }]): SavedValue => ({ name, shape, fracBits, requiresGrad }),
  );
  checkNames(values);
  const tensors = named.map(([, value]) => value);
  tensors.forEach(requireUsable);
  const description = { ...describe("save", tensors), constants: encodeNames(values) };
  const shares = tensors.map((tensor) => shareOf(tensor, description));
  const { session } = iface;
  const saved = iface.run({
    description,
    inputs: shares,
    uses: { release: use(release, { length: 0 }) },
    async body({ online, scheme }, { release }) {
      await release();
      const vault = await session.vault().catch((error: Error) => error);
      const file = await write(
        { online, scheme, path, alone: session.storeIsAlone },
        vault,
        values,
        shares.map(({ value }) => value),
      );
      if (file instanceof SavedError) return new Disagreement(file);
      return undefined;
    },
  });
  return saved.promise.then(() => undefined);
}

interface Writing {
  readonly online: OperationLink;
  readonly scheme: Scheme;
  readonly path: string;
  /** The other party saves nothing, so no message arrives. */
  readonly alone: boolean;
}

/** @returns the reason if it was not saved */
async function write(
  { online, scheme, path, alone }: Writing,
  vault: Vault | Error,
  values: readonly SavedValue[],
  shares: readonly Share[],
): Promise<SavedError | undefined> {
  const { party } = online;
  const part = drawBytes(createPrivateRandom(), TAG_BYTES);
  const can = !(vault instanceof Error);
  if (alone) return asSavedError(vault as Error);
  const answer = await online.exchange(message(can, part), "begins to save");
  if (vault instanceof Error) return asSavedError(vault);
  if (answer[0] !== OK) return otherFailed(party, "save", "");
  const parts = party === 0 ? [part, answer.subarray(1)] : [answer.subarray(1), part];
  const tag = Buffer.from(hashLabelled("saved/tag", ...parts)).toString("hex");
  const header: SavedHeader = { party, scheme: scheme.name, store: vault.id, tag, values };
  let file: WholeFile | undefined;
  let failure: SavedError | undefined;
  try {
    file = await WholeFile.begin(path, 0o600);
    const open = packed(scheme, shares, values);
    const sealed = encodeSaved(header, vault, open);
    open.fill(0);
    for (const bytes of sealed) await file.write(bytes);
    await file.finish();
  } catch (error) {
    failure = asSavedError(error as Error);
  }
  try {
    const [done] = await online.exchange(message(failure === undefined), "has written its file");
    if (!failure && done !== OK) failure = otherFailed(party, "save", "; no file was written here either");
    if (!failure) await file!.appear();
  } catch (error) {
    await file?.discard();
    // The connection was lost, or this file could not get its name; the other party's then fits no file.
    if (!(error instanceof RangeError)) throw error;
    failure = asSavedError(error);
  }
  if (failure) await file?.discard();
  return failure;
}

/** The shares' bytes, one value after the other. */
function packed(scheme: Scheme, shares: readonly Share[], values: readonly SavedValue[]): Uint8Array {
  const all = new Uint8Array(elementsOf(values) * scheme.elementBytes);
  let at = 0;
  for (const share of shares) {
    const bytes = scheme.toBytes(share);
    all.set(bytes, at);
    at += bytes.length;
    bytes.fill(0);
  }
  return all;
}

/** @throws {TypeError} this session has no shares or no store, or the other party is known to have none */
export function requireStore({ session }: DistributedInterface, what: "save" | "load"): void {
  if (session.scheme.name === "plain")
    throw new TypeError(
      `${what}: spdz.plain() computes in the clear and has no shares to ${what}; use a session of two parties`,
    );
  if (session.storeIsAlone)
    throw new TypeError(
      `${what}: the other party has no store in this session, so it cannot ${what} either: name a store on both sides`,
    );
  if (session.hasStore) return;
  throw new TypeError(
    `${what}: this session has no store, whose key seals the file and whose MAC key makes the shares valid later: make it ` +
      'with a store on both sides, new DistributedInterface(party, { store: "my-store", … }), or set SPDZ_STORE',
  );
}

export function checkPath(path: unknown, what: "save" | "load"): void {
  if (typeof path !== "string" || path === "")
    throw new TypeError(`${what}: the path must be a text such as "model.spdz", got ${JSON.stringify(path)}`);
}

function checkNames(values: readonly SavedValue[]): void {
  for (const { name } of values) {
    const problem = nameProblem(name);
    if (problem) throw new RangeError(`save: ${problem}`);
  }
  if (values.length === 0 || values.length > MAX_NAMES)
    throw new RangeError(`save: the number of values must be from 1 to ${MAX_NAMES}, got ${values.length}`);
  const elements = elementsOf(values);
  if (elements > MAX_SAVED)
    throw new RangeError(
      `save: the values have ${elements.toLocaleString("en")} elements; at most ${MAX_SAVED.toLocaleString("en")} fit into ` +
        "a file: save them in parts",
    );
}

/** The names, on which both parties must agree, for the digest of the operation. */
export function encodeNames(values: readonly SavedValue[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(values.map(({ name }) => name)));
}

export function message(can: boolean, part: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(1 + part.length);
  bytes[0] = can ? OK : 0;
  bytes.set(part, 1);
  return bytes;
}

export function otherFailed(party: 0 | 1, what: "save" | "load", more: string): SavedError {
  return new SavedError(
    "mismatch",
    `${what}: party ${1 - party} could not ${what} its file${more}. See its notebook for the reason, then run the cell ` +
      "again on both sides.",
  );
}

export function asSavedError(error: Error): SavedError {
  if (error instanceof SavedError) return error;
  return new SavedError("write", error.message, { cause: error });
}
