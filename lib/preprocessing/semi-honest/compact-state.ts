import type { OperationLink } from "../../channel/operation-link";
import { type FixedKeyCipher, sessionCipher } from "../../crypto/block-hash";
import { wipe } from "../../crypto/bytes";
import { growTrees, reconstructTrees, treeMessageBytes } from "../ot/punctured-prf";
import { COMPACT_TREES, CompactReceiver, CompactSender } from "./compact-transfers";
import { correctionBytes, Scratch } from "./correlated-transfers";
import { FIRST_TRANSFERS, receiveFirst, sendFirst } from "./first-transfers";
import type { SemiHonestOtState } from "./ot-state";

/** The state of the compact transfers, in both directions. */
export interface CompactState {
  readonly cipher: FixedKeyCipher;
  readonly sender: CompactSender;
  readonly receiver: CompactReceiver;
}

/**
 * Return the state of the compact transfers. The first call sets it up: the session's other transfers serve as base OTs for
 * its trees.
 *
 * Rounds: 2 at the first call. Security: semi-honest.
 */
export async function compactStateOf(link: OperationLink, state: SemiHonestOtState): Promise<CompactState> {
  state.compact ??= await setUp(link, state);
  return state.compact;
}

async function setUp(
  link: OperationLink,
  { kernels, cipher, identity, sender, receiver }: SemiHonestOtState,
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
