import type { OperationLink } from "../channel/operation-link";
import { concatBytes, wordBytes } from "../crypto/bytes";
import { HiddenCoins } from "../crypto/coins";
import { COMMITMENT_BYTES } from "../crypto/commitment";
import type { Identity } from "../crypto/identity";
import { createPrg } from "../crypto/prg";
import { SETTLE_AT_ONCE, type Settlement } from "../crypto/settlement";
import { CheckError } from "../errors";
import { keep, type RingVector, scope } from "../ring";
import type { AuthenticatedVector, MacKey } from "./authenticated";
import {
  drawWeights,
  lowWordsAgree,
  type MacWidths,
  maskRows,
  shareOfZero,
  subsetRows,
  unitRows,
  WIDTHS,
} from "./mac-rows";
import { type Opening, type OpeningLog, openShares } from "./opening";

const LOW_MASK = (1n << BigInt(WIDTHS.low)) - 1n;

export interface MacCheckOptions {
  /** How commitments are opened. Default: at once. */
  readonly settlement?: Settlement | undefined;
  /** The widths of values and MACs. Default: k = s = 64. */
  readonly widths?: MacWidths;
}

/**
 * Check the MACs of all openings at once: a random combination of the opened values must have the same combination of
 * MACs, under a key that neither party knows. All k + s bits of the combined rows are fixed before the weights are.
 *
 * 1. Each of up to 64 openings is a row. More openings are combined into 64 rows, each the sum of a random subset, by
 *    coins that are tossed once the openings are fixed. All rows miss an error in an opening with probability 2^−64.
 * 2. The parties open the rows in full, all k + s bits, each with its upper words masked by a random authenticated
 *    value that is used for this row alone. The low words must be the sums of the values opened before.
 * 3. Coins that were committed to before, and that neither party has seen, give a weight of s bits for each row.
 * 4. Each party computes its share of the combination of MACs minus key times that of the rows; the parties commit to
 *    the shares and open them, and the shares must cancel.
 *
 * A cheating party that has seen the rows can still choose its share of them, and with it an error of up to k + s bits
 * in a row whose low word is right, and it may guess. The best it can do is an error of 2^(k−1) in one opening, which
 * passes with probability (s + 5) / 2^(s+2), that is 2^−59.89 for up to 64 openings and at most 2^−59.81 with rows;
 * test/games finds the adversary.
 *
 * SPDZ2k, ePrint 2018/482, sends masked upper words after the weights are known (BatchCheck, fig. 4 of the first
 * version), and an error of 2^(k−1) then passes with probability 1/2. MP-SPDZ (3a0a7b1, MAC_Check_Z2k) instead adds a
 * random element times 2^k to each value before it is opened, opens all k + s bits, and tosses the weights afterwards.
 * We do that with each row.
 *
 * @param identity - of this check, or of the operation it belongs to; the same count at both parties
 * @param openings - consumed
 * @param masks - as many random authenticated elements as `rowsOf` says; consumed
 * @throws {CheckError} the other party opened a false value, or withheld an opening that it had committed to
 *
 * Security: active, with abort. Source: SPDZ2k, ePrint 2018/482, sections 3.2 to 3.4, changed as above.
 */
export async function checkMacs(
  link: OperationLink,
  identity: Identity,
  key: MacKey,
  openings: readonly Opening[],
  masks: AuthenticatedVector,
  { settlement = SETTLE_AT_ONCE, widths = WIDTHS }: MacCheckOptions = {},
): Promise<void> {
  const { rows } = widths;
  // Both parties log what both saw. If the lengths ever differed, by a bug, this would detect it.
  const count = openings.reduce((sum, { values }) => sum + values.length, 0);
  const said = wordBytes(BigInt(count));
  let weights: HiddenCoins;
  let theirs: Uint8Array | undefined;
  let plain: Opening;
  if (count > rows) {
    const subsets = new HiddenCoins(identity, "mac/subsets");
    weights = new HiddenCoins(identity, "mac/weights");
    const both = await link.exchange(concatBytes(subsets.commitment, weights.commitment), "commitments");
    theirs = both.subarray(COMMITMENT_BYTES);
    const seed = await subsets.reveal(link, both.subarray(0, COMMITMENT_BYTES), said);
    plain = subsetRows(openings, createPrg(seed), widths);
  } else {
    weights = new HiddenCoins(identity, "mac/weights");
    plain = unitRows(openings, widths);
  }
  dispose(...openings);
  const masked = maskRows(plain, masks, widths);
  for (const vector of [plain.values, plain.macs, masks.value, masks.mac]) vector.dispose();
  const full = await settleRows({ link, identity, key, settlement, widths }, masked, weights, theirs, said);
  full.dispose();
}

