import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import { PADS } from "../ot/soft-spoken";
import type { OtState } from "./ot-state";
import { PACKED, SPILL } from "./packed";
import { WIDE } from "./ring-vole";
import type { TripleParts } from "./sacrifice";

/** Bytes of a pair of weights as limbs. */
const WEIGHT = 48;

/** Transfers whose corrections go in one message, which fits a packet of the channel; the next are made meanwhile. */
const PIECE = 24 * PADS;

/**
 * Bits of which a factor is a random sum, so that some may leak: 4s + 2k for k = s = 64. A multiple of 128, as runs
 * of the extension are, and of 16, as `combine` takes them. The argument for this number stands at `makeTriples`.
 */
export const FACTOR_BITS = 384;

const sizeFrom = (start: number, most: number, transfers: number) => Math.min(most, transfers - start);

/**
 * Send the corrections for the products of each b with FACTOR_BITS bits of the other party.
 *
 * @param b - address of `count` elements mod 2^168
 * @param shares - address of this party's shares of the products: written
 */
export function sendProducts(
  link: OperationLink,
  { kernels, sender }: OtState,
  count: number,
  b: number,
  shares: number,
): void {
  const transfers = count * FACTOR_BITS;
  const mark = kernels.mark;
  const some = kernels.allocate(Math.min(transfers, PADS) * PACKED + SPILL);
  let corrections = new Uint8Array(0);
  for (const { start, zeros, ones } of sender.finish(true)) {
    if (start % PIECE === 0) corrections = new Uint8Array(sizeFrom(start, PIECE, transfers) * PACKED);
    const size = sizeFrom(start, zeros.count, transfers);
    const [h0, g0, h1, g1] = [zeros.low, zeros.top, ones.low, ones.top];
    kernels.run.gilboaSend(h0, g0, h1, g1, b, FACTOR_BITS, start, size, some, shares + start * WIDE);
    corrections.set(kernels.view(some, size * PACKED), (start % PIECE) * PACKED);
    if (start + size === transfers || (start + size) % PIECE === 0) link.send(corrections);
  }
  kernels.release(mark);
}

/**
 * Receive the corrections for the products of this party's bits with each b of the other party. Add these products,
 * and those with this party's own b, to the shares, which are limbs afterwards.
 *
 * @param b - address of `count` elements mod 2^168
 */
export async function receiveProducts(
  link: OperationLink,
  { kernels, receiver }: OtState,
  count: number,
  b: number,
  shares: number,
): Promise<void> {
  const transfers = count * FACTOR_BITS;
  const mark = kernels.mark;
  const some = kernels.allocate(Math.min(transfers, PADS) * PACKED + SPILL);
  let corrections = new Uint8Array(0);
  const { choices } = receiver;
  for (const { start, pads } of receiver.finish(true)) {
    if (start % PIECE === 0)
      corrections = (await link.receive(sizeFrom(start, PIECE, transfers) * PACKED)) as typeof corrections;
    const size = sizeFrom(start, pads.count, transfers);
    const at = (start % PIECE) * PACKED;
    kernels.write(some, corrections.subarray(at, at + size * PACKED));
    const bits = choices + start / 8;
    const [h, g, to] = [pads.low, pads.top, shares + start * WIDE];
    kernels.run.gilboaReceive(h, g, some, bits, b, FACTOR_BITS, start, size, to);
  }
  kernels.release(mark);
}

/**
 * Toss coins and turn bits and products into a, c and a', c'.
 *
 * @param shares - address of the products as limbs
 * @param choices - address of the bits
 * @param to - where the results go; b stays as it is
 */
export async function combineProducts(
  link: OperationLink,
  { kernels, identity }: OtState,
  count: number,
  shares: number,
  choices: number,
  to: TripleParts,
): Promise<void> {
  const { run } = kernels;
  const mark = kernels.mark;
  const prg = createPrg(await tossCoins(link, identity, "combine"));
  const words = kernels.put(drawBytes(prg, FACTOR_BITS * 8));
  const elements = kernels.put(drawBytes(prg, FACTOR_BITS * WIDE));
  const weights = kernels.allocate(FACTOR_BITS * WEIGHT);
  run.limbs(words, elements, FACTOR_BITS, weights);
  run.combine(shares, choices, weights, FACTOR_BITS, count, to.c, to.c2, to.a, to.a2);
  kernels.release(mark);
}
