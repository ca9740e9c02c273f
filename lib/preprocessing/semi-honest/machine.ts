import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createIdentity, type Identity, SESSION_BYTES } from "../../crypto/identity";
import type { ByteSource } from "../../ring";
import { receiveBase, sendBase } from "../ot/base-ot";
import { growTrees, reconstructTrees, treeMessageBytes } from "../ot/punctured-prf";
import { Kernels } from "../wasm/kernels";
import { TransferReceiver, TransferSender } from "./correlated-transfers";
import { TREES } from "./streams";

/** One party's end of everything that semi-honest correlated randomness is made from. */
export interface SemiHonestMachine {
  readonly identity: Identity;
  readonly kernels: Kernels;
  readonly sender: TransferSender;
  readonly receiver: TransferReceiver;
}

/** Overwrites what the machine knows. */
export function destroySemiHonestMachine({ kernels, sender, receiver }: SemiHonestMachine): void {
  sender.destroy();
  receiver.destroy();
  kernels.destroy();
}

const TRANSFERS = TREES.trees * TREES.depth;

/**
 * Sets a session up: an identifier from both parties' nonces, and in each direction base oblivious transfers and the
 * trees under its transfers. First party 0 gets its trees as receiver, then party 1.
 *
 * @param random - secret randomness of this party alone
 * @throws {CheckError} the other party sent what nobody sends who follows the protocol
 *
 * Cost: 5 rounds, 18 kB each way. Security: semi-honest.
 */
export async function setUpSemiHonestMachine(
  link: OperationLink,
  random: ByteSource,
): Promise<SemiHonestMachine> {
  const { party } = link;
  const nonce = drawBytes(random, SESSION_BYTES);
  const other = await link.exchange(nonce.slice());
  const session = hashLabelled("session", ...(party === 0 ? [nonce, other] : [other, nonce]));
  const identity = createIdentity(party, session, random);
  const kernels = new Kernels();
  const grow = async () => {
    const { leaves, message } = growTrees(TREES, await sendBase(link, identity, TRANSFERS), random);
    link.send(message);
    return new TransferReceiver(leaves);
  };
  const reconstruct = async () => {
    const choices = drawBytes(random, TRANSFERS).map((byte) => byte & 1);
    const received = await receiveBase(link, identity, choices);
    const message = await link.receive(treeMessageBytes(TREES));
    const { leaves, missing } = reconstructTrees(TREES, choices, received, message);
    return new TransferSender(leaves, missing);
  };
  if (party === 0) {
    const receiver = await grow();
    return { identity, kernels, receiver, sender: await reconstruct() };
  }
  const sender = await reconstruct();
  return { identity, kernels, sender, receiver: await grow() };
}
