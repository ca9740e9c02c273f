import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Job } from "../wire/job";
import { bytesOfJob } from "../wire/job";
import { CHUNK_BYTES, chunksOf, nameRun, type RunContext, RunSealer, readHeader } from "../wire/run";
import { drawResultKey } from "../wire/seal";
import { Runs } from "./runs";

const job: Job = { job: 7, kind: "triple", start: 64, count: 50_000 };
const context: RunContext = { sid: "0123456789abcdef", party: 0 };
const pair = "00112233445566aa";
const chunks = chunksOf(bytesOfJob(job));

/** What a worker seals for a job, and the items. */
function seal(key: Uint8Array, { party, sid, made }: Partial<RunContext> & { made?: Job } = {}, counter = 0) {
  const connection = randomBytes(32);
  const sealer = new RunSealer({ sid: sid ?? context.sid, party: party ?? 0 }, pair, key, connection);
  const items = new Uint8Array(randomBytes(bytesOfJob(job)));
  const run = nameRun(connection, counter);
  return { run, items: items.slice(), sealed: sealer.seal(made ?? job, run, items), left: items };
}

const addAll = (runs: Runs, key: Uint8Array, sealed: readonly Uint8Array[]) =>
  sealed.map((bytes, i) => runs.add(key, readHeader(bytes)!, i, sealed.length));

test("a run arrives in chunks of any order, and is taken once", () => {
  const key = drawResultKey();
  const { run, items, sealed, left } = seal(key);
  expect(chunks).toBe(2);
  expect(left.every((byte) => byte === 0)).toBe(true);
  const runs = new Runs(context, job);
  expect(runs.add(key, readHeader(sealed[1]!)!, 1, 2)).toBe(true);
  expect(runs.complete).toEqual([]);
  expect(runs.take(run)).toBeUndefined();
  expect(runs.add(key, readHeader(sealed[0]!)!, 0, 2)).toBe(true);
  expect(runs.complete).toEqual([run]);
  expect(Buffer.compare(runs.take(run)!, items)).toBe(0);
  expect(runs.take(run)).toBeUndefined();
  // What is delivered again afterwards is refused too.
  expect(addAll(runs, key, sealed)).toEqual([false, false]);
});

test("chunks that are repeated, altered, swapped or for something else are refused", () => {
  const key = drawResultKey();
  const { run, sealed } = seal(key);
  const runs = new Runs(context, job);
  const header = (i: number) => readHeader(sealed[i]!)!;
  expect(runs.add(key, header(0), 1, 2)).toBe(false);
  expect(runs.add(key, header(0), 0, 3)).toBe(false);
  expect(runs.add(drawResultKey(), header(0), 0, 2)).toBe(false);
  for (const at of [12, 45, 60, 70, sealed[0]!.length - 1]) {
    const altered = sealed[0]!.slice();
    altered[at]! ^= 1;
    expect(runs.add(key, readHeader(altered)!, 0, 2)).toBe(false);
  }
  for (const other of [
    { party: 1 as const },
    { sid: "fedcba9876543210" },
    { made: { ...job, job: 8 } },
    { made: { ...job, start: 65 } },
    { made: { ...job, kind: "square" as const } },
  ])
    expect(addAll(runs, key, seal(key, other).sealed)).toEqual([false, false]);
  expect(runs.complete).toEqual([]);
  expect(addAll(runs, key, sealed)).toEqual([true, true]);
  expect(addAll(runs, key, sealed)).toEqual([false, false]);
  expect(runs.complete).toEqual([run]);
});

test("of several runs one is taken, and the others are gone", () => {
  const key = drawResultKey();
  const runs = new Runs(context, job);
  const made = [seal(key), seal(key)];
  for (const { sealed } of made) addAll(runs, key, sealed);
  expect(runs.complete).toEqual(made.map(({ run }) => run));
  expect(Buffer.compare(runs.take(made[1]!.run)!, made[1]!.items)).toBe(0);
  expect(runs.take(made[0]!.run)).toBeUndefined();
  expect(runs.complete).toEqual([]);
});

test("unfinished runs make room for others", () => {
  const key = drawResultKey();
  const runs = new Runs(context, job);
  for (let i = 0; i < 10; i++) runs.add(key, readHeader(seal(key).sealed[0]!)!, 0, 2);
  const last = seal(key);
  expect(addAll(runs, key, last.sealed)).toEqual([true, true]);
  expect(runs.complete).toEqual([last.run]);
  expect(CHUNK_BYTES).toBeLessThan(2 ** 20);
});