/**
 * Open to both parties and check in one step: for up to 64 values, the rows of the check are the opening itself.
 *
 * @param x - this party's shares; do not call this before everything opened so far has been checked
 * @param log - the operation's log, empty
 * @param masks - as many random authenticated elements as `rowsOf` says; consumed
 * @returns the values mod 2^64, checked
 * @throws {CheckError} the other party opened a false value, or withheld an opening that it had committed to
 */
export async function openChecked(
  link: OperationLink,
  identity: Identity,
  key: MacKey,
  x: AuthenticatedVector,
  log: OpeningLog,
  masks: AuthenticatedVector,
  what?: string,
): Promise<RingVector> {
  const widths = WIDTHS;
  if (x.value.length > widths.rows) {
    const [opened] = (await openShares(link, log, [x], what)) as [RingVector];
    // Copy the values, because the check disposes of the log's vectors.
    const copy = keep(widths.ring.concat([opened]));
    await checkMacs(link, identity, key, log.drain(), masks);
    return copy;
  }
  const weights = new HiddenCoins(identity, "mac/weights");
  const rows = maskRows({ values: x.value, macs: x.mac, opened: x.value }, masks, widths);
  const masked = { values: rows.values, macs: rows.macs };
  for (const vector of [masks.value, masks.mac]) vector.dispose();
  const party = { link, identity, key, settlement: SETTLE_AT_ONCE, widths };
  const full = await settleRows(party, masked, weights, undefined, new Uint8Array(0), what);
  return scope(() => widths.ring.andScalar(full, LOW_MASK));
}

/** The context of a check. */
interface Checking {
  readonly link: OperationLink;
  readonly identity: Identity;
  readonly key: MacKey;
  readonly settlement: Settlement;
  readonly widths: MacWidths;
}

/**
 * Open masked rows in full, and check them.
 *
 * @param rows - consumed; if `opened` is given, the low words must equal it
 * @param theirs - the other party's commitment to coins for the weights; undefined: exchange commitments with the rows
 * @param said - the context that the coins are bound to
 * @returns the rows in full
 */
async function settleRows(
  { link, identity, key, settlement, widths }: Checking,
  rows: Omit<Opening, "opened"> & Partial<Opening>,
  weights: HiddenCoins,
  theirs: Uint8Array | undefined,
  said: Uint8Array,
  what = "MAC check",
): Promise<RingVector> {
  const { ring } = widths;
  const mine = ring.toBytes(rows.values);
  // Without earlier coins, send the commitments with the rows: neither party has seen anything of the rows yet.
  const message = theirs ? mine.slice() : concatBytes(weights.commitment, mine);
  const answer = await link.exchange(message, what);
  const commitment = theirs ?? answer.subarray(0, COMMITMENT_BYTES);
  const other = answer.slice(answer.length - mine.length);
  const full = scope(() => ring.add(rows.values, ring.fromBytes(other, rows.values.length)));
  if (rows.opened && !lowWordsAgree(full, rows.opened, widths)) throw new CheckError("mac", FAILED);

  const seed = await weights.reveal(link, commitment, said);
  const share = scope(() => {
    const drawn = drawWeights(createPrg(seed), full.length, widths);
    return ring.toBytes(shareOfZero(key, full, rows.macs, drawn, widths));
  });
  for (const vector of [rows.values, rows.macs, rows.opened]) vector?.dispose();
  await settlement.settle(link, identity, {
    purpose: "mac",
    share,
    bits: ring.bits,
    check: "mac",
    message: FAILED,
  });
  return full;
}

function dispose(...openings: readonly Opening[]): void {
  for (const { values, macs, opened } of openings)
    for (const vector of [values, macs, opened]) vector.dispose();
}

const FAILED =
  "the MAC check failed: the other party changed a value that it sent. Nothing that depends on it was revealed; the " +
  "session has ended and its keys are destroyed.";
