import type { OperationLink } from "../../channel/operation-link";
import { LEAST_TRANSFERS } from "./correlated-transfers";
import { exchangeTransfers } from "./exchange";
import type { SemiHonestOtState } from "./ot-state";

const WORD = 8;
/** Transfers for each product: the bits of a word. */
const BITS = 64;
/** Bytes of the sender's message for each product: 64 + 63 + … + 1 bits. */
const MESSAGE_BYTES = 260;
/** How many of these bytes come before those of transfer 32. */
const PAIRED_BYTES = 256;

/** Addresses of words, as many as there are products. */
export interface Products {
  /** Uniform, this party's as receiver; the other party has its own. */
  readonly a: number;
  /** Uniform, this party's as sender. */
  readonly b: number;
  /** This party's shares of its a times the other party's b. */
  readonly received: number;
  /** This party's shares of its b times the other party's a. */
  readonly sent: number;
}

/** Round up to the number of products that are made: transfers are made in blocks. */
export function roundProducts(count: number): number {
  const group = LEAST_TRANSFERS / BITS;
  return Math.ceil(count / group) * group;
}

/**
 * Make shares mod 2^64 of the products of one party's random words with the other party's, both ways.
 *
 * The receiver's a is the sum of 2^i times the bits of its transfers. The product of transfer i has weight 2^i, so only
 * 64 − i of its bits are sent.
 *
 * @param count - an even number
 *
 * Security: semi-honest.
 * Source: Gilboa, CRYPTO 1999, with correlated transfers and shortened messages.
 */
export async function makeProducts(
  link: OperationLink,
  state: SemiHonestOtState,
  count: number,
): Promise<Products> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const [a, received, sent] = [0, 0, 0].map(() => kernels.allocate(count * WORD)) as [number, number, number];
  const b = kernels.allocate(count * WORD);
  kernels.draw(b, identity.random, count * WORD);
  const halves = (message: number, size: number) => message + (size / BITS) * PAIRED_BYTES;
  await exchangeTransfers(link, state, count * BITS, {
    messageBytes: (size) => (size / BITS) * MESSAGE_BYTES,
    send({ start, size, rows, zeros, ones, delta }, from, chunk, message) {
      const first = start / BITS;
      const at = (from / BITS + first) * WORD;
      run.sendProducts(
        ...([zeros, ones, rows, delta, b + at, size / BITS] as const),
        message + first * PAIRED_BYTES,
        halves(message, chunk) + first * 4,
        sent + at,
      );
    },
    receive({ bits, words }, from, size, message) {
      const at = (from / BITS) * WORD;
      kernels.move(a + at, bits, size / 8);
      run.receiveProducts(words, bits, size / BITS, message, halves(message, size), received + at);
    },
  });
  return { a, b, received, sent };
}
