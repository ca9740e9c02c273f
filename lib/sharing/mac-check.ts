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
  /** Default: shares are opened at once. */
  readonly settlement?: Settlement | undefined;
  /** Default: k = s = 64. */
  readonly widths?: MacWidths;
}

/**
 * Checks the MACs of all openings at once: a random combination of what was opened must have the same combination of
 * MACs, under a key that neither party knows. All k + s bits of what is combined are fixed before its weights are.
 *
 * 1. Up to 64 openings are a row each. Of more, 64 rows are made, each the sum of a random subset, by coins that are
 *    tossed now that the openings are fixed. An error in an opening is missed by all rows with probability 2^−64.
 * 2. The parties open the rows in full, all k + s bits, each with its upper words masked by a random authenticated
 *    value that serves this row alone. The low words must be the sums of what was opened before.
 * 3. Coins that were committed to before, and that nobody has seen, give a weight of s bits for each row.
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
 * That is what we do with each row.
 *
 * @param identity - of this check or of the operation it belongs to, so that both parties count alike
 * @param openings - consumed
 * @param masks - as many random authenticated elements as `rowsOf` says; consumed
 * @throws {CheckError} the other party opened something false, or withheld what it had committed to
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
  // Both parties log what both saw; a log of another length would be a mistake of ours, and is noticed.
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
 * Opens to both parties and checks at once: of up to 64 values the rows of the check are the opening itself.
 *
 * @param x - this party's shares; nothing of them may leave before everything opened so far has been checked
 * @param log - the operation's, empty
 * @param masks - as many random authenticated elements as `rowsOf` says; consumed
 * @returns the values mod 2^64, checked
 * @throws {CheckError} the other party opened something false, or withheld what it had committed to
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
    // The check disposes of what the log holds.
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

/** Who checks, and how. */
interface Checking {
  readonly link: OperationLink;
  readonly identity: Identity;
  readonly key: MacKey;
  readonly settlement: Settlement;
  readonly widths: MacWidths;
}

/**
 * Opens masked rows in full, and checks them.
 *
 * @param rows - consumed; with `opened`, their low words must be those
 * @param theirs - the other party's commitment to coins for the weights; they travel with the rows where it is missing
 * @param said - what the coins are about
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
  // Where there were no other coins, the commitments travel with the rows: neither party has seen anything of them.
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
  "the MAC check failed: the other party changed a value on its way. Nothing that depends on it was revealed; the " +
  "session has ended and its keys are destroyed.";
