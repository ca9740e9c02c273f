import type { OperationLink } from "../channel/operation-link";
import { drawBytes } from "../crypto/bytes";
import type { Gate } from "../crypto/gate";
import { hashLabelled } from "../crypto/hash";
import { createIdentity, type Identity, SESSION_BYTES } from "../crypto/identity";
import type { Settlement } from "../crypto/settlement";
import type { ByteSource } from "../ring";
import { receiveBase, sendBase } from "./ot/base-ot";
import { type Chosen, extendAsReceiver, extendAsSender } from "./ot/extend";
import { growTrees, reconstructTrees, type TreeShape, treeMessageBytes } from "./ot/punctured-prf";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "./ot/soft-spoken";
import { VOLE_TREES, VoleKeeper, VoleProver } from "./ring-vole";
import { Kernels } from "./wasm/kernels";

/** One party's end of everything that correlated randomness is made from. */
export interface Machine {
  readonly identity: Identity;
  readonly kernels: Kernels;
  readonly sender: ExtensionSender;
  readonly receiver: ExtensionReceiver;
  readonly prover: VoleProver;
  readonly keeper: VoleKeeper;
  /** How checks end. Default: their shares are opened at once, over the link of the check. */
  readonly settlement?: Settlement;
}

/** Overwrites what the machine knows. */
export function destroyMachine({ kernels, sender, receiver, prover, keeper }: Machine): void {
  for (const part of [sender, receiver, prover, keeper]) part.destroy();
  kernels.destroy();
}

const transfersOf = ({ trees, depth }: TreeShape) => trees * depth;

/**
 * Sets a session up: an identifier from both parties' nonces, base oblivious transfers in one direction, and from one
 * run of the extension the transfers for the other direction's trees and for the trees under the MAC keys.
 *
 * Party 1 is the receiver of the base transfers. The extension gives random transfers with malicious security, so its
 * own output serves where base transfers would; that halves the work in the group.
 *
 * @param random - secret randomness of this party alone
 * @param gate - of the session
 * @throws {CheckError} the other party deviated
 *
 * Cost: 12 rounds, 30 kB each way. Security: active, with abort.
 */
export async function setUpMachine(link: OperationLink, random: ByteSource, gate?: Gate): Promise<Machine> {
  const { party } = link;
  const nonce = drawBytes(random, SESSION_BYTES);
  const other = await link.exchange(nonce.slice());
  const session = hashLabelled("session", ...(party === 0 ? [nonce, other] : [other, nonce]));
  const identity = createIdentity(party, session, random, gate);
  const kernels = new Kernels();
  const choices = transfersOf(EXTENSION_TREES);
  const mark = kernels.mark;
  if (party === 0) {
    const grown = growTrees(EXTENSION_TREES, await sendBase(link, identity, choices), random);
    link.send(grown.message);
    const receiver = new ExtensionReceiver(kernels, grown.leaves);
    const transfers = await extendAsReceiver(link, identity, kernels, receiver, 256);
    const trees = await receiveTrees(link, EXTENSION_TREES, transfers, 0);
    const sender = new ExtensionSender(kernels, trees.leaves, trees.missing);
    const key = await receiveTrees(link, VOLE_TREES, transfers, choices);
    const keeper = new VoleKeeper(kernels, key.leaves, key.missing);
    const pairs = await extendAsSender(link, identity, kernels, sender, 128);
    const prover = sendTrees(link, kernels, pairs, random);
    kernels.release(mark);
    return { identity, kernels, sender, receiver, prover, keeper };
  }
  const bits = drawBytes(random, choices).map((byte) => byte & 1);
  const base = { choices: bits, messages: await receiveBase(link, identity, bits) };
  const trees = await receiveTrees(link, EXTENSION_TREES, base, 0);
  const sender = new ExtensionSender(kernels, trees.leaves, trees.missing);
  const pairs = await extendAsSender(link, identity, kernels, sender, 256);
  const grown = growTrees(EXTENSION_TREES, pairs.slice(0, choices), random);
  link.send(grown.message);
  const receiver = new ExtensionReceiver(kernels, grown.leaves);
  const prover = sendTrees(link, kernels, pairs.slice(choices), random);
  const transfers = await extendAsReceiver(link, identity, kernels, receiver, 128);
  const key = await receiveTrees(link, VOLE_TREES, transfers, 0);
  const keeper = new VoleKeeper(kernels, key.leaves, key.missing);
  kernels.release(mark);
  return { identity, kernels, sender, receiver, prover, keeper };
}

async function receiveTrees(
  link: OperationLink,
  shape: TreeShape,
  { choices, messages }: Chosen,
  from: number,
) {
  const to = from + transfersOf(shape);
  const message = await link.receive(treeMessageBytes(shape));
  return reconstructTrees(shape, choices.subarray(from, to), messages.slice(from, to), message);
}

function sendTrees(
  link: OperationLink,
  kernels: Kernels,
  pairs: readonly [Uint8Array, Uint8Array][],
  random: ByteSource,
): VoleProver {
  const grown = growTrees(VOLE_TREES, pairs, random);
  link.send(grown.message);
  return new VoleProver(kernels, grown.leaves);
}
