import type { OperationLink } from "../../channel/operation-link";
import { setUpCompactState } from "./compact-state";
import { CompactScratch, compactCorrectionBytes } from "./compact-transfers";
import type { SemiHonestOtState } from "./ot-state";

const WORD = 8;
const BITS = 64;
/** Words at once, and transfers of a block. */
const AT_ONCE = 2048;
const BLOCK = 2048;
/** The number of words that are made must be a multiple of this, so that blocks are whole. */
const LEAST_WORDS = BLOCK / BITS;

/** Bytes that a party sends for a word. */
export const AND_BYTES = compactCorrectionBytes(BITS);

/** Addresses of words of bits in XOR shares: a, b, c, a AND b, a AND c. */
export type AndWords = readonly [a: number, b: number, c: number, ab: number, ac: number];

/**
 * Make words of products of random bits with a common factor. A transfer each way for each bit: the receiver's choice is its
 * part of a, and the sums of the sender's messages are its parts of b and c. Only the transfers' corrections are sent.
 *
 * Rounds: 1 for every 2,048 words, and 2 at the first call of any compact transfer. Security: semi-honest.
 * Source: Rathee et al. (CrypTFlow2), ePrint 2020/1002 (pairs of products with a common factor), on random transfers.
 */
export async function makeAnds(
  link: OperationLink,
  state: SemiHonestOtState,
  count: number,
): Promise<AndWords> {
  const { kernels } = state;
  const { run } = kernels;
  state.compact ??= await setUpCompactState(link, state);
  const { receiver, sender, cipher } = state.compact;
  const made = Math.ceil(count / LEAST_WORDS) * LEAST_WORDS;
  const words = () => kernels.allocate(made * WORD);
  const result = [words(), words(), words(), words(), words()] as const;
  const [a, b, c, ab, ac] = result;
  const [receivedB, receivedC] = [words(), words()];
  const most = Math.min(made, AT_ONCE);
  const scratch = new CompactScratch(kernels, cipher, most * BITS, BLOCK);
  const [own, peers] = [0, 1].map(() => kernels.allocate(compactCorrectionBytes(most * BITS))) as [
    number,
    number,
  ];
  const chunks = Math.ceil(made / most);
  const transfersOf = (chunk: number) => ({ count: Math.min(most, made - chunk * most) * BITS, size: BLOCK });
  const placeOf = (chunk: number, index: number) => chunk * most * WORD + index * LEAST_WORDS * WORD;
  const receive = (chunk: number) =>
    receiver.expand(
      scratch,
      transfersOf(chunk),
      { bits: a + placeOf(chunk, 0), corrections: own },
      ({ index, rows, hashed }) => {
        const at = placeOf(chunk, index);
        run.receivePairs(hashed, rows, LEAST_WORDS, receivedB + at, receivedC + at);
      },
    );
  receive(0);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const bytes = compactCorrectionBytes(transfersOf(chunk).count);
    link.send(kernels.read(own, bytes));
    if (chunk + 1 < chunks) receive(chunk + 1);
    kernels.write(peers, await link.receive(bytes));
    sender.expand(scratch, transfersOf(chunk), peers, ({ index, rows, zeros, ones, delta }) => {
      const at = placeOf(chunk, index);
      run.sendPairs(zeros, ones, rows, delta, LEAST_WORDS, b + at, c + at, ab + at, ac + at);
    });
  }
  run.addAnds(a, b, receivedB, made, ab);
  run.addAnds(a, c, receivedC, made, ac);
  return result;
}
