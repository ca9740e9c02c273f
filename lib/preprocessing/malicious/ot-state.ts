import type { OperationLink } from "../../channel/operation-link";
import { drawBits, drawBytes, wipe } from "../../crypto/bytes";
import type { Gate } from "../../crypto/gate";
import { hashLabelled } from "../../crypto/hash";
import { createIdentity, type Identity, SESSION_BYTES } from "../../crypto/identity";
import type { Settlement } from "../../crypto/settlement";
import type { ByteSource } from "../../ring";
import { receiveBase, sendBase } from "../ot/base-ot";
import { type Chosen, extendAsReceiver, extendAsSender } from "../ot/extend";
import { growTrees, reconstructTrees, type TreeShape, treeMessageBytes } from "../ot/punctured-prf";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "../ot/soft-spoken";
import { OtKernels } from "../wasm/kernels";
import { VOLE_TREES, VoleKeeper, VoleProver } from "./ring-vole";

/** One party's secret state, from which the malicious production makes correlated randomness. */
export interface OtState {
  readonly identity: Identity;
  readonly kernels: OtKernels;
  readonly sender: ExtensionSender;
  readonly receiver: ExtensionReceiver;
  readonly prover: VoleProver;
  readonly keeper: VoleKeeper;
  /** How checks are settled. Default: open their shares at once, over the link of the check. */
  readonly settlement?: Settlement;
}

/**
 * Overwrite all secrets of the state: WASM memory, leaves, keys, and the key schedules in OpenSSL. Out of reach are BigInt
 * values (the MAC key passes through some on its way into WASM), copies that V8 made when it moved small arrays, and
 * ring vectors and buffers that were handed on.
 */
export function destroyOtState({ kernels, sender, receiver, prover, keeper }: OtState): void {
  for (const part of [sender, receiver, prover, keeper]) part.destroy();
  kernels.destroy();
}

const transfersOf = ({ trees, depth }: TreeShape) => trees * depth;

/**
 * Set up a session: an identifier from both parties' nonces, base OTs in one direction, and from one run of the OT
 * extension the transfers for the trees of the other direction and for the trees under the MAC keys.
 *
 * Party 1 is the receiver of the base OTs. The extension gives random transfers with malicious security, so its output
 * serves instead of base OTs in the other direction, which halves the work in the group.
 *
 * @param random - secret randomness of this party alone
 * @param gate - the session's gate
 * @throws {CheckError} the other party deviated
 */
export async function setUpOtState(link: OperationLink, random: ByteSource, gate?: Gate): Promise<OtState> {
  const { party } = link;
  const nonce = drawBytes(random, SESSION_BYTES);
  const other = await link.exchange(nonce.slice());
  const session = hashLabelled("session", ...(party === 0 ? [nonce, other] : [other, nonce]));
  const identity = createIdentity(party, session, random, gate);
  const kernels = new OtKernels();
  const run: SetUpRun = { link, identity, kernels, secrets: [], finished: [] };
  try {
    const ends = await (party === 0 ? setUpZero : setUpOne)(run);
    kernels.release(kernels.start);
    return { identity, kernels, ...ends };
  } catch (error) {
    for (const part of run.finished) part.destroy();
    kernels.destroy();
    throw error;
  } finally {
    // Each part of the state has its own copy of its leaves.
    wipe(...run.secrets);
  }
}

/** A set-up in progress. */
interface SetUpRun {
  readonly link: OperationLink;
  readonly identity: Identity;
  readonly kernels: OtKernels;
  /** Secrets to overwrite at the end. */
  readonly secrets: Uint8Array[];
  /** Parts that are set up, to be destroyed if the rest fails. */
  readonly finished: { destroy(): void }[];
}

function track<T extends { destroy(): void }>({ finished }: SetUpRun, part: T): T {
  finished.push(part);
  return part;
}

type Ends = Pick<OtState, "sender" | "receiver" | "prover" | "keeper">;

async function setUpZero(run: SetUpRun): Promise<Ends> {
  const { link, identity, kernels } = run;
  const choices = transfersOf(EXTENSION_TREES);
  const base = await sendBase(link, identity, choices);
  const receiver = track(run, new ExtensionReceiver(kernels, sendTrees(run, EXTENSION_TREES, base)));
  const transfers = await extendAsReceiver(link, identity, kernels, receiver, 256);
  const trees = await receiveTrees(run, EXTENSION_TREES, transfers, 0);
  const sender = track(run, new ExtensionSender(kernels, trees.leaves, trees.missing));
  const key = await receiveTrees(run, VOLE_TREES, transfers, choices);
  const keeper = track(run, new VoleKeeper(kernels, key.leaves, key.missing));
  const pairs = await extendAsSender(link, identity, kernels, sender, 128);
  const prover = track(run, new VoleProver(kernels, sendTrees(run, VOLE_TREES, pairs)));
  return { sender, receiver, prover, keeper };
}

async function setUpOne(run: SetUpRun): Promise<Ends> {
  const { link, identity, kernels } = run;
  const choices = transfersOf(EXTENSION_TREES);
  const bits = drawBits(identity.random, choices);
  run.secrets.push(bits);
  const base = { choices: bits, messages: await receiveBase(link, identity, bits) };
  const trees = await receiveTrees(run, EXTENSION_TREES, base, 0);
  const sender = track(run, new ExtensionSender(kernels, trees.leaves, trees.missing));
  const pairs = await extendAsSender(link, identity, kernels, sender, 256);
  const own = sendTrees(run, EXTENSION_TREES, pairs.slice(0, choices));
  const receiver = track(run, new ExtensionReceiver(kernels, own));
  const prover = track(run, new VoleProver(kernels, sendTrees(run, VOLE_TREES, pairs.slice(choices))));
  const transfers = await extendAsReceiver(link, identity, kernels, receiver, 128);
  const key = await receiveTrees(run, VOLE_TREES, transfers, 0);
  const keeper = track(run, new VoleKeeper(kernels, key.leaves, key.missing));
  return { sender, receiver, prover, keeper };
}

async function receiveTrees(
  { link, identity, secrets }: SetUpRun,
  shape: TreeShape,
  { choices, messages }: Chosen,
  from: number,
) {
  const to = from + transfersOf(shape);
  secrets.push(choices, ...messages);
  const message = await link.receive(treeMessageBytes(shape));
  const trees = reconstructTrees(
    identity.session,
    shape,
    choices.subarray(from, to),
    messages.slice(from, to),
    message,
  );
  secrets.push(trees.leaves);
  return trees;
}

function sendTrees(
  { link, identity, secrets }: SetUpRun,
  shape: TreeShape,
  pairs: readonly [Uint8Array, Uint8Array][],
): Uint8Array {
  const { leaves, message } = growTrees(identity.session, shape, pairs, identity.random);
  secrets.push(leaves, ...pairs.flat());
  link.send(message);
  return leaves;
}
