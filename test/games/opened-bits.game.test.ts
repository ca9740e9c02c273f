// The check of opened bits: an adversary that opens another bit than it has.
import { expect, test } from "vitest";
import { BitLog, checkBits } from "../../lib/sharing/bit-log";
import { openBits } from "../../lib/sharing/bit-opening";
import { BLOCK } from "../../lib/sharing/bits";
import { dealBits } from "../support/bits";
import { LARGE, lists, max, mean, play, report, type Trace, upTo, type Watch } from "./game";

/** Secret bits of delta, above the lowest one; how many bits are opened. */
interface Size {
  readonly secret: number;
  readonly count: number;
}

/**
 * The chance that a changed opening passes, by exhaustive search. The adversary knows its MACs, and names a bit and, in
 * effect, a MAC for each opening: the right one, or the right one plus an error. Delta times the flipped bit is the error
 * that fits, for every opening.
 */
function best({ secret, count }: Size): number {
  const deltas = upTo(2 ** secret).map((i) => 2 * i + 1);
  const words = 2 ** (secret + 1);
  const moves = lists(2 * words, count)
    .map((list) => list.map((move) => ({ flips: move % 2, error: move >> 1 })))
    .filter((list) => list.some(({ flips }) => flips === 1));
  return max(moves, (list) =>
    mean(deltas, (delta) => (list.every(({ flips, error }) => error === flips * delta) ? 1 : 0)),
  );
}

const bound = ({ secret }: Size) => 2 ** -secret;

/** A run of the code that ships, in which party 1 adds to its block before it opens: to the MAC, and to the bit. */
async function run(delta: number, errors: readonly number[], watch: Watch = {}): Promise<boolean> {
  const { keys, identities, share } = dealBits(6);
  // The honest party's delta is a toy: few of its bits are unknown.
  keys[0].delta.fill(0);
  new DataView(keys[0].delta.buffer).setUint16(0, delta, true);
  const shares = share(errors.map((_, i) => i & 1));
  const changed = shares[1].own.slice();
  errors.forEach((error, i) => {
    changed[i * BLOCK]! ^= error & 255;
    changed[i * BLOCK + 1]! ^= error >> 8;
  });
  const side = (party: 0 | 1) => async (link: Parameters<typeof openBits>[0]) => {
    const log = new BitLog();
    const own = party === 1 ? changed : shares[0].own;
    await openBits(link, keys[party], log, { own, keys: shares[party].keys });
    await checkBits(link, identities[party], [log]);
  };
  return (await play(side(0), side(1), watch)).accepted;
}

const sizes: Size[] = [
  { secret: 1, count: 1 },
  { secret: 3, count: 1 },
  { secret: 2, count: 2 },
  ...(LARGE ? [{ secret: 3, count: 2 }] : []),
];

test.each(sizes)("a flipped bit passes exactly as often as delta is guessed: %o", (size) => {
  const toy = `${size.secret} secret bits of delta, ${size.count} bits`;
  const row = report({ check: "opened bits", toy, bound: bound(size), best: best(size) });
  expect(row.best).toBe(row.bound);
});

test("in the code, bits and hashes are exchanged in this order, and withholding is never accepted", async () => {
  const trace: Trace = [];
  expect(await run(9, [0, 0], { trace })).toBe(true);
  expect(trace).toEqual(["send", "receive", "send", "receive"]);
  for (const hangUp of [0, 1]) expect(await run(9, [0, 0], { hangUp })).toBe(false);
});

test("in the code, of all errors only delta itself passes, for every delta", async () => {
  for (const delta of upTo(8).map((i) => 2 * i + 1))
    for (const error of upTo(16)) {
      const accepted = error === 0 || error === delta;
      expect(await run(delta, [error]), `${delta}, ${error}`).toBe(accepted);
      expect(await run(delta, [0, error, 0])).toBe(accepted);
    }
  // Two guesses at once are no better than one.
  for (const [first, second] of lists(8, 2)) {
    const errors = [first!, second!];
    expect(await run(5, errors)).toBe(errors.every((error) => error === 0 || error === 5));
  }
});
