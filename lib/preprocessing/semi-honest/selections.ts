import type { OperationLink } from "../../channel/operation-link";
import { LEAST_TRANSFERS } from "./correlated-transfers";
import { exchangeTransfers } from "./exchange";
import type { SemiHonestOtState } from "./ot-state";

const WORD = 8;

/** Addresses of words. */
export interface Selections {
  /** This party's random bits p; d is the exclusive or of both parties'. */
  readonly bits: number;
  /** This party's shares of uniform r, of d as an integer, and of d·r. */
  readonly r: number;
  readonly mask: number;
  readonly product: number;
}

/**
 * Make selections. With d = p0 ⊕ p1 = p0 + p1 − 2·p0·p1, a party's part of d·r is r0·p0 + p1·(1 − 2·p0)·r0: a transfer each
 * way, with the other party's bit as choice. The transfer in which party 0 is the sender also gives p0·p1, by the second word
 * of its messages.
 *
 * Rounds: as many as those of the transfers. Security: semi-honest.
 * Source: Rathee et al. (CrypTFlow2), ePrint 2020/1002 (multiplexer by two transfers).
 */
export async function makeSelections(
  link: OperationLink,
  state: SemiHonestOtState,
  count: number,
): Promise<Selections> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const made = Math.ceil(count / LEAST_TRANSFERS) * LEAST_TRANSFERS;
  const words = () => kernels.allocate(made * WORD);
  const [bits, r, signed, received, sent] = [words(), words(), words(), words(), words()];
  const [both, mask, product] = [words(), words(), words()];
  kernels.draw(r, identity.random, made * WORD);
  const isFirst = link.party === 0;
  await exchangeTransfers(link, state, made, {
    wide: true,
    messageBytes: (size, sender) => size * WORD * (sender === 0 ? 2 : 1),
    send({ start, size, rows, zeros, ones, delta, high }, from, chunk, message, own) {
      const at = (from + start) * WORD;
      run.spreadBits(own.bits + start / 8, size, bits + at);
      run.flipSigns(r + at, bits + at, size, signed + at);
      const to = message + start * WORD;
      run.sendBitProducts(zeros, ones, rows, delta, signed + at, size, to, sent + at);
      if (!isFirst) return;
      const second = to + chunk * WORD;
      run.sendBitProducts(zeros + 8, ones + 8, rows + 8, high, bits + at, size, second, both + at);
    },
    receive({ bits: packed, words, second }, from, size, message) {
      const at = from * WORD;
      run.spreadBits(packed, size, bits + at);
      run.receiveBitProducts(words, bits + at, size, message, received + at);
      if (!isFirst) run.receiveBitProducts(second!, bits + at, size, message + size * WORD, both + at);
    },
  });
  run.lessTwice(bits, both, made, mask);
  run.addProducts64(r, bits, received, sent, made, product);
  return { bits, r, mask, product };
}
