import type { OperationLink } from "../../channel/operation-link";
import { exchangeTransfers } from "./exchange";
import type { SemiHonestOtState } from "./ot-state";

const WORD = 8;

/** Addresses of words. */
export interface BitProducts {
  /** This party's random bits. */
  readonly bits: number;
  /** This party's shares of its bits times the other party's. */
  readonly shares: number;
}

/**
 * Make random bits of each party, and shares mod 2^64 of the product of each with the other party's. In the first half party 0 is
 * the receiver, whose bit chose, in the second half the sender, so that both work alike.
 *
 * @param count - a multiple of 256
 */
export async function makeBitProducts(
  link: OperationLink,
  state: SemiHonestOtState,
  count: number,
): Promise<BitProducts> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const half = (count / 2) * WORD;
  const [bits, shares] = [0, 0].map(() => kernels.allocate(count * WORD)) as [number, number];
  const [receiving, sending] = link.party === 0 ? [0, half] : [half, 0];
  const drawn = kernels.allocate(count / 16);
  kernels.draw(drawn, identity.random, count / 16);
  run.spreadBits(drawn, count / 2, bits + sending);
  await exchangeTransfers(link, state, count / 2, {
    messageBytes: (size) => size * WORD,
    send({ start, size, rows, zeros, ones, delta }, from, _, message) {
      const at = sending + (from + start) * WORD;
      const to = message + start * WORD;
      run.sendBitProducts(zeros, ones, rows, delta, bits + at, size, to, shares + at);
    },
    receive({ bits: chosen, words }, from, size, message) {
      const at = receiving + from * WORD;
      run.spreadBits(chosen, size, bits + at);
      run.receiveBitProducts(words, bits + at, size, message, shares + at);
    },
  });
  return { bits, shares };
}
