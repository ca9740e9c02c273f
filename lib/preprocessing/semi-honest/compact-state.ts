import type { OperationLink } from "../../channel/operation-link";
import { type FixedKeyCipher, sessionCipher } from "../../crypto/block-hash";
import { wipe } from "../../crypto/bytes";
import type { Identity } from "../../crypto/identity";
import { growTrees, reconstructTrees, treeMessageBytes } from "../ot/punctured-prf";
import type { OtKernels } from "../wasm/kernels";
import { COMPACT_TREES, CompactReceiver, CompactSender } from "./compact-transfers";
import { correctionBytes, Scratch, type TransferReceiver, type TransferSender } from "./correlated-transfers";
import { FIRST_TRANSFERS, receiveFirst, sendFirst } from "./first-transfers";

/** The state of the compact transfers, in both directions. */
export interface CompactState {
  readonly cipher: FixedKeyCipher;
  readonly sender: CompactSender;
  readonly receiver: CompactReceiver;
}

/** The session's own transfers, and what they are made with. */
export interface BaseTransfers {
  readonly identity: Identity;
  readonly kernels: OtKernels;
  /** The permutation that hashes rows. */
  readonly cipher: FixedKeyCipher;
  readonly sender: TransferSender;
  readonly receiver: TransferReceiver;
}

/**
 * Set up the compact transfers of both directions: the session's own transfers serve as base OTs for their trees.
 *
 * Rounds: 2. Security: semi-honest.
 */
export async function setUpCompactState(
  link: OperationLink,
  { kernels, cipher, identity, sender, receiver }: BaseTransfers,
): Promise<CompactState> {
  const { session, random } = identity;
  const mark = kernels.mark;
  const scratch = new Scratch(kernels, cipher, FIRST_TRANSFERS);
  try {
    const { choices, messages, corrections } = receiveFirst(scratch, receiver);
    link.send(corrections);
    const pairs = sendFirst(scratch, sender, await link.receive(correctionBytes(FIRST_TRANSFERS)));
    const grown = growTrees(session, COMPACT_TREES, pairs, random);
    link.send(grown.message);
    const message = await link.receive(treeMessageBytes(COMPACT_TREES));
    const { leaves, missing } = reconstructTrees(session, COMPACT_TREES, choices, messages, message);
    const result = {
      cipher: sessionCipher(session, "compact transfers"),
      sender: new CompactSender(leaves, missing),
      receiver: new CompactReceiver(grown.leaves),
    };
    wipe(leaves, missing, choices, grown.leaves, ...messages, ...pairs.flat());
    return result;
  } finally {
    kernels.release(mark);
  }
}

/** Overwrite all secrets of the state. */
export function destroyCompactState({ sender, receiver }: CompactState): void {
  sender.destroy();
  receiver.destroy();
}
