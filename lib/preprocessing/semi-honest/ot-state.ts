import type { OperationLink } from "../../channel/operation-link";
import { drawBits, drawBytes, wipe } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createIdentity, type Identity, SESSION_BYTES } from "../../crypto/identity";
import type { ByteSource } from "../../ring";
import { receiveBase, sendBase } from "../ot/base-ot";
import { growTrees, reconstructTrees, treeMessageBytes } from "../ot/punctured-prf";
import { OtKernels } from "../wasm/kernels";
import { type BaseTransfers, type CompactState, destroyCompactState } from "./compact-state";
import {
  correctionBytes,
  rowCipher,
  Scratch,
  TransferReceiver,
  TransferSender,
} from "./correlated-transfers";
import { FIRST_TRANSFERS, receiveFirst, sendFirst } from "./first-transfers";
import { TREES } from "./streams";

/** One party's secret state, from which the semi-honest production makes correlated randomness. */
export interface SemiHonestOtState extends BaseTransfers {
  /** Set up when they are first needed. */
  compact?: CompactState;
}

/** Overwrite all secrets of the state. */
export function destroySemiHonestOtState({ kernels, sender, receiver, compact }: SemiHonestOtState): void {
  if (compact) destroyCompactState(compact);
  sender.destroy();
  receiver.destroy();
  kernels.destroy();
}

/**
 * Set up a session: an identifier from both parties' nonces, base OTs for the trees with which party 0 is the receiver,
 * and from a first run of these the transfers that serve instead of base OTs in the other direction, which halves the
 * work in the group.
 *
 * @param random - secret randomness of this party alone
 * @throws {CheckError} the other party sent something that no party sends which follows the protocol
 */
export async function setUpSemiHonestOtState(
  link: OperationLink,
  random: ByteSource,
): Promise<SemiHonestOtState> {
  const { party } = link;
  const nonce = drawBytes(random, SESSION_BYTES);
  const other = await link.exchange(nonce.slice());
  const session = hashLabelled("session", ...(party === 0 ? [nonce, other] : [other, nonce]));
  const identity = createIdentity(party, session, random);
  const kernels = new OtKernels();
  const cipher = rowCipher(session);
  const mark = kernels.mark;
  const scratch = new Scratch(kernels, cipher, FIRST_TRANSFERS);
  const ends: { sender?: TransferSender; receiver?: TransferReceiver } = {};
  const secrets: Uint8Array[] = [];
  try {
    if (party === 0) {
      const base = await sendBase(link, identity, FIRST_TRANSFERS);
      const receiver = growAsReceiver(link, identity, base);
      ends.receiver = receiver;
      const { choices, messages, corrections } = receiveFirst(scratch, receiver);
      secrets.push(choices, ...messages);
      link.send(corrections);
      const sender = await reconstructAsSender(link, identity, choices, messages);
      return { identity, kernels, cipher, sender, receiver };
    }
    const bits = drawBits(random, FIRST_TRANSFERS);
    secrets.push(bits);
    const base = await receiveBase(link, identity, bits);
    secrets.push(...base);
    const sender = await reconstructAsSender(link, identity, bits, base);
    ends.sender = sender;
    const first = sendFirst(scratch, sender, await link.receive(correctionBytes(FIRST_TRANSFERS)));
    const receiver = growAsReceiver(link, identity, first);
    return { identity, kernels, cipher, sender, receiver };
  } catch (error) {
    ends.sender?.destroy();
    ends.receiver?.destroy();
    kernels.destroy();
    throw error;
  } finally {
    wipe(...secrets);
    kernels.release(mark);
  }
}

/** @param messages - overwritten */
function growAsReceiver(
  link: OperationLink,
  { session, random }: Identity,
  messages: readonly (readonly [Uint8Array, Uint8Array])[],
): TransferReceiver {
  const { leaves, message } = growTrees(session, TREES, messages, random);
  link.send(message);
  const receiver = new TransferReceiver(leaves);
  wipe(leaves, ...messages.flat());
  return receiver;
}

async function reconstructAsSender(
  link: OperationLink,
  { session }: Identity,
  choices: Uint8Array,
  received: readonly Uint8Array[],
): Promise<TransferSender> {
  const message = await link.receive(treeMessageBytes(TREES));
  const { leaves, missing } = reconstructTrees(session, TREES, choices, received, message);
  const sender = new TransferSender(leaves, missing);
  wipe(leaves);
  return sender;
}
