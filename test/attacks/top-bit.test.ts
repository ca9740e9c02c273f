// An error of 2^63 in an opening. In an earlier version the upper words were sent after the weights were known, so the
// error could be taken back whenever its weight was even.
import { expect, test } from "vitest";
import { concatBytes, readWord, wordBytes } from "../../lib/crypto/bytes";
import { CheckError } from "../../lib/errors";
import { makeSquares } from "../../lib/preprocessing/malicious/squares";
import { ring128 } from "../../lib/ring";
import { checkMacs, openChecked } from "../../lib/sharing/mac-check";
import { rowsOf } from "../../lib/sharing/mac-rows";
import { OpeningLog, openShares } from "../../lib/sharing/opening";
import { dealAuthenticated } from "../support/authenticated";
import { createLinkPair, endLink, type Tap } from "../support/links";
import { dealOtStates } from "../support/machines";

/** Number of tries of each attack: 10,000 with SPDZLAB_CHEAT=all. */
const TRIES = process.env.SPDZLAB_CHEAT === "all" ? 10_000 : 400;

/** Add 2^bit to the first word of a message. */
function shifted(message: Uint8Array, bit: bigint): Uint8Array {
  const copy = message.slice();
  copy.set(wordBytes(BigInt.asUintN(64, readWord(copy) + (1n << bit))));
  return copy;
}

/** Add 2^bit to the first element of the rows, which may follow a commitment. */
function shiftedRows(message: Uint8Array, count: number, bit: bigint): Uint8Array {
  const at = message.length - 16 * rowsOf(count);
  const rows = ring128.fromBytes(message.slice(at), rowsOf(count));
  const error = ring128.fromBigInts(Array.from({ length: rowsOf(count) }, (_, i) => (i ? 0n : 1n << bit)));
  return concatBytes(message.subarray(0, at), ring128.toBytes(ring128.add(rows, error)));
}

type Step = "opens" | "claims";

/** Party 1 lies in an opening or a claimed zero; in the rows it keeps lying, or takes it back. */
async function attempt(seed: number, count: number, step: Step, bit: bigint, repeats: boolean) {
  const { identities, keys, share } = dealAuthenticated(seed);
  const values = Array.from({ length: count }, (_, i) =>
    step === "claims" && i === 0 ? 1n << bit : BigInt(i),
  );
  const shares = share(values);
  const masks = share(
    Array.from({ length: rowsOf(count) }, () => 0n),
    true,
  );
  const tap: Tap = (message) => {
    if (message.from !== 1) return;
    if (message.what === "opens") message.payload = shifted(message.payload, bit);
    if (message.what === "MAC check" && repeats) message.payload = shiftedRows(message.payload, count, bit);
  };
  const links = createLinkPair(step === "opens" ? tap : undefined);
  const run = async (party: 0 | 1) => {
    const log = new OpeningLog();
    if (step === "opens") await openShares(links[party], log, [shares[party]], "opens");
    else log.claimZero(shares[party]);
    await checkMacs(links[party], identities[party], keys[party], log.drain(), masks[party]);
  };
  const cheat = run(1).catch(() => undefined);
  const result = await run(0).catch((error: unknown) => error);
  endLink(links[1]);
  await cheat;
  return result;
}

test.each([
  ["an opening, kept up in the rows", "opens", true, 3],
  ["an opening, taken back in the rows", "opens", false, 3],
  ["one opening of many, kept up in the first row", "opens", true, 70],
  ["one opening of many, taken back", "opens", false, 70],
  ["a claimed zero", "claims", false, 3],
  ["a claimed zero of many", "claims", false, 70],
] as const)("an error of 2^63, 2^62 or 2^61 in %s is never accepted", async (_, step, repeats, count) => {
  for (let i = 0; i < TRIES / 4; i++)
    expect(await attempt(i, count, step, BigInt(63 - (i % 3)), repeats)).toBeInstanceOf(CheckError);
});

test.each([63n, 62n, 61n])("an error of 2^%s in a revealed value is never accepted", async (bit) => {
  for (let seed = 0; seed < TRIES / 4; seed++) {
    const { identities, keys, share } = dealAuthenticated(seed);
    const [x, masks] = [share([5n]), share([0n], true)];
    const links = createLinkPair((message) => {
      if (message.from === 1 && message.what === "opens")
        message.payload = shiftedRows(message.payload, 1, bit);
    });
    const run = (party: 0 | 1) =>
      openChecked(
        links[party],
        identities[party],
        keys[party],
        x[party],
        new OpeningLog(),
        masks[party],
        "opens",
      );
    const cheat = run(1).catch(() => undefined);
    const result = await run(0).catch((error: unknown) => error);
    endLink(links[1]);
    await cheat;
    expect(result).toBeInstanceOf(CheckError);
  }
});

test("an error of 2^63 in the product behind squares is never accepted", async () => {
  for (let seed = 1; seed <= TRIES / 10; seed++) {
    const states = dealOtStates(seed);
    const links = createLinkPair((message) => {
      // The masked factors of 16 squares are the only message of this size.
      if (message.from === 1 && message.payload.length === 16 * 16)
        message.payload = shifted(message.payload, 63n);
    });
    const cheat = makeSquares(links[1], states[1], 16).catch(() => undefined);
    const result = await makeSquares(links[0], states[0], 16).catch((error: unknown) => error);
    endLink(links[1]);
    await cheat;
    expect(result).toBeInstanceOf(CheckError);
  }
});
