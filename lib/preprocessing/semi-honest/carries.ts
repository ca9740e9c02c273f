/**
 * Items for the comparison of a private word of each party, and so for the carry of two shares: see
 * protocol/additive/compare-carry.ts.
 *
 * An item takes 47 correlated transfers each way, all with random bits and random messages, so that only the corrections of
 * the transfers are sent. 32 of them are 8 transfers of one out of 16 table entries: the pad of entry c is the sum of four
 * keys, those of the bits of c, each at the bits for c of its hash. 15 are factors of products of shared bits: the receiver's
 * bit a, and the sum of the sender's messages as b and c, with a common factor a.
 *
 * Source: Naor and Pinkas, STOC 1999 (one out of N from log N); Rathee et al. (CrypTFlow2), ePrint 2020/1002, for both uses.
 */
import type { OperationLink } from "../../channel/operation-link";
import { CARRY_WORDS } from "../kinds/carry";
import { type CompactState, setUpCompactState } from "./compact-state";
import { CompactScratch, compactCorrectionBytes } from "./compact-transfers";
import type { SemiHonestOtState } from "./ot-state";

const WORD = 8;
const HALF = 4;
/** Transfers of an item each way: for 8 digits of 4 bits, and for 15 pairs of products. */
const DIGITS = 8;
const DIGIT_BITS = 4;
const PAIRS = 15;
export const CARRY_TRANSFERS = DIGITS * DIGIT_BITS + PAIRS;
/** The number of items that are made must be a multiple of this. */
const LEAST_ITEMS = 128;
/** Items whose transfers are made at once: few enough for the nearer cache, many enough for AES to run at its speed. */
const AT_ONCE = 4096;

/** For each bit of an entry's number, the entries in which it is set; for both tables. */
const SET = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00];

/** Bytes that a party sends for an item. */
export const CARRY_BYTES = compactCorrectionBytes(CARRY_TRANSFERS);

/** Addresses of the parts of some items, each part one array over all of them. */
interface Parts {
  /** Choice bits of all transfers: rows of bits for each transfer of an item. */
  readonly bits: number;
  /** Keys of 8 digits. */
  readonly received: number;
  readonly sent: number;
  readonly factors: number;
  readonly shares: number;
}

/**
 * Make items.
 *
 * @returns the address of the items, CARRY_WORDS words each, as many as asked for or more
 *
 * Rounds: 1 for every 4,096 items, and 2 at the first call. Security: semi-honest.
 */
export async function makeCarries(
  link: OperationLink,
  state: SemiHonestOtState,
  count: number,
): Promise<number> {
  const { kernels } = state;
  state.compact ??= await setUpCompactState(link, state);
  const { compact } = state;
  const made = Math.ceil(count / LEAST_ITEMS) * LEAST_ITEMS;
  const items = kernels.allocate(made * CARRY_WORDS * WORD);
  const most = Math.min(made, AT_ONCE);
  const scratch = new CompactScratch(kernels, compact.cipher, CARRY_TRANSFERS * most, most);
  const [own, peers] = [0, 1].map(() => kernels.allocate(compactCorrectionBytes(CARRY_TRANSFERS * most))) as [
    number,
    number,
  ];
  // While the other party's corrections are in flight, the next items' are made.
  const places = [0, 1].map(() => ({
    // A transposition reads 128 columns.
    bits: kernels.allocate((128 * most) / 8),
    received: kernels.allocate(DIGITS * most * HALF),
    sent: kernels.allocate(DIGITS * most * HALF),
    factors: kernels.allocate(most * HALF),
    shares: kernels.allocate(most * HALF),
  })) as [Parts, Parts];
  const rows = kernels.allocate(most * 16);
  const chunks = Math.ceil(made / most);
  const sizeOf = (chunk: number) => Math.min(most, made - chunk * most);
  const job = (chunk: number): Job => ({
    compact,
    scratch,
    parts: places[chunk % 2]!,
    size: sizeOf(chunk),
    most,
  });
  receiveParts(job(0), own);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const size = sizeOf(chunk);
    const bytes = compactCorrectionBytes(CARRY_TRANSFERS * size);
    link.send(kernels.read(own, bytes));
    if (chunk + 1 < chunks) receiveParts(job(chunk + 1), own);
    kernels.write(peers, await link.receive(bytes));
    sendParts(job(chunk), peers);
    const { bits, received, sent, factors, shares } = places[chunk % 2]!;
    kernels.run.transpose(bits, size / 8, rows, size);
    const to = items + chunk * most * CARRY_WORDS * WORD;
    kernels.run.packCarries(rows, received, sent, most * HALF, factors, shares, size, to);
  }
  return items;
}

/** Items that are made at once. */
interface Job {
  readonly compact: CompactState;
  readonly scratch: CompactScratch;
  readonly parts: Parts;
  /** How many. */
  readonly size: number;
  /** Words of an array. */
  readonly most: number;
}

/** This party's part as receiver, and its corrections. */
function receiveParts({ compact, scratch, parts, size, most }: Job, corrections: number): void {
  const { kernels } = scratch;
  const { run } = kernels;
  kernels.clear(parts.received, DIGITS * most * HALF);
  kernels.clear(parts.shares, most * HALF);
  const transfers = { count: CARRY_TRANSFERS * size, size };
  compact.receiver.expand(
    scratch,
    transfers,
    { bits: parts.bits, corrections },
    ({ index, rows, hashed }) => {
      if (index >= DIGITS * DIGIT_BITS)
        run.receiveFactors(hashed, rows, index - DIGITS * DIGIT_BITS, size, parts.shares);
      else run.addKeys(hashed, rows, size, parts.received + Math.floor(index / DIGIT_BITS) * most * HALF);
    },
  );
}

/** This party's part as sender. */
function sendParts({ compact, scratch, parts, size, most }: Job, corrections: number): void {
  const { kernels } = scratch;
  const { run } = kernels;
  kernels.clear(parts.sent, DIGITS * most * HALF);
  kernels.clear(parts.factors, most * HALF);
  const transfers = { count: CARRY_TRANSFERS * size, size };
  compact.sender.expand(scratch, transfers, corrections, ({ index, rows, zeros, ones, delta }) => {
    if (index >= DIGITS * DIGIT_BITS) {
      const j = index - DIGITS * DIGIT_BITS;
      run.sendFactors(zeros, ones, rows, delta, j, size, parts.factors, parts.shares);
    } else {
      const to = parts.sent + Math.floor(index / DIGIT_BITS) * most * HALF;
      run.selectKeys(zeros, ones, rows, delta, SET[index % DIGIT_BITS]!, size, to);
    }
  });
}
