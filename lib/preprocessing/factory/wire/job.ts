import { bytesOfFields, bytesOfItem, type Kind, partsOf } from "../../kinds/kinds";
import { burn, PLAIN, type RawVector } from "../../kinds/raw";
import type { BatchSizes } from "../../producer";
import { semiHonestMakers } from "../../semi-honest/items";

/** A batch that workers are to make. */
export interface Job {
  /** Counts the batches of a session, the same at both parties. */
  readonly job: number;
  readonly kind: Kind;
  readonly start: number;
  readonly count: number;
}

/** A job has at most so many of a worker's own batches, and about so many bytes, so that handing it over pays. */
const BATCHES = 4;
const JOB_BYTES = 4 * 2 ** 20;
/** A worker makes no more bytes for a job. */
const MOST_BYTES = 2 * JOB_BYTES;
/** A job with less work is made sooner by the embedded producer. */
const LEAST_MICROS = 10_000;

/** Whether workers make a kind. */
export function isFactoryKind(kind: string): kind is keyof typeof semiHonestMakers {
  return Object.hasOwn(semiHonestMakers, kind);
}

/** Microseconds of work in a job. */
export function microsOf({ kind, count }: Pick<Job, "kind" | "count">): number {
  return isFactoryKind(kind) ? semiHonestMakers[kind].micros * count : 0;
}

/** Whether a job is worth handing to workers. */
export function isWorthwhile(job: Pick<Job, "kind" | "count">): boolean {
  return microsOf(job) >= LEAST_MICROS;
}

/** The sizes of jobs, from the sizes of the embedded producer's batches. */
export function jobSizes(kind: Kind, { least, most }: BatchSizes): BatchSizes {
  if (!isFactoryKind(kind)) return { least, most };
  const fitting = Math.floor(JOB_BYTES / bytesOfItem(partsOf(kind), PLAIN));
  return { least, most: Math.max(most, Math.min(BATCHES * most, fitting)) };
}

/** Split a number of items into batches of nearly the same size, none of them larger than `most`. */
export function split(count: number, most: number): number[] {
  const parts = Math.ceil(count / most);
  return Array.from({ length: parts }, (_, i) => Math.ceil((count - i) / parts));
}

/** Bytes of a job's items. */
export function bytesOfJob({ kind, count }: Pick<Job, "kind" | "count">): number {
  return count * bytesOfItem(partsOf(kind), PLAIN);
}

/** Join batches of the same kind, and overwrite them. */
export function joinBatches(batches: readonly RawVector[][]): RawVector[] {
  if (batches.length === 1) return [...batches[0]!];
  return batches[0]!.map((_, field) => {
    const parts = batches.map((fields) => fields[field]!);
    const values = new Uint8Array(parts.reduce((sum, part) => sum + part.values.length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part.values, at);
      at += part.values.length;
      burn(part);
    }
    return { values, macs: new Uint8Array(0) };
  });
}

/** Write items without MACs one field after another, and overwrite them. */
export function packItems(fields: readonly RawVector[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field.values, at);
    at += field.values.length;
    burn(field);
  }
  return bytes;
}

/** Read items that `packItems` wrote, and overwrite them. */
export function unpackItems({ kind, count }: Pick<Job, "kind" | "count">, bytes: Uint8Array): RawVector[] {
  let at = 0;
  const fields = bytesOfFields(partsOf(kind), PLAIN).map(({ value }) => {
    const values = bytes.slice(at, at + count * value);
    at += count * value;
    return { values, macs: new Uint8Array(0) };
  });
  bytes.fill(0);
  return fields;
}

/**
 * Read a job from a message, strictly.
 *
 * @returns undefined if it is not a job that a worker makes
 */
export function readJob(value: unknown): Job | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { job, kind, start, count } = value as Record<string, unknown>;
  if (typeof kind !== "string" || !isFactoryKind(kind)) return undefined;
  if (!isCount(job) || !isCount(start) || !isCount(count) || count === 0) return undefined;
  if (bytesOfJob({ kind, count }) > MOST_BYTES) return undefined;
  return { job, kind, start, count };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
