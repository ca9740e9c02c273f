/**
 * The randomness of random tests. A test that fails prints the seed; `SPDZLAB_SEED=N npm test -- FILE` repeats the run.
 * Import `fc` from here, not from fast-check, so that its properties start from the same seed.
 */
import { createHash, randomInt } from "node:crypto";
import * as fc from "fast-check";
import { beforeEach } from "vitest";
import { createPrg, type Prg, SEED_BYTES } from "../../lib/crypto/prg";

export { fc };

const LIMIT = 2 ** 31;

/** Seed of this run: SPDZLAB_SEED if it is set. */
export const seed = readSeed(process.env.SPDZLAB_SEED) ?? randomInt(LIMIT);
fc.configureGlobal({ seed });

let stream = streamOf("outside of a test");

// A test draws from a stream of its own, so that it can be repeated without those before it.
beforeEach(({ task, onTestFailed }) => {
  stream = streamOf(task.name);
  onTestFailed(() => {
    process.stderr.write(`"${task.name}" used random values. To repeat them: SPDZLAB_SEED=${seed}\n`);
  });
});

/** Random bytes, as many as wanted. */
export function drawBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  stream.fill(bytes);
  return bytes;
}

/** A random seed for `createPrg`. */
export function drawSeed(): Uint8Array {
  return drawBytes(SEED_BYTES);
}

/** A random number from 0 up to, not including, 1: use it instead of Math.random. */
export function uniform(): number {
  return Buffer.from(drawBytes(4)).readUInt32LE() / 2 ** 32;
}

/** @throws {RangeError} `text` is not an integer that fast-check takes as a seed */
export function readSeed(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < LIMIT) return number;
  throw new RangeError(`SPDZLAB_SEED must be an integer from 0 to ${LIMIT - 1}, got ${text}`);
}

function streamOf(name: string): Prg {
  const hash = createHash("sha256").update(`${seed} ${name}`).digest();
  return createPrg(new Uint8Array(hash.subarray(0, SEED_BYTES)));
}
