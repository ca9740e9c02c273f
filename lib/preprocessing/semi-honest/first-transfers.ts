import { wipe } from "../../crypto/bytes";
import { KEY_BYTES } from "../ot/base-ot";
import type { OtKernels } from "../wasm/kernels";
import {
  correctionBytes,
  type Scratch,
  type TransferReceiver,
  type TransferSender,
} from "./correlated-transfers";
import { TREES } from "./streams";

/** Transfers that serve as base OTs for the trees of a direction. */
export const FIRST_TRANSFERS = TREES.trees * TREES.depth;

/** Run transfers as receiver; return the choices, the messages that they select, and the corrections for the sender. */
export function receiveFirst(
  scratch: Scratch,
  receiver: TransferReceiver,
): { choices: Uint8Array; messages: Uint8Array[]; corrections: Uint8Array } {
  const { kernels, rows, hashed } = scratch;
  const bits = kernels.allocate(FIRST_TRANSFERS / 8);
  const at = kernels.allocate(correctionBytes(FIRST_TRANSFERS));
  const words = kernels.allocate(8 * FIRST_TRANSFERS);
  receiver.expand(scratch, FIRST_TRANSFERS, { bits, words, corrections: at });
  const packed = kernels.read(bits, FIRST_TRANSFERS / 8);
  const choices = Uint8Array.from({ length: FIRST_TRANSFERS }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
  wipe(packed);
  const corrections = kernels.read(at, correctionBytes(FIRST_TRANSFERS));
  return { choices, messages: messagesAt(kernels, rows, hashed), corrections };
}

/** Run transfers as sender; return both messages of each. */
export function sendFirst(
  scratch: Scratch,
  sender: TransferSender,
  corrections: Uint8Array,
): [Uint8Array, Uint8Array][] {
  const { kernels } = scratch;
  let pairs: [Uint8Array, Uint8Array][] = [];
  sender.expand(scratch, FIRST_TRANSFERS, kernels.put(corrections), ({ rows, shifted, zeros, ones }) => {
    const second = messagesAt(kernels, shifted, ones);
    pairs = messagesAt(kernels, rows, zeros).map((message, i) => [message, second[i]!]);
  });
  return pairs;
}

/** Read whole messages: the sums of rows and of their permutations. */
function messagesAt(kernels: OtKernels, rows: number, hashed: number): Uint8Array[] {
  kernels.run.xorInto(hashed, rows, FIRST_TRANSFERS * KEY_BYTES);
  return Array.from({ length: FIRST_TRANSFERS }, (_, i) => kernels.read(hashed + i * KEY_BYTES, KEY_BYTES));
}
