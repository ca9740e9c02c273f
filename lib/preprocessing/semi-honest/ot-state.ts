import type { OperationLink } from "../../channel/operation-link";
import type { FixedKeyCipher } from "../../crypto/block-hash";
import { drawBytes, wipe } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import { createIdentity, type Identity, SESSION_BYTES } from "../../crypto/identity";
import type { ByteSource } from "../../ring";
import { KEY_BYTES, receiveBase, sendBase } from "../ot/base-ot";
import { growTrees, reconstructTrees, treeMessageBytes } from "../ot/punctured-prf";
import { OtKernels } from "../wasm/kernels";
import {
  correctionBytes,
  rowCipher,
  Scratch,
  TransferReceiver,
  TransferSender,
} from "./correlated-transfers";
import { TREES } from "./streams";

/** One party's secret state, from which the semi-honest production makes correlated randomness. */
export interface SemiHonestOtState {
  readonly identity: Identity;
  readonly kernels: OtKernels;
  /** The permutation that hashes rows. */
  readonly cipher: FixedKeyCipher;
  readonly sender: TransferSender;
  readonly receiver: TransferReceiver;
}

/** Overwrite all secrets of the state. */
export function destroySemiHonestOtState({ kernels, sender, receiver }: SemiHonestOtState): void {
  sender.destroy();
  receiver.destroy();
  kernels.destroy();
}

const TRANSFERS = TREES.trees * TREES.depth;

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
  const scratch = new Scratch(kernels, cipher, TRANSFERS);
  try {
    if (party === 0) {
      const receiver = await growAsReceiver(link, identity, await sendBase(link, identity, TRANSFERS));
      const sender = await reconstructAsSender(link, identity, ...receiveFirst(link, scratch, receiver));
      return { identity, kernels, cipher, sender, receiver };
    }
    const bits = drawBytes(random, TRANSFERS).map((byte) => byte & 1);
    const base = await receiveBase(link, identity, bits);
    const sender = await reconstructAsSender(link, identity, bits, base);
    const receiver = await growAsReceiver(link, identity, await sendFirst(link, scratch, sender));
    return { identity, kernels, cipher, sender, receiver };
  } finally {
    kernels.release(mark);
  }
}

/** @param messages - overwritten */
async function growAsReceiver(
  link: OperationLink,
  { session, random }: Identity,
  messages: readonly (readonly [Uint8Array, Uint8Array])[],
): Promise<TransferReceiver> {
  const { leaves, message } = growTrees(session, TREES, messages, random);
  link.send(message);
  const receiver = new TransferReceiver(leaves);
  wipe(leaves, ...messages.flat());
  return receiver;
}

/** @param choices - overwritten, as is `received` */
async function reconstructAsSender(
  link: OperationLink,
  { session }: Identity,
  choices: Uint8Array,
  received: readonly Uint8Array[],
): Promise<TransferSender> {
  const message = await link.receive(treeMessageBytes(TREES));
  const { leaves, missing } = reconstructTrees(session, TREES, choices, received, message);
  const sender = new TransferSender(leaves, missing);
  wipe(leaves, choices, ...received);
  return sender;
}

/** Run the first transfers as receiver; returns the choices and the messages that they select. */
function receiveFirst(
  link: OperationLink,
  scratch: Scratch,
  receiver: TransferReceiver,
): [choices: Uint8Array, messages: Uint8Array[]] {
  const { kernels, rows, hashed } = scratch;
  const bits = kernels.allocate(TRANSFERS / 8);
  const corrections = kernels.allocate(correctionBytes(TRANSFERS));
  receiver.expand(scratch, TRANSFERS, { bits, words: kernels.allocate(8 * TRANSFERS), corrections });
  link.send(kernels.read(corrections, correctionBytes(TRANSFERS)));
  const packed = kernels.read(bits, TRANSFERS / 8);
  const choices = Uint8Array.from({ length: TRANSFERS }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
  wipe(packed);
  return [choices, messagesAt(kernels, rows, hashed)];
}

/** Run the first transfers as sender; returns both messages of each. */
async function sendFirst(
  link: OperationLink,
  scratch: Scratch,
  sender: TransferSender,
): Promise<[Uint8Array, Uint8Array][]> {
  const { kernels } = scratch;
  const corrections = kernels.put(await link.receive(correctionBytes(TRANSFERS)));
  let pairs: [Uint8Array, Uint8Array][] = [];
  sender.expand(scratch, TRANSFERS, corrections, ({ rows, shifted, zeros, ones }) => {
    const second = messagesAt(kernels, shifted, ones);
    pairs = messagesAt(kernels, rows, zeros).map((message, i) => [message, second[i]!]);
  });
  return pairs;
}

/** Read whole messages: the sums of rows and of their permutations. */
function messagesAt(kernels: OtKernels, rows: number, hashed: number): Uint8Array[] {
  kernels.run.xorInto(hashed, rows, TRANSFERS * KEY_BYTES);
  return Array.from({ length: TRANSFERS }, (_, i) => kernels.read(hashed + i * KEY_BYTES, KEY_BYTES));
}
